-- rule:     events-lost
-- severity: info
-- basis:    recorder
-- reads:    losses
-- why:      Events are missing here; what they would have explained is reported as possible from
--           here on.
-- fix:      Record again with more room: a larger buffer of the recorder, or one that lets the host
--           wait; for an imported file, more and larger buffers of the session that made it. What
--           a session or a full ring has dropped cannot be had from the file.
-- source:   trace format, section 4
-- limits:   A hole in seq counts as a loss; so does an events_lost row.
SELECT
  seq,
  []::UBIGINT[] AS related_seqs,
  NULL::UBIGINT AS pin,
  NULL::UBIGINT AS context,
  NULL::UBIGINT AS frame,
  CAST(NULL AS BIGINT) AS alloc_id,
  cause AS site,
  'info' AS severity,
  'certain' AS certainty,
  coalesce(CAST(count AS STRING), 'an unknown number of')
    || CASE WHEN count = 1 THEN ' event is lost (' ELSE ' events are lost (' END
    || cause || ')' AS message
FROM losses
ORDER BY seq
