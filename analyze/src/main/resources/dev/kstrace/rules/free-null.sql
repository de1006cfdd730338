-- rule:     free-null
-- severity: warning
-- basis:    heuristic
-- reads:    suspects
-- why:      Free was called with the NULL pointer; an allocate that failed has nothing to give
--           back.
-- fix:      Do not free what was not allocated.
-- source:   derived from the documented duties of allocator and caller; no page states it (the
--           page says nothing about NULL)
-- limits:   Callback layer.
SELECT
  seq,
  []::UBIGINT[] AS related_seqs,
  pin,
  context,
  frame,
  alloc_id,
  layer || ' ' || op AS site,
  'warning' AS severity,
  CASE WHEN allocator_doubt THEN 'possible' ELSE 'certain' END AS certainty,
  'free of NULL with context ' || hex(context) AS message
FROM suspects
WHERE layer = 'callback'
  AND op = 'free'
  AND allocator_state = 'live'
  AND frame_state = 'null'
ORDER BY seq, frame
