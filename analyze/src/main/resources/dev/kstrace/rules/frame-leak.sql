-- rule:     frame-leak
-- severity: error
-- basis:    derived
-- reads:    unfreed_frames, trace_info
-- why:      DeleteAllocator must release everything; a frame that no free ended before the
--           orderly end of the trace is lost, and Driver Verifier stops with 0xC4/62 at unload.
-- fix:      Find the path on which the frame is not freed: an error return, a cancel, a reset, a
--           clone that is never deleted.
-- source:   ddi/ks/nc-ks-pfnksdeleteallocator; debugger/bug-check-0xc4 (62)
-- limits:   Silent on a trace that was cut and on pins that carve one block (slab). After a loss
--           it can only suspect.
SELECT
  f.allocate_seq AS seq,
  []::UBIGINT[] AS related_seqs,
  f.pin,
  f.context,
  f.frame,
  f.alloc_id,
  f.layer || ' allocate' AS site,
  CASE WHEN f.doubt THEN 'info' ELSE 'error' END AS severity,
  CASE WHEN f.doubt OR f.allocator_doubt THEN 'possible' ELSE 'certain' END AS certainty,
  'frame ' || hex(f.frame) || coalesce(' (' || f.range_bytes || ' bytes)', '')
    || ' is never freed' AS message
FROM unfreed_frames f, trace_info t
WHERE t.clean_end
  AND NOT f.slab
ORDER BY f.allocate_seq, f.frame
