-- rule:     duplicate-live-address
-- severity: error
-- basis:    derived
-- reads:    suspects
-- why:      The allocator handed out a frame that it had handed out before and not got back: two
--           owners write into one frame.
-- fix:      Take a frame off the free list before it is returned; protect the list with a lock.
-- source:   derived from the documented duties of allocator and caller; no page states it
-- limits:   Not where a free took effect in between. After a loss it can only suspect.
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
  'frame ' || hex(frame) || ' is handed out again; it is live since seq ' || related_seq AS message
FROM suspects
WHERE op = 'allocate'
  AND allocator_state = 'live'
  AND frame_state = 'live'
ORDER BY seq, frame
