-- rule:     system-memory-flag-missing
-- severity: error
-- basis:    contract
-- reads:    suspect_pins, pin_framings, trace_info
-- needs:    allocator_kind, framing_ex
-- why:      The default allocator serves this pin, and it hands out system memory; a pin that
--           relies on it must report KSALLOCATOR_REQUIREMENTF_SYSTEM_MEMORY, and this one does not.
-- fix:      Set KSALLOCATOR_REQUIREMENTF_SYSTEM_MEMORY in the Flags of the pin's framing item.
-- source:   stream/default-allocators; ddi/ks/ns-ks-ks_framing_item
-- limits:   Only where the pin_create says that the default allocator serves the pin. One item with
--           the flag suffices.
WITH
  wishes AS (
    SELECT seq, pin_id, max(flags & 2) AS system_memory
    FROM pin_framings
    WHERE flags IS NOT NULL
    GROUP BY seq, pin_id
  )
SELECT
  w.seq,
  []::UBIGINT[] AS related_seqs,
  p.pin,
  NULL::UBIGINT AS context,
  NULL::UBIGINT AS frame,
  CAST(NULL AS BIGINT) AS alloc_id,
  'pin framing' AS site,
  'error' AS severity,
  CASE WHEN t.lost > 0 OR t.lost_unknown THEN 'possible' ELSE 'certain' END AS certainty,
  'pin ' || hex(p.pin) || ' is served by the default allocator, but its framing lacks '
    || 'KSALLOCATOR_REQUIREMENTF_SYSTEM_MEMORY' AS message
FROM suspect_pins p
JOIN wishes w ON w.pin_id = p.pin_id, trace_info t
WHERE p.allocator_kind = 'default'
  AND w.system_memory = 0
ORDER BY w.seq
