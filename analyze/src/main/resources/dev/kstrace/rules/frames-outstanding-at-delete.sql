-- rule:     frames-outstanding-at-delete
-- severity: warning
-- basis:    heuristic
-- reads:    suspect_allocators
-- why:      DeleteAllocator was entered while frames were still handed out; whoever holds them
--           now holds memory that is gone.
-- fix:      Free every frame before the allocator is deleted.
-- source:   ks-reference L13 (the order of frees and delete is not documented)
-- limits:   An implementation that frees inside DeleteAllocator does not show it at this layer,
--           hence a warning; pins that carve one block (slab) are excused.
SELECT
  delete_seq AS seq,
  [seq] AS related_seqs,
  pin,
  context,
  NULL::UBIGINT AS frame,
  alloc_id,
  'delete' AS site,
  CASE WHEN surely_live_at_delete = 0 THEN 'info' ELSE 'warning' END AS severity,
  CASE WHEN surely_live_at_delete = 0 THEN 'possible' ELSE 'certain' END AS certainty,
  'delete with ' || live_at_delete || ' of ' || allocates || ' frames still outstanding'
    || coalesce(' (' || (live_at_delete * nullif(frame_size, 0)) || ' bytes)', '') AS message
FROM suspect_allocators
WHERE state = 'deleted'
  AND live_at_delete > 0
  AND NOT slab
ORDER BY delete_seq
