-- rule:     interior-free
-- severity: error
-- basis:    derived
-- reads:    suspects
-- why:      The address lies inside a live frame but is not its start; Free takes the address
--           that Allocate returned.
-- fix:      Free the frame's base address, not a pointer that was moved past a header or prefix.
-- source:   debugger/bug-check-0xc2 (46), 0xc4 (16)
-- limits:   Needs the frame's size: the size column, else FrameSize.
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
  'address ' || hex(frame) || ' is freed, ' || (frame - base_frame) || ' bytes inside frame '
    || hex(base_frame) || ' (allocated at seq ' || related_seq || ')' AS message
FROM suspects
WHERE op = 'free'
  AND allocator_state = 'live'
  AND frame_state = 'inside'
ORDER BY seq, frame
