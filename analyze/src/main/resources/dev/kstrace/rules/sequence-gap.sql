-- rule:     sequence-gap
-- severity: error
-- basis:    recorder
-- reads:    disorder
-- why:      seq does not increase from one row to the next, or a call returned before it was
--           entered: the recorder is wrong, and verdicts that rest on the order with it.
-- fix:      Take seq from one atomic counter at the point of effect, and times from one monotonic
--           clock.
-- source:   trace format, column seq
-- limits:   Rows are judged in file order; findings of the allocators concerned are only
--           possible.
SELECT
  seq,
  [previous_seq] AS related_seqs,
  pin,
  context,
  frame,
  CAST(NULL AS BIGINT) AS alloc_id,
  op AS site,
  'error' AS severity,
  'certain' AS certainty,
  CASE
    WHEN previous_seq IS NOT NULL THEN 'seq ' || seq || ' follows seq ' || previous_seq
    ELSE op || ' returned ' || (CAST(t_entry AS DECIMAL(20, 0)) - t_exit)
        || ' ns before it was entered'
  END AS message
FROM disorder
ORDER BY seq, previous_seq
