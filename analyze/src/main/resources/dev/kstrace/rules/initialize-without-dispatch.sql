-- rule:     initialize-without-dispatch
-- severity: error
-- basis:    derived
-- reads:    suspect_allocators
-- needs:    has_dispatch
-- why:      The pin offers no KSALLOCATOR_DISPATCH, yet its InitializeAllocator was called: the
--           recorder confuses pins, or the harness calls what is not there.
-- fix:      Check which pin the hook reports, and that the pin was created with the descriptor that
--           is thought.
-- source:   ddi/ks/ns-ks-_kspin_dispatch; derived from the documented duties of allocator and
--           caller; no page states it
-- limits:   Only where the pin_create says that there is no table.
SELECT
  seq,
  []::UBIGINT[] AS related_seqs,
  pin,
  context,
  NULL::UBIGINT AS frame,
  alloc_id,
  'initialize' AS site,
  CASE WHEN pin_doubt THEN 'info' ELSE 'error' END AS severity,
  CASE WHEN pin_doubt THEN 'possible' ELSE 'certain' END AS certainty,
  'initialize on pin ' || hex(pin) || ', which offers no allocator' AS message
FROM suspect_allocators
WHERE created
  AND NOT has_dispatch
ORDER BY seq
