-- rule:     callback-after-pin-close
-- severity: warning
-- basis:    derived
-- reads:    suspect_allocators, trace_info
-- needs:    pin_create, t_exit
-- why:      The allocator was used after its pin had closed; what is in the pin's object bag is
--           freed then, and an allocator's context usually lives there.
-- fix:      Delete the allocator before the pin goes, or keep its context outside the pin's bag.
-- source:   stream/object-bags; ddi/ks/ns-ks-_kspin; derived from the documented duties of
--           allocator and caller; no page states it
-- limits:   A warning for an allocate; information where only frees and the delete come late, or
--           where another pin is open that may share the allocator. Silent where the close was
--           pended or its return was not observed.
SELECT
  coalesce(a.late_allocate_seq, a.late_seq) AS seq,
  [a.pin_close_seq] AS related_seqs,
  a.pin,
  a.context,
  NULL::UBIGINT AS frame,
  a.alloc_id,
  CASE WHEN a.late_allocate_seq IS NULL THEN 'free or delete' ELSE 'allocate' END AS site,
  CASE
    WHEN a.late_allocate_seq IS NULL OR a.pins_open > 0 OR a.doubt THEN 'info'
    ELSE 'warning'
  END AS severity,
  CASE WHEN t.whole THEN 'certain' ELSE 'possible' END AS certainty,
  a.late_calls || CASE WHEN a.late_calls = 1 THEN ' call' ELSE ' calls' END
    || ' after pin ' || hex(a.pin) || ' was closed at seq ' || a.pin_close_seq AS message
FROM suspect_allocators a, trace_info t
WHERE a.late_calls > 0
ORDER BY seq
