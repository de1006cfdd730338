-- rule:     invalid-range
-- severity: error
-- basis:    contract
-- reads:    suspect_pin_framings, trace_info
-- needs:    framing_ex
-- why:      A range of frame sizes makes no sense: its smallest size is above its largest, or its
--           stepping is wider than the range, which makes behaviour unpredictable.
-- fix:      Write MinFrameSize <= MaxFrameSize, and a Stepping of at most their difference.
-- source:   ddi/ks/ns-ks-ks_framing_range
-- limits:   An error where Min > Max, a warning for the stepping. Not where Min = Max (macro and
--           samples write any stepping there), nor for the range that means any size.
WITH
  ranges AS (
    SELECT
      seq,
      pin,
      item,
      'PhysicalRange' AS member,
      physical_min AS low,
      physical_max AS high,
      physical_stepping AS stepping
    FROM suspect_pin_framings
    UNION ALL
    SELECT seq, pin, item, 'FramingRange', optimal_min, optimal_max, optimal_stepping
    FROM suspect_pin_framings
  )
SELECT
  seq,
  []::UBIGINT[] AS related_seqs,
  pin,
  NULL::UBIGINT AS context,
  NULL::UBIGINT AS frame,
  CAST(NULL AS BIGINT) AS alloc_id,
  member AS site,
  CASE WHEN low > high THEN 'error' ELSE 'warning' END AS severity,
  CASE WHEN t.lost > 0 OR t.lost_unknown THEN 'possible' ELSE 'certain' END AS certainty,
  member || ' of item ' || item || ' of pin ' || hex(pin) || ' is ' || low || ' to ' || high
    || CASE WHEN low > high THEN '' ELSE ' in steps of ' || stepping END AS message
FROM ranges, trace_info t
WHERE low > high
  OR low < high
    AND stepping > CAST(high AS DECIMAL(20, 0)) - low
    AND NOT (low = 0 AND high = 4294967295)
ORDER BY seq, pin, item, member
