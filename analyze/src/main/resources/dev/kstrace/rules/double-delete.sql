-- rule:     double-delete
-- severity: error
-- basis:    contract
-- reads:    suspects
-- why:      DeleteAllocator releases the allocator; a second one for the same initialize works on
--           memory that is gone.
-- fix:      Call DeleteAllocator once per successful InitializeAllocator.
-- source:   ddi/ks/nc-ks-pfnksdeleteallocator
-- limits:   A context value that a newer initialize returned belongs to the newer allocator.
SELECT
  seq,
  [related_seq] AS related_seqs,
  pin,
  context,
  frame,
  alloc_id,
  layer || ' ' || op AS site,
  CASE WHEN doubt THEN 'info' ELSE 'error' END AS severity,
  CASE WHEN doubt OR allocator_doubt THEN 'possible' ELSE 'certain' END AS certainty,
  'second delete of context ' || hex(context) || ', which was deleted at seq '
    || related_seq AS message
FROM suspects
WHERE op = 'delete'
  AND allocator_state = 'deleted'
ORDER BY seq, frame
