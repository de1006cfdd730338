-- rule:     null-context
-- severity: warning
-- basis:    heuristic
-- reads:    suspect_allocators, trace_info
-- why:      InitializeAllocator succeeded and returned NULL as context; the other callbacks get
--           nothing else, so they cannot know which pin and which framing they work for.
-- fix:      Allocate a structure with the pin and a copy of the framing, and return its address as
--           the context.
-- source:   ddi/ks/nc-ks-pfnkspininitializeallocator
-- limits:   Information where the trace has one pin only: a global variable would do. Silent where
--           the context was not recorded.
SELECT
  a.seq,
  []::UBIGINT[] AS related_seqs,
  a.pin,
  a.context,
  NULL::UBIGINT AS frame,
  a.alloc_id,
  'initialize' AS site,
  CASE WHEN t.pins > 1 THEN 'warning' ELSE 'info' END AS severity,
  'certain' AS certainty,
  'initialize succeeded with the context NULL' AS message
FROM suspect_allocators a, trace_info t
WHERE a.created
  AND a.context = 0
ORDER BY a.seq
