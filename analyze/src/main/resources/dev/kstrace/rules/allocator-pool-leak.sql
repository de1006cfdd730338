-- rule:     allocator-pool-leak
-- severity: error
-- basis:    contract
-- reads:    marks, trace_info, allocators
-- why:      DeleteAllocator must release all resources that the allocator reserved; pool that it
--           allocated for itself is still there when it returns, and no outstanding frame lies in
--           it. So this is the allocator's own leak and not that of a caller who freed too little.
-- fix:      Free in DeleteAllocator whatever InitializeAllocator and Allocate have allocated, and
--           empty lookaside lists with their delete routine.
-- source:   ddi/ks/nc-ks-pfnksdeleteallocator; debugger/bug-check-0xc4 (62)
-- limits:   Only replays of targets built with build-target know the pool; memory that was taken
--           past the stand-ins (malloc) is not seen.
WITH valid AS (
  SELECT
    seq,
    text,
    -- Whoever wrote the trace decides what is in a detail: it may be no JSON at all.
    CASE WHEN json_valid(detail) THEN detail END AS detail
  FROM marks
),
notes AS (
  SELECT
    seq,
    text,
    detail ->> 'note' AS note,
    TRY_CAST(detail ->> 'behind' AS UBIGINT) AS behind
  FROM valid
),
blamed AS (
  SELECT seq, text, note, CASE WHEN behind <= seq THEN seq - behind END AS blamed_seq
  FROM notes
)
SELECT
  s.blamed_seq AS seq,
  [s.seq] AS related_seqs,
  a.pin,
  a.context,
  NULL::UBIGINT AS frame,
  a.alloc_id,
  'delete' AS site,
  'error' AS severity,
  'certain' AS certainty,
  'delete leaves memory of the allocator''s own: ' || s.text AS message
FROM blamed s
JOIN trace_info t ON t.origin = 'replayed'
LEFT JOIN allocators a ON a.delete_seq = s.blamed_seq
WHERE s.note = 'pool-leak'
  AND s.blamed_seq IS NOT NULL
  AND s.text IS NOT NULL
ORDER BY s.seq
