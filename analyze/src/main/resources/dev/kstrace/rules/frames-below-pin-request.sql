-- rule:     frames-below-pin-request
-- severity: info
-- basis:    heuristic
-- reads:    suspect_allocators, pin_framings
-- needs:    framing_ex, framing
-- why:      The create request has fewer Frames than the pin's framing asks for; the pin may run
--           out of frames.
-- fix:      Let the graph manager take the largest Frames of the pipe; codecs should support 3 at
--           least.
-- source:   stream/specifying-allocator-framing-in-avstream-codecs; ddi/ks/ns-ks-ks_framing_item
-- limits:   Information. Silent where the item or the create request has no requirement (0).
SELECT
  a.seq,
  [a.framing_seq] AS related_seqs,
  a.pin,
  a.context,
  NULL::UBIGINT AS frame,
  a.alloc_id,
  'initialize' AS site,
  'info' AS severity,
  CASE WHEN a.pin_doubt THEN 'possible' ELSE 'certain' END AS certainty,
  'Frames is ' || a.frames || ', the pin asks for ' || min(f.frames) AS message
FROM suspect_allocators a
JOIN pin_framings f ON f.seq = a.framing_seq AND f.pin_id = a.pin_id
WHERE a.created
  AND a.frames > 0
  AND NOT a.framing_met
GROUP BY a.seq, a.framing_seq, a.pin, a.context, a.alloc_id, a.pin_doubt, a.frames
HAVING min(f.frames) > a.frames
ORDER BY a.seq
