-- rule:     pool-type-outside-contract
-- severity: error
-- basis:    contract
-- reads:    suspect_allocators
-- needs:    framing
-- why:      KSALLOCATOR_FRAMING allows PagedPool and NonPagedPool only; other pool types are
--           forbidden, reserved or not documented here.
-- fix:      Use NonPagedPool (0) or PagedPool (1).
-- source:   ddi/ks/ns-ks-ks_framing_item; ddi/wdm/ne-wdm-_pool_type
-- limits:   A warning for 4, 5, 512 and 516; information where OPTIONF_SYSTEM_MEMORY is clear and
--           the field has no documented effect.
SELECT
  seq,
  []::UBIGINT[] AS related_seqs,
  pin,
  context,
  NULL::UBIGINT AS frame,
  alloc_id,
  'initialize' AS site,
  CASE
    WHEN options_flags & 2 = 0 THEN 'info'
    WHEN pool_type IN (4, 5, 512, 516) THEN 'warning'
    ELSE 'error'
  END AS severity,
  'certain' AS certainty,
  'PoolType is ' || pool_type(pool_type) || ' (' || pool_type
    || '), allowed are NonPagedPool and PagedPool' AS message
FROM suspect_allocators
WHERE created
  AND pool_type > 1
ORDER BY seq
