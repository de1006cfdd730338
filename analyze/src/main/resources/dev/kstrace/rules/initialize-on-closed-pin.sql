-- rule:     initialize-on-closed-pin
-- severity: error
-- basis:    derived
-- reads:    suspect_allocators
-- needs:    pin_create, t_exit
-- why:      KSPIN lives from before the Create dispatch until Close returns; this initialize got a
--           pin that was closed, and reads memory that is gone.
-- fix:      Close the allocator's handle, and stop creating allocators, before the pin is closed.
-- source:   ddi/ks/ns-ks-_kspin; derived from the documented duties of allocator and caller; no
--           page states it
-- limits:   Silent where the close was pended or its return was not observed, and where the
--           initialize was entered before the close returned. After a loss it can only suspect.
SELECT
  seq,
  [closed_pin_seq] AS related_seqs,
  pin,
  context,
  NULL::UBIGINT AS frame,
  alloc_id,
  'initialize' AS site,
  CASE WHEN pin_doubt THEN 'info' ELSE 'error' END AS severity,
  CASE WHEN pin_doubt THEN 'possible' ELSE 'certain' END AS certainty,
  'initialize on pin ' || hex(pin) || ', which was closed at seq ' || closed_pin_seq AS message
FROM suspect_allocators
WHERE created
  AND closed_pin_seq IS NOT NULL
ORDER BY seq
