-- rule:     frame-held-too-long
-- severity: warning
-- basis:    heuristic
-- reads:    suspect_runs, run_windows, trace_info, unfreed_frames
-- needs:    pin_state
-- param:    min_ns 1000000000 ns [250000000..] how long a frame must be out at least
-- param:    min_periods 10 periods [5..] how long it must be out, in frame periods
-- param:    min_frees 30 frames [1..] others that come back in the whole seconds in which it is
--           overdue
-- why:      One frame stayed out while many others of the same allocator came and went: its holder
--           has forgotten it, and the stream has one frame less.
-- fix:      Look at the last holder of the frame: a clone that is not deleted on cancel or reset, a
--           queue that is not drained.
-- source:   derived from the documented duties of allocator and caller; no page states it
--           (stream/introduction-to-stream-pointers on clones)
-- limits:   In RUN, for an allocator whose frames come and go; of each time in RUN the frame that
--           was out longest. Silent where a frame of the allocator is never freed by the orderly
--           end (frame-leak).
WITH
  params AS (SELECT 1000000000 AS min_ns, 10 AS min_periods, 30 AS min_frees),
  held AS (
    SELECT
      r.alloc_id,
      r.start_seq,
      r.pin,
      r.context,
      r.held_seq,
      r.held_frame,
      r.held_ns,
      CAST(r.t_held AS DECIMAL(20, 0))
        + greatest(p.min_ns, p.min_periods * coalesce(r.period_ns, 0)) AS t_overdue,
      CAST(r.t_held AS DECIMAL(20, 0)) + r.held_ns AS t_back
    FROM suspect_runs r, params p
    WHERE NOT r.slab
      AND r.held_ns >= greatest(p.min_ns, p.min_periods * coalesce(r.period_ns, 0))
  ),
  turnover AS (
    SELECT h.alloc_id, h.start_seq, sum(w.frees) AS frees
    FROM held h
    JOIN run_windows w ON w.alloc_id = h.alloc_id AND w.start_seq = h.start_seq
    WHERE w.t_start >= h.t_overdue
      AND w.t_start <= h.t_back - 1000000000
    GROUP BY h.alloc_id, h.start_seq
  )
SELECT
  h.held_seq AS seq,
  []::UBIGINT[] AS related_seqs,
  h.pin,
  h.context,
  h.held_frame AS frame,
  h.alloc_id,
  'callback allocate' AS site,
  CASE WHEN t.lost > 0 OR t.lost_unknown THEN 'info' ELSE 'warning' END AS severity,
  CASE WHEN t.whole THEN 'certain' ELSE 'possible' END AS certainty,
  'frame ' || hex(h.held_frame) || ' is out for ' || CAST(ms(h.held_ns) AS BIGINT)
    || ' ms in RUN; ' || o.frees || ' others came back while it was overdue' AS message
FROM held h
JOIN turnover o ON o.alloc_id = h.alloc_id AND o.start_seq = h.start_seq, trace_info t, params p
WHERE o.frees >= p.min_frees
  AND NOT (t.clean_end AND h.alloc_id IN (SELECT u.alloc_id FROM unfreed_frames u))
ORDER BY h.held_seq, h.held_frame
