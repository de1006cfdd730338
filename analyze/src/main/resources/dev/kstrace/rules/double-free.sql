-- rule:     double-free
-- severity: error
-- basis:    derived
-- reads:    suspects
-- why:      The last thing that happened to this frame was a free; a second free gives the same
--           memory back twice.
-- fix:      Give each frame back once; clear the pointer where it is freed.
-- source:   ddi/ks/nc-ks-pfnksdefaultfree; debugger/bug-check-0xc2 (6, 7), 0xc4 (13, 14)
-- limits:   Not where the address was handed out again in between. After a loss it can only
--           suspect.
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
  'frame ' || hex(frame) || ' is freed again; it was freed at seq ' || related_seq AS message
FROM suspects
WHERE op = 'free'
  AND allocator_state = 'live'
  AND frame_state = 'freed'
ORDER BY seq, frame
