-- rule:     incomplete-dispatch-table
-- severity: error
-- basis:    contract
-- reads:    suspect_pins
-- needs:    dispatch
-- why:      KSALLOCATOR_DISPATCH holds the callbacks that an allocator must have, and one of the
--           four is NULL: AVStream will call it.
-- fix:      Fill in all four members, or offer no table at all; mind their order, DeleteAllocator
--           is the second.
-- source:   ddi/ks/ns-ks-_ksallocator_dispatch
-- limits:   Needs a recorder that reads the table (key dispatch of pin_create). Silent for a pin
--           without table.
SELECT
  create_seq AS seq,
  []::UBIGINT[] AS related_seqs,
  pin,
  NULL::UBIGINT AS context,
  NULL::UBIGINT AS frame,
  CAST(NULL AS BIGINT) AS alloc_id,
  dispatch_missing AS site,
  'error' AS severity,
  'certain' AS certainty,
  'the dispatch table of pin ' || hex(pin) || ' lacks ' || dispatch_missing AS message
FROM suspect_pins
WHERE dispatch_missing <> ''
  AND has_dispatch IS DISTINCT FROM false
ORDER BY create_seq
