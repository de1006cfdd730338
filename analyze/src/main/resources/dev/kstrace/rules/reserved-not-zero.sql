-- rule:     reserved-not-zero
-- severity: warning
-- basis:    contract
-- reads:    suspect_allocators
-- needs:    framing
-- why:      Reserved is documented as zero; another value is uninitialised memory or a field that
--           was written by mistake.
-- fix:      Zero the whole KSALLOCATOR_FRAMING before it is filled.
-- source:   ddi/ks/ns-ks-ksallocator_framing
-- limits:   Sees the create framing only.
SELECT
  seq,
  []::UBIGINT[] AS related_seqs,
  pin,
  context,
  NULL::UBIGINT AS frame,
  alloc_id,
  'initialize' AS site,
  'warning' AS severity,
  'certain' AS certainty,
  'Reserved is ' || hex(reserved) || ', documented as zero' AS message
FROM suspect_allocators
WHERE created
  AND reserved <> 0
ORDER BY seq
