-- rule:     invalid-compression-ratio
-- severity: warning
-- basis:    derived
-- reads:    suspect_pin_framings, trace_info
-- needs:    framing_ex
-- why:      OutputCompression has a numerator or a denominator of 0, so that sizes behind this pin
--           cannot be computed.
-- fix:      Write 1/1 with margin 0 where the pin does not change the size, as the declaration
--           macros do.
-- source:   ddi/ks/ns-ks-ks_compression; derived from the documented duties of allocator and
--           caller; no page states it
-- limits:   Sees what the recorder read from the pin's framing.
SELECT
  f.seq,
  []::UBIGINT[] AS related_seqs,
  f.pin,
  NULL::UBIGINT AS context,
  NULL::UBIGINT AS frame,
  CAST(NULL AS BIGINT) AS alloc_id,
  'pin framing' AS site,
  'warning' AS severity,
  CASE WHEN t.lost > 0 OR t.lost_unknown THEN 'possible' ELSE 'certain' END AS certainty,
  'OutputCompression of pin ' || hex(f.pin) || ' is '
    || coalesce(CAST(f.ratio_numerator AS STRING), '?') || '/'
    || coalesce(CAST(f.ratio_denominator AS STRING), '?') AS message
FROM suspect_pin_framings f, trace_info t
WHERE (f.ratio_numerator = 0 OR f.ratio_denominator = 0)
  AND coalesce(f.item, 1) = 1
ORDER BY f.seq, f.pin
