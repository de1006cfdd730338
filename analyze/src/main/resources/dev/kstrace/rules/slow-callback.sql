-- rule:     slow-callback
-- severity: warning
-- basis:    derived
-- reads:    suspects, allocators, pin_states, trace_info
-- needs:    t_exit
-- param:    max_ns 500000000 ns [100000000..] the limit of Driver Verifier
-- param:    large_bytes 67108864 bytes frames of an allocator, together, from which on an
--           initialize may take long
-- why:      The callback took so long that Driver Verifier's timing rule for pin callbacks would
--           stop, or that a frame period passed meanwhile.
-- fix:      Do the slow part before streaming starts: allocate all frames when the pin goes to
--           ACQUIRE, and hand out what is there.
-- source:   devtest/ks-kstimedpincallbacks (that it covers allocator callbacks is derived)
-- limits:   A warning above the limit of Driver Verifier, information above one frame period in
--           RUN. An initialize of very large frames is information. Silent where the trace declares
--           a slow-down (metadata kstrace.slowdown).
WITH
  params AS (SELECT 500000000 AS max_ns, 67108864 AS large_bytes),
  periods AS (
    SELECT pin_id, max(period_ns) AS period_ns
    FROM pin_states
    WHERE period_ns > 0
    GROUP BY pin_id
  )
SELECT
  s.seq,
  []::UBIGINT[] AS related_seqs,
  s.pin,
  s.context,
  s.frame,
  s.alloc_id,
  s.op AS site,
  CASE
    WHEN s.duration_ns <= p.max_ns THEN 'info'
    WHEN s.op = 'initialize' AND CAST(a.frames AS DECIMAL(20, 0)) * a.frame_size >= p.large_bytes
      THEN 'info'
    ELSE 'warning'
  END AS severity,
  CASE WHEN s.duration_ns > p.max_ns OR t.whole THEN 'certain' ELSE 'possible' END AS certainty,
  s.op || ' took ' || CAST(ms(s.duration_ns) AS BIGINT) || ' ms'
    || CASE
      WHEN s.duration_ns <= p.max_ns
        THEN ', longer than the frame period of ' || CAST(ms(d.period_ns) AS BIGINT) || ' ms'
      ELSE ''
    END AS message
FROM suspects s
JOIN allocators a ON a.alloc_id = s.alloc_id
LEFT JOIN periods d ON d.pin_id = s.pin_id, trace_info t, params p
WHERE s.layer = 'callback'
  AND (
    s.duration_ns > p.max_ns
    OR s.op IN ('allocate', 'free')
      AND s.pin_state = 3
      AND s.duration_ns > d.period_ns
  )
  AND NOT t.slowed_down
ORDER BY s.seq, s.frame
