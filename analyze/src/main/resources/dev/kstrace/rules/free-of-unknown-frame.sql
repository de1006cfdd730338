-- rule:     free-of-unknown-frame
-- severity: error
-- basis:    contract
-- reads:    suspects
-- why:      Free takes a frame that this allocator handed out; this address is not one, and lies
--           inside none.
-- fix:      Free exactly the address that Allocate returned, through the context that returned
--           it.
-- source:   ddi/ks/nc-ks-pfnksdefaultfree; debugger/bug-check-0xc4 (10)
-- limits:   Where recording began late or events were lost it can only suspect.
SELECT
  seq,
  [related_seq] AS related_seqs,
  pin,
  context,
  frame,
  alloc_id,
  layer || ' ' || op AS site,
  CASE WHEN doubt THEN 'info' ELSE 'error' END AS severity,
  CASE WHEN doubt OR allocator_doubt THEN 'possible' ELSE 'certain' END AS certainty,
  'address ' || hex(frame) || ' is freed, but this allocator never handed it out'
    || coalesce('; allocator #' || other_alloc_id || ' did at seq ' || related_seq, '') AS message
FROM suspects
WHERE op = 'free'
  AND allocator_state = 'live'
  AND frame_state = 'fresh'
ORDER BY seq, frame
