-- rule:     starvation
-- severity: warning
-- basis:    contract
-- reads:    suspect_runs, allocators, trace_info, unfreed_frames
-- needs:    pin_state
-- param:    min_ns 250000000 ns [100000000..] how long no frame comes back at least
-- param:    min_periods 5 periods [2..] how long no frame comes back, in frame periods
-- param:    min_frees 8 frames [8..] frees in a time in RUN from which on frames are said to come
--           and go
-- why:      In RUN all Frames were out and none came back for long, while somebody waited for one:
--           one segment of the graph holds what another one needs.
-- fix:      Give each separate segment an allocator of its own; look at who holds the frames.
-- source:   stream/allocation-schemes (the threshold is heuristic)
-- limits:   A warning only where an allocate got nothing meanwhile; else information, since a pipe
--           may idle. Only where frames came and went before, in the same time in RUN. Silent in
--           PAUSE and at the end of the trace, and where a frame is never freed by the orderly end
--           (frame-leak).
WITH params AS (SELECT 250000000 AS min_ns, 5 AS min_periods, 8 AS min_frees)
SELECT
  r.full_seq AS seq,
  [r.start_seq] AS related_seqs,
  r.pin,
  r.context,
  NULL::UBIGINT AS frame,
  r.alloc_id,
  'RUN' AS site,
  CASE
    WHEN r.refused = 0 OR t.fault_injection OR t.lost > 0 OR t.lost_unknown THEN 'info'
    ELSE 'warning'
  END AS severity,
  CASE WHEN t.whole THEN 'certain' ELSE 'possible' END AS certainty,
  'all ' || a.frames || ' frames are out for ' || CAST(ms(r.full_ns) AS BIGINT) || ' ms of RUN'
    || CASE WHEN r.refused > 0 THEN '; ' || r.refused || ' allocates got nothing' ELSE '' END
    AS message
FROM suspect_runs r
JOIN allocators a ON a.alloc_id = r.alloc_id, trace_info t, params p
WHERE r.full_ns > greatest(p.min_ns, p.min_periods * coalesce(r.period_ns, 0))
  AND r.frees_before_full >= p.min_frees
  AND r.ended_by <> 'end of trace'
  AND NOT (t.clean_end AND r.alloc_id IN (SELECT u.alloc_id FROM unfreed_frames u))
ORDER BY r.full_seq, r.alloc_id
