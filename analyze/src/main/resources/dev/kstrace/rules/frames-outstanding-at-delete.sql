-- rule:     frames-outstanding-at-delete
-- severity: warning
-- basis:    heuristic
-- reads:    suspect_allocators, trace_info
-- why:      DeleteAllocator was entered while frames were still handed out; whoever holds them
--           now holds memory that is gone.
-- fix:      Free every frame before the allocator is deleted.
-- source:   derived from the documented duties of allocator and caller; no page states it (the
--           order of frees and delete is not documented)
-- limits:   An implementation that frees inside DeleteAllocator does not show it at this layer,
--           hence a warning; pins that carve one block (slab) are excused. Only possible where a
--           loss or a cut may hide a free that was inside when delete came.
SELECT
  a.delete_seq AS seq,
  [a.seq] AS related_seqs,
  a.pin,
  a.context,
  NULL::UBIGINT AS frame,
  a.alloc_id,
  'delete' AS site,
  CASE WHEN a.surely_live_at_delete = 0 THEN 'info' ELSE 'warning' END AS severity,
  CASE
    WHEN a.surely_live_at_delete = 0 OR a.doubt OR a.pin_doubt OR NOT t.clean_end THEN 'possible'
    ELSE 'certain'
  END AS certainty,
  'delete with ' || a.live_at_delete || ' of ' || a.allocates || ' frames still outstanding'
    || coalesce(' (' || (a.live_at_delete * nullif(a.frame_size, 0)) || ' bytes)', '') AS message
FROM suspect_allocators a, trace_info t
WHERE a.state = 'deleted'
  AND a.live_at_delete > 0
  AND NOT a.slab
ORDER BY a.delete_seq
