-- rule:     outstanding-growth
-- severity: warning
-- basis:    heuristic
-- reads:    suspect_runs, run_windows, allocators, trace_info, unfreed_frames
-- needs:    pin_state
-- param:    min_windows 10 windows [2..] whole windows that the time in RUN must have
-- param:    min_rises 3 windows [1..] windows whose level is above that of the one before
-- param:    window_s 5 s [1..600] length of a window
-- why:      While the pin runs, the fewest frames that are out rise from one window to the next and
--           never fall: frames are taken faster than they come back, or some never come back.
-- fix:      Look at who holds the oldest frames: a clone that is not deleted, a list that only
--           grows.
-- source:   derived from the documented duties of allocator and caller; no page states it
--           (stream/introduction-to-stream-pointers on clones)
-- limits:   Only the first hour of a time in RUN. Silent where the level reaches Frames and stays
--           (a full pipe is normal) and where frames of the allocator are never freed by the
--           orderly end, which is frame-leak.
WITH
  params AS (SELECT 10 AS min_windows, 3 AS min_rises, 5 AS window_s),
  levels AS (
    SELECT
      r.alloc_id,
      r.start_seq,
      w.second - w.second % p.window_s AS win,
      min(w.least_live) AS least
    FROM suspect_runs r
    JOIN run_windows w ON w.alloc_id = r.alloc_id AND w.start_seq = r.start_seq, params p
    GROUP BY r.alloc_id, r.start_seq, w.second - w.second % p.window_s
    HAVING count(*) = min(p.window_s)
  ),
  steps AS (
    SELECT
      alloc_id,
      start_seq,
      win,
      least,
      lag(least) OVER (PARTITION BY alloc_id, start_seq ORDER BY win) AS before
    FROM levels
  ),
  growth AS (
    SELECT
      alloc_id,
      start_seq,
      count(*) AS windows,
      sum(CASE WHEN least > before THEN 1 ELSE 0 END) AS rises,
      sum(CASE WHEN least < before THEN 1 ELSE 0 END) AS falls,
      min(least) AS lowest,
      max(least) AS highest
    FROM steps
    GROUP BY alloc_id, start_seq
  )
SELECT
  g.start_seq AS seq,
  [a.seq] AS related_seqs,
  a.pin,
  a.context,
  NULL::UBIGINT AS frame,
  g.alloc_id,
  'RUN' AS site,
  CASE WHEN t.lost > 0 OR t.lost_unknown THEN 'info' ELSE 'warning' END AS severity,
  CASE WHEN t.whole THEN 'certain' ELSE 'possible' END AS certainty,
  'the frames that are always out rise from ' || g.lowest || ' to ' || g.highest || ' over '
    || (g.windows * p.window_s) || ' s of RUN' AS message
FROM growth g
JOIN allocators a ON a.alloc_id = g.alloc_id, trace_info t, params p
WHERE g.windows >= p.min_windows
  AND g.rises >= p.min_rises
  AND g.falls = 0
  AND (coalesce(a.frames, 0) = 0 OR g.highest < a.frames)
  AND NOT a.slab
  AND NOT (t.clean_end AND g.alloc_id IN (SELECT u.alloc_id FROM unfreed_frames u))
ORDER BY g.start_seq, g.alloc_id
