-- rule:     allocator-not-deleted
-- severity: error
-- basis:    contract
-- reads:    suspect_allocators, trace_info
-- why:      Every allocator that InitializeAllocator made holds system resources until
--           DeleteAllocator releases them; this one is still alive at the orderly end of the
--           trace or at driver_unload.
-- fix:      Close the allocator's handle, so that DeleteAllocator is called, before the driver
--           goes.
-- source:   ddi/ks/nc-ks-pfnksdeleteallocator
-- limits:   Silent on a trace that was cut: the delete may follow behind the cut.
SELECT
  a.seq,
  []::UBIGINT[] AS related_seqs,
  a.pin,
  a.context,
  NULL::UBIGINT AS frame,
  a.alloc_id,
  'initialize' AS site,
  CASE WHEN a.doubt THEN 'info' ELSE 'error' END AS severity,
  CASE WHEN a.doubt THEN 'possible' ELSE 'certain' END AS certainty,
  'the allocator with context ' || coalesce(hex(a.context), 'unknown')
    || ' is never deleted' AS message
FROM suspect_allocators a, trace_info t
WHERE t.clean_end
  AND a.created
  AND (a.state = 'live' OR a.live_at_unload)
ORDER BY a.seq
