-- rule:     allocation-churn
-- severity: info
-- basis:    heuristic
-- reads:    suspect_runs
-- needs:    pin_state
-- param:    min_ns 10000000000 ns [5000000000..] length of the time in RUN
-- param:    min_share 0.5 ratio [0.25..] pairs of allocate and free per frame period
-- why:      Frames are allocated and freed at the frame rate: they are not recycled, so that every
--           frame costs two calls and, in most allocators, two pool operations.
-- fix:      Keep freed frames in a list and hand them out again, or let the default allocator do
--           so.
-- source:   derived from the documented duties of allocator and caller; no page states it
--           (stream/ks-allocators: the default allocator may reuse frames)
-- limits:   A hint about speed, no fault: sources of the KS 1.0 kind work like this. Only for long
--           times in RUN whose frame period is known.
WITH
  params AS (SELECT 10000000000 AS min_ns, 0.5 AS min_share),
  lengths AS (
    SELECT
      r.*,
      least(r.allocates, r.frees) AS pairs,
      CAST(r.t_end AS DECIMAL(20, 0)) - r.t_start AS length_ns
    FROM suspect_runs r
  )
SELECT
  min(r.start_seq) AS seq,
  []::UBIGINT[] AS related_seqs,
  min(r.pin) AS pin,
  min(r.context) AS context,
  NULL::UBIGINT AS frame,
  r.alloc_id,
  'RUN' AS site,
  'info' AS severity,
  'possible' AS certainty,
  sum(r.pairs) || ' frames were allocated and freed in '
    || CAST(ms(sum(r.length_ns)) AS BIGINT) || ' ms of RUN, with a frame period of '
    || CAST(us(min(r.period_ns)) AS BIGINT) || ' us' AS message
FROM lengths r, params p
WHERE r.length_ns >= p.min_ns
  AND CAST(r.pairs AS DECIMAL(20, 0)) * r.period_ns >= p.min_share * r.length_ns
GROUP BY r.alloc_id
ORDER BY seq
