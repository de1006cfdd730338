-- rule:     outstanding-exceeds-frames
-- severity: warning
-- basis:    contract
-- reads:    suspects, allocators
-- needs:    framing
-- why:      Frames is the number of frames that may be outstanding at once; more were.
-- fix:      Wait for a free frame, or negotiate a larger Frames.
-- source:   ddi/ks/ns-ks-ksallocator_framing
-- limits:   An error at the client layers; a warning at the callbacks, where the caller breaks
--           it. Recycling can only hide an excess.
SELECT
  s.seq,
  [a.seq] AS related_seqs,
  s.pin,
  s.context,
  s.frame,
  s.alloc_id,
  s.layer || ' allocate' AS site,
  CASE
    WHEN s.surely_live_after <= a.frames THEN 'info'
    WHEN s.layer = 'callback' THEN 'warning'
    ELSE 'error'
  END AS severity,
  CASE WHEN s.surely_live_after <= a.frames OR s.allocator_doubt THEN 'possible' ELSE 'certain' END
    AS certainty,
  s.live_after || ' frames are outstanding, Frames = ' || a.frames AS message
FROM suspects s
JOIN allocators a ON a.alloc_id = s.alloc_id
WHERE s.op = 'allocate'
  AND a.frames > 0
  AND s.live_before = a.frames
  AND s.live_after = a.frames + 1
ORDER BY s.seq, s.frame
