-- rule:     allocate-in-stop
-- severity: info
-- basis:    heuristic
-- reads:    suspect_allocators, trace_info
-- needs:    pin_state
-- param:    grace_ns 1000000000 ns [100000000..] how soon a start may follow
-- why:      A frame was allocated while the pin was in STOP and nobody started it: a pin in STOP
--           should hold the least resources.
-- fix:      Allocate when the pin goes to ACQUIRE.
-- source:   stream/ksproperty-connection-state; derived from the documented duties of allocator and
--           caller; no page states it (the moment of allocation is not documented)
-- limits:   Information, once per allocator. Silent where the trace has no states of the pin, or
--           ends within the time.
WITH params AS (SELECT 1000000000 AS grace_ns)
SELECT
  a.idle_allocate_seq AS seq,
  []::UBIGINT[] AS related_seqs,
  a.pin,
  a.context,
  NULL::UBIGINT AS frame,
  a.alloc_id,
  'callback allocate' AS site,
  'info' AS severity,
  CASE WHEN t.whole THEN 'certain' ELSE 'possible' END AS certainty,
  'allocate in STOP; the pin stays there for ' || CAST(ms(a.idle_ns) AS BIGINT) || ' ms more'
    AS message
FROM suspect_allocators a, trace_info t, params p
WHERE a.idle_ns > p.grace_ns
ORDER BY seq
