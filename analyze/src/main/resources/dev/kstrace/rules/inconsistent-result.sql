-- rule:     inconsistent-result
-- severity: error
-- basis:    recorder
-- reads:    suspects
-- why:      The recorded result contradicts itself: an allocate with an error status and a frame,
--           a status on a callback that has none, or an initialize without framing.
-- fix:      Record status only for initialize and for client-layer calls, and framing for every
--           initialize.
-- source:   trace format, section 1
-- limits:   An allocate with an error status makes no frame, whatever address it carries.
SELECT
  seq,
  []::UBIGINT[] AS related_seqs,
  pin,
  context,
  frame,
  alloc_id,
  layer || ' ' || op AS site,
  'error' AS severity,
  'certain' AS certainty,
  CASE
    WHEN op = 'initialize' THEN 'initialize without a framing'
    WHEN op = 'allocate' AND status < 0 AND frame > 0
      THEN 'allocate returned ' || ntstatus(status) || ' and frame ' || hex(frame)
    ELSE op || ' at the callback layer has status ' || ntstatus(status)
      || ', but the callback returns none'
  END AS message
FROM suspects
WHERE op = 'allocate'
    AND status < 0
    AND frame > 0
  OR layer = 'callback'
    AND op IN ('allocate', 'free', 'delete')
    AND status IS NOT NULL
  OR op = 'initialize'
    AND NOT has_framing
ORDER BY seq, frame
