-- rule:     allocator-traffic-on-nonstandard-pin
-- severity: warning
-- basis:    derived
-- reads:    suspect_allocators
-- needs:    flags
-- why:      A pin that does not use the standard transport has no pipe and no queue, and a pin in
--           injection mode submits frames of its own: neither needs an allocator, yet one was made.
-- fix:      Check the pin's flags, and that the allocator was opened on the right pin.
-- source:   stream/frame-injection; stream/avstream-pipes-and-circuits; derived from the documented
--           duties of allocator and caller; no page states it
-- limits:   Silent where flags and injection are not recorded.
SELECT
  seq,
  []::UBIGINT[] AS related_seqs,
  pin,
  context,
  NULL::UBIGINT AS frame,
  alloc_id,
  'initialize' AS site,
  CASE WHEN pin_doubt THEN 'info' ELSE 'warning' END AS severity,
  CASE WHEN pin_doubt THEN 'possible' ELSE 'certain' END AS certainty,
  'initialize on pin ' || hex(pin)
    || CASE
      WHEN injection THEN ', which is in injection mode'
      ELSE ', which does not use the standard transport'
    END AS message
FROM suspect_allocators
WHERE created
  AND (injection OR NOT standard_transport)
ORDER BY seq
