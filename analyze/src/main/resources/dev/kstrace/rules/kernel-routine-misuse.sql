-- rule:     kernel-routine-misuse
-- severity: error
-- basis:    contract
-- reads:    marks, trace_info, allocators
-- why:      The allocator's code broke a rule of the kernel: it called a routine at an IRQL that
--           forbids it, wrote past a pool block or into a freed one, freed what was none, kept a
--           lock, or used an object that it had not initialized.
-- fix:      The message names the routine and what is wrong; the call is the one in whose course it
--           was noticed, which for damaged memory is later than the damage.
-- source:   the page of each routine in ddi/wdm; debugger/bug-check-0xc4, 0x19, 0xc2
-- limits:   Only replays of targets built with build-target see this, with the checks that
--           docs/native-targets.md lists; of one wording ten remarks are kept.
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
    detail ->> 'context' AS context,
    TRY_CAST(detail ->> 'behind' AS UBIGINT) AS behind
  FROM valid
),
blamed AS (
  SELECT seq, text, note, context, CASE WHEN behind <= seq THEN seq - behind END AS blamed_seq
  FROM notes
),
placed AS (
  SELECT
    s.blamed_seq AS seq,
    s.seq AS mark_seq,
    a.pin,
    a.context,
    a.alloc_id,
    s.note AS site,
    s.text AS message,
    row_number() OVER (PARTITION BY s.seq ORDER BY a.seq DESC) AS place
  FROM blamed s
  JOIN trace_info t ON t.origin = 'replayed'
  LEFT JOIN allocators a
    ON hex(a.context) = s.context
    AND a.seq <= s.blamed_seq
    AND coalesce(a.delete_seq >= s.blamed_seq, TRUE)
  WHERE s.note IN (
      'wrong-irql', 'pool-overrun', 'bad-pool-free', 'use-after-free', 'lock-misuse', 'api-misuse',
      'assertion', 'frame-damaged')
    AND s.blamed_seq IS NOT NULL
    AND s.text IS NOT NULL
)
SELECT
  seq,
  [mark_seq] AS related_seqs,
  pin,
  context,
  NULL::UBIGINT AS frame,
  alloc_id,
  site,
  'error' AS severity,
  'certain' AS certainty,
  message
FROM placed
WHERE place = 1
ORDER BY mark_seq
