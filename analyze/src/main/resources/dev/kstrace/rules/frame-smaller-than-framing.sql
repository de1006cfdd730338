-- rule:     frame-smaller-than-framing
-- severity: error
-- basis:    contract
-- reads:    suspects, allocators
-- needs:    size, framing
-- why:      An allocator allocates frames as its framing describes them; this one is shorter than
--           FrameSize, so whoever fills it writes past its end.
-- fix:      Store FrameSize at InitializeAllocator (a copy of the 24 bytes) and allocate at least
--           that much.
-- source:   ddi/ks/nc-ks-pfnksdefaultallocate
-- limits:   Only where size was recorded; a larger frame is fine.
SELECT
  s.seq,
  [a.seq] AS related_seqs,
  s.pin,
  s.context,
  s.frame,
  s.alloc_id,
  s.op AS site,
  'error' AS severity,
  CASE WHEN s.allocator_doubt THEN 'possible' ELSE 'certain' END AS certainty,
  'frame ' || hex(s.frame) || ' has ' || s.size || ' bytes, FrameSize is '
    || a.frame_size AS message
FROM suspects s
JOIN allocators a ON a.alloc_id = s.alloc_id
WHERE s.layer = 'callback'
  AND s.allocator_state = 'live'
  AND s.op = 'allocate'
  AND s.frame > 0
  AND s.frame_state NOT IN ('live', 'ghost')
  AND a.frame_size > 0
  AND s.size < a.frame_size
ORDER BY s.seq, s.frame
