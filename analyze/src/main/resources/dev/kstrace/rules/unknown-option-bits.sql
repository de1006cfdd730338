-- rule:     unknown-option-bits
-- severity: warning
-- basis:    derived
-- reads:    suspect_allocators
-- needs:    framing
-- why:      A create request carries option flags (KSALLOCATOR_OPTIONF_VALID, 0x3); other bits
--           are requirement or pipe flags of a query, or garbage.
-- fix:      Translate the requirement flags of the query into option flags; keep COMPATIBLE and
--           SYSTEM_MEMORY only.
-- source:   derived from the documented duties of allocator and caller; no page states it (the
--           mask of Windows is not documented)
-- limits:   The 2-D flag and PREFERENCES_ONLY are such bits too.
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
  'OptionsFlags is ' || hex(options_flags) || ', outside KSALLOCATOR_OPTIONF_VALID (0x3)'
    || CASE
      WHEN options_flags & 4294967280 = 0
        THEN '; bits 2 and 3 are requirement flags of a query'
      ELSE ''
    END AS message
FROM suspect_allocators
WHERE created
  AND options_flags & 4294967292 <> 0
ORDER BY seq
