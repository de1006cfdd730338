-- rule:     callback-without-initialize
-- severity: error
-- basis:    contract
-- reads:    suspects
-- why:      The context that allocate, free and delete receive is the one that a successful
--           InitializeAllocator returned; no such call was seen for this value.
-- fix:      Pass on the context exactly as InitializeAllocator stored it, and only after it
--           succeeded.
-- source:   ddi/ks/nc-ks-pfnkspininitializeallocator
-- limits:   Callback layer. Where recording began late or events were lost it can only suspect.
SELECT
  seq,
  [related_seq] AS related_seqs,
  pin,
  context,
  frame,
  alloc_id,
  layer || ' ' || op AS site,
  CASE WHEN doubt THEN 'info' ELSE 'error' END AS severity,
  CASE WHEN doubt THEN 'possible' ELSE 'certain' END AS certainty,
  op || ' with context ' || hex(context)
    || ', which no successful initialize has returned'
    || coalesce('; the initialize of seq ' || related_seq || ' failed and left it behind', '')
    AS message
FROM suspects
WHERE layer = 'callback'
  AND op IN ('allocate', 'free', 'delete')
  AND allocator_state = 'none'
ORDER BY seq, frame
