-- rule:     illegal-state-step
-- severity: error
-- basis:    contract
-- reads:    suspect_steps
-- needs:    flags
-- why:      A standard-transport pin steps through STOP, ACQUIRE, PAUSE and RUN one at a time,
--           each step from where the last one led.
-- fix:      Go through the states between; set the pin's flags if it does not use the standard
--           transport.
-- source:   ddi/ks/nc-ks-pfnkspinsetdevicestate
-- limits:   Silent for non-standard pins and where the flags are unknown; a step that starts
--           where the last one started is a refused transition.
WITH
  steps AS (
    SELECT s.*, abs(CAST(s.to_state AS DECIMAL(20, 0)) - s.from_state) AS distance
    FROM suspect_steps s
    WHERE s.standard_transport
  )
SELECT
  seq,
  []::UBIGINT[] AS related_seqs,
  pin,
  NULL::UBIGINT AS context,
  NULL::UBIGINT AS frame,
  CAST(NULL AS BIGINT) AS alloc_id,
  pin_state(from_state) || ' to ' || pin_state(to_state) AS site,
  CASE WHEN doubt AND distance = 1 THEN 'info' ELSE 'error' END AS severity,
  CASE WHEN doubt THEN 'possible' ELSE 'certain' END AS certainty,
  'pin ' || hex(pin) || ' goes from ' || pin_state(from_state) || ' to ' || pin_state(to_state)
    || CASE
      WHEN distance = 1 THEN ', but it was in ' || pin_state(previous_to)
      ELSE ', which is not a single step'
    END AS message
FROM steps
WHERE distance <> 1
  OR from_state <> previous_to
    AND from_state IS DISTINCT FROM previous_from
ORDER BY seq
