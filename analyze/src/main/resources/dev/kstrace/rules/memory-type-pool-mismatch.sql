-- rule:     memory-type-pool-mismatch
-- severity: warning
-- basis:    contract
-- reads:    suspect_allocators, pin_framings
-- needs:    framing_ex, framing
-- why:      The pin's framing asks for another memory type than the PoolType of the create request
--           gives: KERNEL_PAGED means PagedPool, KERNEL_NONPAGED means NonPagedPool.
-- fix:      Let the graph manager honour MemoryType; set PREFERENCES_ONLY in the pin's framing only
--           if the pin can live with any memory.
-- source:   ddi/ks/ns-ks-ks_framing_item
-- limits:   One item that fits suffices. Information where an item says PREFERENCES_ONLY: then it
--           is a wish that was not granted, yet paged frames in a DPC stop the system. Only for
--           system memory.
WITH
  fits AS (
    SELECT
      a.alloc_id,
      max(CASE
        WHEN f.memory_type = 'KSMEMORY_TYPE_KERNEL_PAGED' THEN
          CASE WHEN a.pool_type = 1 THEN 1 ELSE 0 END
        WHEN f.memory_type = 'KSMEMORY_TYPE_KERNEL_NONPAGED' THEN
          CASE WHEN a.pool_type IN (0, 512) THEN 1 ELSE 0 END
        ELSE 1
      END) AS fits,
      max(CASE WHEN f.flags & 2147483648 <> 0 THEN 1 ELSE 0 END) AS preference,
      min(f.memory_type) AS wanted
    FROM suspect_allocators a
    JOIN pin_framings f ON f.seq = a.framing_seq AND f.pin_id = a.pin_id
    WHERE a.created
      AND a.options_flags & 2 <> 0
      AND NOT a.framing_met
    GROUP BY a.alloc_id
  )
SELECT
  a.seq,
  [a.framing_seq] AS related_seqs,
  a.pin,
  a.context,
  NULL::UBIGINT AS frame,
  a.alloc_id,
  'initialize' AS site,
  CASE WHEN f.preference = 1 OR a.pin_doubt THEN 'info' ELSE 'warning' END AS severity,
  CASE WHEN a.pin_doubt THEN 'possible' ELSE 'certain' END AS certainty,
  'PoolType is ' || pool_type(a.pool_type) || ', the pin asks for ' || f.wanted
    || CASE WHEN f.preference = 1 THEN ' as a preference' ELSE '' END AS message
FROM suspect_allocators a
JOIN fits f ON f.alloc_id = a.alloc_id
WHERE f.fits = 0
ORDER BY a.seq
