-- rule:     irql-above-dispatch
-- severity: error
-- basis:    contract
-- reads:    suspects
-- needs:    irql_entry
-- why:      Pool may be allocated and freed, and allocator callbacks may run, at DISPATCH_LEVEL
--           at most.
-- fix:      Queue a DPC or a work item from the interrupt, and call the allocator there.
-- source:   debugger/bug-check-0xc4 (02, 12); ddi/ks/ns-ks-ksstreamallocator_functiontable
-- limits:   Callback layer.
SELECT
  seq,
  []::UBIGINT[] AS related_seqs,
  pin,
  context,
  frame,
  alloc_id,
  layer || ' ' || op AS site,
  'error' AS severity,
  'certain' AS certainty,
  op || ' at ' || irql(irql_entry) || ', above DISPATCH_LEVEL' AS message
FROM suspects
WHERE layer = 'callback'
  AND irql_entry > 2
ORDER BY seq, frame
