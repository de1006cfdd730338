-- rule:     repeated-allocation-failure
-- severity: warning
-- basis:    heuristic
-- reads:    suspect_allocators, trace_info
-- param:    min_failures 16 calls [2..] failures with no success between
-- param:    min_ns 1000000000 ns from the first to the last of them
-- why:      Every allocate failed for a while: streaming stands still, and the memory is not coming
--           back by itself.
-- fix:      Find what holds the memory: frames that do not come back, a limit of the allocator's
--           own, a pool that is used up.
-- source:   ddi/ks/nc-ks-pfnksdefaultallocate; derived from the documented duties of allocator and
--           caller; no page states it
-- limits:   Silent where the trace declares fault injection (metadata kstrace.fault_injection, or a
--           mark with low_resources or fault_injection). After a loss it can only suspect.
WITH params AS (SELECT 16 AS min_failures, 1000000000 AS min_ns)
SELECT
  a.failed_row_seq AS seq,
  []::UBIGINT[] AS related_seqs,
  a.pin,
  a.context,
  NULL::UBIGINT AS frame,
  a.alloc_id,
  'callback allocate' AS site,
  CASE WHEN t.lost > 0 OR t.lost_unknown THEN 'info' ELSE 'warning' END AS severity,
  CASE WHEN t.whole THEN 'certain' ELSE 'possible' END AS certainty,
  a.failed_row || ' allocates in a row returned NULL, over ' || CAST(ms(a.failed_row_ns) AS BIGINT)
    || ' ms' AS message
FROM suspect_allocators a, trace_info t, params p
WHERE a.failed_row >= p.min_failures
  AND a.failed_row_ns >= p.min_ns
  AND NOT t.fault_injection
ORDER BY seq
