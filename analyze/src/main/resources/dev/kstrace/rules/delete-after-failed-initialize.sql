-- rule:     delete-after-failed-initialize
-- severity: info
-- basis:    derived
-- reads:    suspects, allocators
-- why:      The context came from an initialize that failed: what such a call leaves in *Context is
--           undefined, and nothing exists that could be used or deleted.
-- fix:      Look at the status before the context, on the clean-up path too; set *Context to NULL
--           where InitializeAllocator fails.
-- source:   ddi/ks/nc-ks-pfnkspininitializeallocator
-- limits:   Information, because callback-without-initialize reports each such call as an error;
--           this names the initialize whose status was not looked at, once. Silent where the value
--           is also the context of an allocator that was made.
WITH
  misuses AS (
    SELECT related_seq AS initialize_seq, min(seq) AS seq, count(*) AS calls
    FROM suspects
    WHERE layer = 'callback'
      AND allocator_state = 'none'
      AND related_seq IS NOT NULL
    GROUP BY related_seq
  )
SELECT
  m.seq,
  [m.initialize_seq] AS related_seqs,
  a.pin,
  s.context,
  s.frame,
  a.alloc_id,
  s.op AS site,
  'info' AS severity,
  CASE WHEN s.doubt THEN 'possible' ELSE 'certain' END AS certainty,
  s.op || ' with ' || hex(s.context) || ', which the initialize of seq ' || m.initialize_seq
    || ' left behind when it failed with ' || ntstatus(a.status)
    || CASE WHEN m.calls > 1 THEN '; ' || (m.calls - 1) || ' more such calls follow' ELSE '' END
    AS message
FROM misuses m
JOIN suspects s ON s.seq = m.seq
JOIN allocators a ON a.seq = m.initialize_seq
ORDER BY m.seq, s.frame
