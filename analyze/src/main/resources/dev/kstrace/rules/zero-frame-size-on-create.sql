-- rule:     zero-frame-size-on-create
-- severity: warning
-- basis:    heuristic
-- reads:    suspect_allocators
-- needs:    framing
-- why:      The create request has FrameSize 0, no requirement; but Allocate gets no size, so the
--           allocator does not know how large a frame has to be. ReactOS refuses such a request.
-- fix:      Put the size of the negotiated format into the framing of the create request.
-- source:   ddi/ks/ns-ks-ksallocator_framing; derived from the documented duties of allocator and
--           caller; no page states it (behaviour of ReactOS)
-- limits:   What Windows does is not known. Silent for a framing that says nothing at all:
--           recorders that see no framing write such a one.
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
  'initialize succeeded with FrameSize 0' AS message
FROM suspect_allocators
WHERE created
  AND frame_size = 0
  AND (options_flags <> 0 OR frames <> 0 OR pool_type <> 0 OR file_alignment <> 0)
ORDER BY seq
