-- rule:     pending-allocation-lost
-- severity: error
-- basis:    contract
-- reads:    pended_allocations
-- needs:    irp_method
-- why:      An ALLOC request returned STATUS_PENDING, and the allocator was deleted before the
--           request was completed or cancelled: its caller waits for ever.
-- fix:      Complete or cancel every pended request (STATUS_CANCELLED) before the allocator goes.
-- source:   stream/filter-specific-allocators; stream/ksmethod-streamallocator-alloc
-- limits:   Client layer. Any frame that a client got later counts as the completion of the oldest
--           request, so that only what is left over is reported. Silent on a trace that was cut.
SELECT
  seq,
  [end_seq] AS related_seqs,
  pin,
  context,
  NULL::UBIGINT AS frame,
  alloc_id,
  'irp_method allocate' AS site,
  CASE WHEN doubt THEN 'info' ELSE 'error' END AS severity,
  CASE WHEN doubt THEN 'possible' ELSE 'certain' END AS certainty,
  'the request is pended, and neither completed nor cancelled when the allocator is deleted at seq '
    || end_seq AS message
FROM pended_allocations
WHERE ended_by = 'delete'
ORDER BY seq
