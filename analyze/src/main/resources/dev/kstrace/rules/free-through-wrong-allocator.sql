-- rule:     free-through-wrong-allocator
-- severity: error
-- basis:    contract
-- reads:    suspects
-- why:      The context says which allocator a frame goes back to; this frame is live in another
--           one.
-- fix:      Keep a frame's allocator context with the frame, and free through that.
-- source:   ddi/ks/nc-ks-pfnksdefaultfree
-- limits:   Not where both allocators have the same context value.
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
  'frame ' || hex(frame) || ' of allocator #' || other_alloc_id || ' (allocated at seq '
    || related_seq || ') is freed through allocator #' || alloc_id AS message
FROM suspects
WHERE op = 'free'
  AND allocator_state = 'live'
  AND frame_state = 'live_elsewhere'
ORDER BY seq, frame
