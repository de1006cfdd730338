-- rule:     use-after-delete
-- severity: error
-- basis:    contract
-- reads:    suspects
-- why:      After DeleteAllocator the allocator is no longer used, neither to allocate nor to
--           free.
-- fix:      Free all frames, and stop all users of the allocator, before DeleteAllocator is
--           called.
-- source:   ddi/ks/nc-ks-pfnksdeleteallocator
-- limits:   Callback layer. A context value that a newer initialize returned belongs to the newer
--           allocator. A call that was already inside when delete came is delete-overlaps-use.
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
  op || ' with context ' || hex(context) || ' after the allocator was deleted at seq '
    || related_seq AS message
FROM suspects
WHERE layer = 'callback'
  AND op IN ('allocate', 'free')
  AND allocator_state = 'deleted'
  AND NOT overlaps_delete
ORDER BY seq, frame
