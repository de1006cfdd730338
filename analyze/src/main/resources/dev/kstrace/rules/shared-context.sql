-- rule:     shared-context
-- severity: warning
-- basis:    heuristic
-- reads:    suspect_allocators
-- why:      Two allocators that are alive have the same context: what is freed or deleted through
--           it cannot be told to belong to the one or the other.
-- fix:      Return a context of its own for each InitializeAllocator. The pin's address will do
--           only while a pin has one allocator.
-- source:   ddi/ks/nc-ks-pfnkspininitializeallocator
-- limits:   Not where the first one was deleted before, nor for NULL (null-context). Information
--           where events were lost between the two.
SELECT
  seq,
  [shared_seq] AS related_seqs,
  pin,
  context,
  NULL::UBIGINT AS frame,
  alloc_id,
  'initialize' AS site,
  CASE WHEN shared_doubt THEN 'info' ELSE 'warning' END AS severity,
  CASE WHEN shared_doubt THEN 'possible' ELSE 'certain' END AS certainty,
  'initialize returned the context ' || hex(context)
    || ', which the live allocator of seq ' || shared_seq || ' has too' AS message
FROM suspect_allocators
WHERE created
  AND shared_seq IS NOT NULL
  AND context <> 0
ORDER BY seq
