-- rule:     allocator-never-used
-- severity: info
-- basis:    contract
-- reads:    suspect_pins, trace_info
-- needs:    has_dispatch, pin_state
-- why:      The pin offers an allocator and went to RUN, and its allocator was not called. This is
--           normal where a neighbour is in user mode or another allocator of the pipe was chosen.
-- fix:      Nothing, unless the allocator was expected: then look at the other pins of the pipe.
-- source:   stream/avstream-allocators
-- limits:   Information. Silent where the peer is known to be in user mode, and for pins without
--           the standard transport.
SELECT
  p.run_seq AS seq,
  []::UBIGINT[] AS related_seqs,
  p.pin,
  NULL::UBIGINT AS context,
  NULL::UBIGINT AS frame,
  CAST(NULL AS BIGINT) AS alloc_id,
  'RUN' AS site,
  'info' AS severity,
  CASE WHEN t.whole THEN 'certain' ELSE 'possible' END AS certainty,
  'pin ' || hex(p.pin) || ' runs without its allocator; normal if a neighbour is in user mode or'
    || ' another allocator was chosen' AS message
FROM suspect_pins p, trace_info t
WHERE p.has_dispatch
  AND NOT p.served
  AND p.run_seq IS NOT NULL
  AND p.peer_mode IS DISTINCT FROM 'user'
  AND p.standard_transport IS DISTINCT FROM false
ORDER BY p.run_seq
