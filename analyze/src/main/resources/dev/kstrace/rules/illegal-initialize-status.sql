-- rule:     illegal-initialize-status
-- severity: error
-- basis:    contract
-- reads:    suspect_allocators
-- needs:    status
-- why:      InitializeAllocator answers STATUS_SUCCESS or an error. STATUS_PENDING and other
--           non-zero successes are neither; a warning-class status is a failure that callers may
--           misread.
-- fix:      Finish the work before returning, and return STATUS_SUCCESS or an error of class
--           0xC0000000.
-- source:   ddi/ks/nc-ks-pfnkspininitializeallocator
-- limits:   Callback layer only; a create request may be pended. Warning-class values are a
--           warning.
SELECT
  seq,
  []::UBIGINT[] AS related_seqs,
  pin,
  context,
  NULL::UBIGINT AS frame,
  alloc_id,
  ntstatus(status) AS site,
  CASE WHEN status > 0 THEN 'error' ELSE 'warning' END AS severity,
  'certain' AS certainty,
  'initialize returned ' || ntstatus(status)
    || CASE
      WHEN status > 0 THEN ', for which NT_SUCCESS holds although it is not STATUS_SUCCESS'
      ELSE ', a warning where success or an error is expected'
    END AS message
FROM suspect_allocators
WHERE status > 0
  OR status BETWEEN -2147483648 AND -1073741825
ORDER BY seq
