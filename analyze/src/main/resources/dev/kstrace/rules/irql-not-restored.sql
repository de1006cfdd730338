-- rule:     irql-not-restored
-- severity: error
-- basis:    contract
-- reads:    suspects
-- needs:    irql_entry, irql_exit
-- why:      A callback returns at the IRQL at which it was entered; this one did not, so a spin
--           lock is still held or was released twice.
-- fix:      Release on every path what was acquired, with the IRQL that was saved.
-- source:   devtest/ks-ksirqlpincallbacks (that it covers allocator callbacks is derived)
-- limits:   Callback layer; silent where either level is unknown.
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
  op || ' was entered at ' || irql(irql_entry) || ' and returned at ' || irql(irql_exit) AS message
FROM suspects
WHERE layer = 'callback'
  AND irql_entry <> irql_exit
ORDER BY seq, frame
