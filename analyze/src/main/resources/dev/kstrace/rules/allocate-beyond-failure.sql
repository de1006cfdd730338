-- rule:     allocate-beyond-failure
-- severity: info
-- basis:    heuristic
-- reads:    suspect_allocators, trace_info
-- param:    min_calls 3 calls [1..] failures that are not worth a word below that
-- param:    min_share 0.02 ratio [0..1] failures among all allocates of the allocator
-- param:    max_row 16 calls [2..] failures in a row from which on it is
--           repeated-allocation-failure
-- why:      Allocate returned NULL although fewer than Frames were out. This is a legal answer, of
--           a system that is short of memory or of a test that makes allocations fail; it is shown
--           because it costs frames.
-- fix:      Allocate all frames when the pin goes to ACQUIRE, and recycle them.
-- source:   ddi/ks/nc-ks-pfnksdefaultallocate; derived from the documented duties of allocator and
--           caller; no page states it
-- limits:   Information, once per allocator, with how often it happened, and only where it happened
--           often. A long row of failures is repeated-allocation-failure.
WITH params AS (SELECT 3 AS min_calls, 0.02 AS min_share, 16 AS max_row)
SELECT
  a.first_failed_seq AS seq,
  []::UBIGINT[] AS related_seqs,
  a.pin,
  a.context,
  NULL::UBIGINT AS frame,
  a.alloc_id,
  'callback allocate' AS site,
  'info' AS severity,
  CASE WHEN t.whole THEN 'certain' ELSE 'possible' END AS certainty,
  a.failed_below_frames || ' of ' || (a.allocates + a.failed_allocates)
    || ' allocates returned NULL with fewer than Frames outstanding' AS message
FROM suspect_allocators a, trace_info t, params p
WHERE a.failed_below_frames >= p.min_calls
  AND a.failed_below_frames >= p.min_share * (a.allocates + a.failed_allocates)
  AND a.failed_row < p.max_row
ORDER BY seq
