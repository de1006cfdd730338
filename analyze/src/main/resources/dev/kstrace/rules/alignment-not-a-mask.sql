-- rule:     alignment-not-a-mask
-- severity: warning
-- basis:    derived
-- reads:    suspect_allocators
-- needs:    framing
-- why:      FileAlignment is alignment minus one, so its binary form is all ones; this value is
--           not, which usually means that a size was stored.
-- fix:      Store 0x3F for 64 bytes, 0xFFF for a page; 0 for no requirement.
-- source:   ddi/ks/ns-ks-ksallocator_framing
-- limits:   Not for 2-D pitch. 1 is legal: a mask for 2 bytes.
SELECT
  seq,
  []::UBIGINT[] AS related_seqs,
  pin,
  context,
  NULL::UBIGINT AS frame,
  alloc_id,
  'initialize' AS site,
  'warning' AS severity,
  'certain' AS certainty,
  'FileAlignment is ' || hex(file_alignment) || ', not a mask of the form 2^k - 1'
    || CASE
      WHEN file_alignment & (file_alignment - 1) = 0
        THEN '; it looks like a size, was ' || hex(file_alignment - 1) || ' meant?'
      ELSE ''
    END AS message
FROM suspect_allocators
WHERE created
  AND options_flags & 32768 = 0
  AND file_alignment & (file_alignment + 1) <> 0
ORDER BY seq
