-- rule:     delete-overlaps-use
-- severity: error
-- basis:    contract
-- reads:    suspect_allocators
-- needs:    t_exit
-- why:      DeleteAllocator was entered while an allocate or free of the same allocator was still
--           inside; after delete is called the allocator is no longer used.
-- fix:      Wait for the calls in progress before the allocator is deleted (a rundown reference,
--           an event).
-- source:   ddi/ks/nc-ks-pfnksdeleteallocator
-- limits:   Judged by entry and return times; silent where a return was not observed.
SELECT
  delete_seq AS seq,
  [overlap_seq] AS related_seqs,
  pin,
  context,
  NULL::UBIGINT AS frame,
  alloc_id,
  'delete' AS site,
  'error' AS severity,
  CASE WHEN doubt_at_delete THEN 'possible' ELSE 'certain' END AS certainty,
  'delete was entered while the call of seq ' || overlap_seq || ' was still inside' AS message
FROM suspect_allocators
WHERE overlap_seq IS NOT NULL
ORDER BY delete_seq
