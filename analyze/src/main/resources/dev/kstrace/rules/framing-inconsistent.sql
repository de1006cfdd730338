-- rule:     framing-inconsistent
-- severity: warning
-- basis:    derived
-- reads:    suspect_pin_framings, pin_framings, allocators, trace_info
-- needs:    framing_ex
-- why:      The framing of this pin changed when another pin of the same type was created, and to
--           the very same values: the static descriptor, which all pins of the type share, was
--           edited in place.
-- fix:      Call KsEdit on descriptor and framing, with the bag's mutex held, before they are
--           changed: it makes a copy for this pin.
-- source:   ddi/ks/nf-ks-_ksedit; derived from the documented duties of allocator and caller; no
--           page states it
-- limits:   Needs a recorder that reads a pin's framing more than once. Silent where an allocator
--           was initialized on the pin in between, as after a change of format. Only suspects where
--           events were lost.
SELECT
  s.seq,
  [s.previous_seq, min(o.seq)] AS related_seqs,
  s.pin,
  NULL::UBIGINT AS context,
  NULL::UBIGINT AS frame,
  CAST(NULL AS BIGINT) AS alloc_id,
  'pin framing' AS site,
  CASE WHEN t.lost > 0 OR t.lost_unknown THEN 'info' ELSE 'warning' END AS severity,
  CASE WHEN t.whole THEN 'certain' ELSE 'possible' END AS certainty,
  'the framing of pin ' || hex(s.pin) || ' became that of pin ' || hex(min(o.pin))
    || ' of the same type, created at seq ' || min(o.seq) AS message
FROM suspect_pin_framings s
JOIN pin_framings o
  ON o.factory_id = s.factory_id
    AND o.pin_id <> s.pin_id
    AND o.previous_seq IS NULL
    AND o.seq > s.previous_seq
    AND o.seq < s.seq
    AND o.framing = s.framing
CROSS JOIN trace_info t
WHERE s.previous_seq IS NOT NULL
  AND coalesce(s.item, 1) = 1
  AND coalesce(o.item, 1) = 1
  AND NOT EXISTS (
    SELECT 1
    FROM allocators a
    WHERE a.pin_id = s.pin_id
      AND a.seq > s.previous_seq
      AND a.seq < s.seq
  )
GROUP BY s.seq, s.previous_seq, s.pin, t.lost, t.lost_unknown, t.whole
ORDER BY s.seq, s.pin
