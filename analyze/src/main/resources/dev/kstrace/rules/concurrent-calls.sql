-- rule:     concurrent-calls
-- severity: info
-- basis:    heuristic
-- reads:    suspect_allocators
-- needs:    t_exit
-- why:      Two threads were inside callbacks of one allocator at once. Nothing forbids it and
--           nothing promises that calls are serialised; implementations without a lock break here.
-- fix:      Protect the allocator's lists with a spin lock, or use interlocked lists.
-- source:   derived from the documented duties of allocator and caller; no page states it
-- limits:   Information, once per allocator, at its initialize, with the first overlap. Never a
--           fault by itself.
SELECT
  seq,
  [concurrent_with_seq, concurrent_seq] AS related_seqs,
  pin,
  context,
  NULL::UBIGINT AS frame,
  alloc_id,
  'callback' AS site,
  'info' AS severity,
  CASE WHEN doubt THEN 'possible' ELSE 'certain' END AS certainty,
  'the call of seq ' || concurrent_seq || ' was entered before that of seq ' || concurrent_with_seq
    || ' had returned' AS message
FROM suspect_allocators
WHERE concurrent_seq IS NOT NULL
ORDER BY seq
