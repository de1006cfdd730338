-- rule:     frames-outstanding-at-stop
-- severity: warning
-- basis:    heuristic
-- reads:    suspect_runs, allocators, trace_info, unfreed_frames
-- needs:    pin_state
-- param:    min_frees 8 frames [8..] frees in a time in RUN from which on its frames are said to
--           come and go
-- why:      The pin reached STOP while frames were out that it had taken in RUN; where they even
--           outlive the next start, somebody keeps them across the stop.
-- fix:      Give back every frame, and delete every clone, before the pin goes to STOP.
-- source:   derived from the documented duties of allocator and caller; no page states it
--           (stream/state-transitions, stream/resetting-state-in-avstream-codecs)
-- limits:   Information; a warning where frames outlive the next step out of STOP. Only where
--           frames come and go: a circuit takes its frames when it starts and keeps them. Silent
--           where frames of the allocator are never freed by the orderly end (frame-leak).
WITH params AS (SELECT 8 AS min_frees)
SELECT
  r.stop_seq AS seq,
  [r.start_seq, r.restart_seq] AS related_seqs,
  r.pin,
  r.context,
  NULL::UBIGINT AS frame,
  r.alloc_id,
  'STOP' AS site,
  CASE
    WHEN r.live_at_restart = 0 OR t.lost > 0 OR t.lost_unknown THEN 'info'
    ELSE 'warning'
  END AS severity,
  CASE WHEN t.whole THEN 'certain' ELSE 'possible' END AS certainty,
  'pin ' || hex(r.pin) || ' is in STOP with ' || r.live_at_stop || ' frames that it took in RUN'
    || CASE
      WHEN r.live_at_restart > 0
        THEN '; ' || r.live_at_restart || ' of them are still out when it starts again'
      ELSE ''
    END AS message
FROM suspect_runs r
JOIN allocators a ON a.alloc_id = r.alloc_id, trace_info t, params p
WHERE r.live_at_stop > 0
  AND r.frees >= p.min_frees
  AND NOT a.slab
  AND NOT (t.clean_end AND r.alloc_id IN (SELECT u.alloc_id FROM unfreed_frames u))
ORDER BY r.stop_seq, r.alloc_id
