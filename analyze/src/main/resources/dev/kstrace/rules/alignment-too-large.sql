-- rule:     alignment-too-large
-- severity: warning
-- basis:    heuristic
-- reads:    suspect_allocators
-- needs:    framing
-- why:      FileAlignment asks for more than a page. Pool gives page alignment at most, and ReactOS
--           refuses such a request.
-- fix:      Ask for 0xFFF at most; take memory with a larger alignment from a DMA adapter or as
--           contiguous memory.
-- source:   ddi/ks/ns-ks-ksallocator_framing; derived from the documented duties of allocator and
--           caller; no page states it (behaviour of ReactOS)
-- limits:   Not for 2-D pitch, nor for a value that is no mask (alignment-not-a-mask). What Windows
--           does is not known.
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
  'FileAlignment is ' || hex(file_alignment) || ', an alignment of ' || (file_alignment + 1)
    || ' bytes, more than a page' AS message
FROM suspect_allocators
WHERE created
  AND options_flags & 32768 = 0
  AND file_alignment > 4095
  AND file_alignment & (file_alignment + 1) = 0
ORDER BY seq
