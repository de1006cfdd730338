-- rule:     frame-misaligned
-- severity: error
-- basis:    contract
-- reads:    suspects, allocators, trace_info
-- needs:    framing
-- why:      FileAlignment is the alignment that frames must have; the address breaks it, and DMA
--           or vector code that relies on it fails.
-- fix:      Round the address up to FileAlignment + 1; pool gives 16 bytes below a page, page
--           alignment from a page on.
-- source:   ddi/ks/ns-ks-ksallocator_framing
-- limits:   Not for 2-D pitch, for a value that is no mask (alignment-not-a-mask), or where
--           addresses are synthetic. A warning where the create framing says PREFERENCES_ONLY.
SELECT
  s.seq,
  [a.seq] AS related_seqs,
  s.pin,
  s.context,
  s.frame,
  s.alloc_id,
  s.op AS site,
  CASE WHEN a.options_flags & 2147483648 <> 0 THEN 'warning' ELSE 'error' END AS severity,
  CASE WHEN s.allocator_doubt THEN 'possible' ELSE 'certain' END AS certainty,
  'frame ' || hex(s.frame) || ' is not aligned to ' || (a.file_alignment + 1)
    || ' bytes, FileAlignment is ' || hex(a.file_alignment) AS message
FROM suspects s
JOIN allocators a ON a.alloc_id = s.alloc_id, trace_info t
WHERE s.layer = 'callback'
  AND s.allocator_state = 'live'
  AND s.op = 'allocate'
  AND s.frame > 0
  AND s.frame_state NOT IN ('live', 'ghost')
  AND NOT t.synthetic_addresses
  AND a.options_flags & 32768 = 0
  AND a.file_alignment & (a.file_alignment + 1) = 0
  AND s.frame & a.file_alignment::UBIGINT <> 0
ORDER BY s.seq, s.frame
