-- rule:     reserved-not-zero
-- severity: warning
-- basis:    contract
-- reads:    suspect_allocators, suspect_pin_framings, trace_info
-- needs:    framing
-- why:      Reserved fields are documented as zero; another value is uninitialised memory or a
--           field that was written by mistake.
-- fix:      Zero the whole KSALLOCATOR_FRAMING, or KSALLOCATOR_FRAMING_EX, before it is filled.
-- source:   ddi/ks/ns-ks-ksallocator_framing; ddi/ks/ns-ks-ksallocator_framing_ex;
--           ddi/ks/ns-ks-ks_framing_range_weighted
-- limits:   Reserved of the create framing; PinFlags, PinWeight and the two weights of each item
--           where a pin event recorded them. Never MemoryFlags and BusFlags.
WITH
  fields AS (
    SELECT seq, pin, context, alloc_id, 'initialize' AS site, 'Reserved' AS field,
      reserved AS number
    FROM suspect_allocators
    WHERE created
      AND reserved <> 0
    UNION ALL
    SELECT seq, pin, NULL, NULL, 'PinFlags', 'PinFlags of the pin''s framing', pin_flags
    FROM suspect_pin_framings
    WHERE pin_flags <> 0
      AND coalesce(item, 1) = 1
    UNION ALL
    SELECT seq, pin, NULL, NULL, 'PinWeight', 'PinWeight of the pin''s framing', pin_weight
    FROM suspect_pin_framings
    WHERE pin_weight <> 0
      AND coalesce(item, 1) = 1
    UNION ALL
    SELECT seq, pin, NULL, NULL, 'InPlaceWeight', 'InPlaceWeight of item ' || item,
      in_place_weight
    FROM suspect_pin_framings
    WHERE in_place_weight <> 0
    UNION ALL
    SELECT seq, pin, NULL, NULL, 'NotInPlaceWeight', 'NotInPlaceWeight of item ' || item,
      not_in_place_weight
    FROM suspect_pin_framings
    WHERE not_in_place_weight <> 0
  )
SELECT
  f.seq,
  []::UBIGINT[] AS related_seqs,
  f.pin,
  f.context,
  NULL::UBIGINT AS frame,
  f.alloc_id,
  f.site,
  'warning' AS severity,
  CASE
    WHEN f.alloc_id IS NULL AND (t.lost > 0 OR t.lost_unknown) THEN 'possible'
    ELSE 'certain'
  END AS certainty,
  f.field || ' is ' || hex(f.number) || ', documented as zero' AS message
FROM fields f, trace_info t
ORDER BY f.seq, f.field
