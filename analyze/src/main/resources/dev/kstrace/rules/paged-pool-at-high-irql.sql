-- rule:     paged-pool-at-high-irql
-- severity: error
-- basis:    contract
-- reads:    suspects, allocators
-- needs:    irql_entry, framing
-- why:      Paged pool may be allocated, freed and touched at APC_LEVEL at most; at
--           DISPATCH_LEVEL a page fault stops the system.
-- fix:      Ask for NonPagedPool where frames are moved in a DPC, or move them at PASSIVE_LEVEL.
-- source:   ddi/wdm/ne-wdm-_pool_type; debugger/bug-check-0xc4 (01, 11)
-- limits:   System memory only. A warning on pins that carve one block (slab). Above
--           DISPATCH_LEVEL it is irql-above-dispatch.
SELECT
  s.seq,
  [a.seq] AS related_seqs,
  s.pin,
  s.context,
  s.frame,
  s.alloc_id,
  s.op AS site,
  CASE WHEN a.slab THEN 'warning' ELSE 'error' END AS severity,
  CASE WHEN s.allocator_doubt OR a.pin_doubt THEN 'possible' ELSE 'certain' END AS certainty,
  s.op || ' at ' || irql(s.irql_entry) || ' with ' || pool_type(a.pool_type)
    || ', which allows APC_LEVEL at most' AS message
FROM suspects s
JOIN allocators a ON a.alloc_id = s.alloc_id
WHERE s.layer = 'callback'
  AND s.op IN ('allocate', 'free')
  AND s.allocator_state = 'live'
  AND s.irql_entry = 2
  AND a.pool_type IN (1, 5)
  AND a.options_flags & 2 <> 0
ORDER BY s.seq, s.frame
