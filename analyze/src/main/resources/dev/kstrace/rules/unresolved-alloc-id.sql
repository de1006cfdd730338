-- rule:     unresolved-alloc-id
-- severity: info
-- basis:    recorder
-- reads:    unresolved_calls, trace_info
-- why:      The recorder did not know the context of these callback-layer calls, so that they
--           belong to no allocator and are not judged.
-- fix:      Hook the callbacks themselves, where the context is the first argument.
-- source:   trace format, column context
-- limits:   Once per operation, with how many calls it concerns.
SELECT
  seq,
  []::UBIGINT[] AS related_seqs,
  NULL::UBIGINT AS pin,
  NULL::UBIGINT AS context,
  NULL::UBIGINT AS frame,
  CAST(NULL AS BIGINT) AS alloc_id,
  op AS site,
  'info' AS severity,
  CASE WHEN t.lost > 0 OR t.lost_unknown THEN 'possible' ELSE 'certain' END AS certainty,
  calls || ' callback-layer ' || op || CASE WHEN calls = 1 THEN ' has' ELSE 's have' END
    || ' no context' AS message
FROM unresolved_calls, trace_info t
ORDER BY seq
