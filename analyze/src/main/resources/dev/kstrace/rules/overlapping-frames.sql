-- rule:     overlapping-frames
-- severity: error
-- basis:    derived
-- reads:    suspects
-- why:      The bytes of the new frame are part of another live frame: both owners write into
--           them.
-- fix:      Check the slot size (rounded up to the alignment) and the index arithmetic of the
--           allocator.
-- source:   derived from the documented duties of allocator and caller; no page states it
-- limits:   Not for 2-D buffers, whose pitch hides the range; never across layers.
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
  'frame ' || hex(frame) || ' overlaps live frame ' || hex(base_frame) || ' of allocator #'
    || other_alloc_id || ' (allocated at seq ' || related_seq || ')' AS message
FROM suspects
WHERE op = 'allocate'
  AND allocator_state = 'live'
  AND frame_state IN ('inside', 'live_elsewhere')
ORDER BY seq, frame
