-- rule:     waiter-not-served
-- severity: warning
-- basis:    contract
-- reads:    pended_allocations, trace_info
-- needs:    irp_method
-- param:    max_ns 100000000 ns how long a waiter may wait after a free
-- why:      A frame came back while an ALLOC request was pended, and no client got a frame before
--           the next one came back, nor for a while: the waiter was not served.
-- fix:      Complete a pended request when a frame comes back, through a work item above
--           PASSIVE_LEVEL.
-- source:   stream/filter-specific-allocators; stream/ksmethod-streamallocator-free
-- limits:   Client layer. Silent where a client of the function table took the frame: both
--           interfaces compete. A request that is never served is pending-allocation-lost.
WITH params AS (SELECT 100000000 AS max_ns)
SELECT
  w.unserved_free_seq AS seq,
  [w.seq] AS related_seqs,
  w.pin,
  w.context,
  NULL::UBIGINT AS frame,
  w.alloc_id,
  'client free' AS site,
  CASE WHEN t.lost > 0 OR t.lost_unknown THEN 'info' ELSE 'warning' END AS severity,
  CASE WHEN t.whole THEN 'certain' ELSE 'possible' END AS certainty,
  'the request of seq ' || w.seq || ' is pended, but the frame that comes back serves nobody for '
    || CAST(ms(w.unserved_ns) AS BIGINT) || ' ms' AS message
FROM pended_allocations w, trace_info t, params p
WHERE w.unserved_ns > p.max_ns
  AND w.ended_by IS DISTINCT FROM 'delete'
ORDER BY w.unserved_free_seq, w.seq
