-- rule:     lifecycle-not-at-passive
-- severity: warning
-- basis:    derived
-- reads:    suspects
-- needs:    irql_entry
-- why:      Initialize and delete run while a create request and a close are handled, at
--           PASSIVE_LEVEL; at a raised IRQL they can neither wait nor touch paged memory.
-- fix:      Create and close the allocator from a thread at PASSIVE_LEVEL, with no spin lock held.
-- source:   ddi/ks/nf-ks-kscreateallocator; derived from the documented duties of allocator and
--           caller; no page states it (the callback pages name no IRQL)
-- limits:   Information at APC_LEVEL. Above DISPATCH_LEVEL it is irql-above-dispatch; where the
--           level changes during the call, irql-not-restored.
SELECT
  seq,
  []::UBIGINT[] AS related_seqs,
  pin,
  context,
  frame,
  alloc_id,
  op AS site,
  CASE WHEN irql_entry = 1 THEN 'info' ELSE 'warning' END AS severity,
  'certain' AS certainty,
  op || ' at ' || irql(irql_entry) || ', expected PASSIVE_LEVEL' AS message
FROM suspects
WHERE layer = 'callback'
  AND op IN ('initialize', 'delete')
  AND irql_entry BETWEEN 1 AND 2
  AND coalesce(irql_exit = irql_entry, true)
ORDER BY seq, frame
