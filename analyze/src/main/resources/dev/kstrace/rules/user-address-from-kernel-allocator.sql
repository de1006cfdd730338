-- rule:     user-address-from-kernel-allocator
-- severity: error
-- basis:    derived
-- reads:    suspects, allocators, trace_info
-- needs:    framing
-- why:      Memory of a kernel pool has an address in the kernel's half; this frame has one of user
--           mode, so it is not what was asked for, and freeing it stops the system.
-- fix:      Allocate frames from the pool that the framing names; never hand out memory of the
--           current process.
-- source:   ddi/ks/ns-ks-_ksallocator_dispatch; debugger/bug-check-0xc2 (40)
-- limits:   Only where origin is recorded, OPTIONF_SYSTEM_MEMORY is set, the pin's own address is a
--           kernel address, and other frames have kernel addresses (a program that was recorded in
--           user mode has none); silent where addresses are synthetic, and where any frame has an
--           address that is none on x64. Only possible where the trace is not whole.
SELECT
  s.seq,
  [a.seq] AS related_seqs,
  s.pin,
  s.context,
  s.frame,
  s.alloc_id,
  'callback allocate' AS site,
  'error' AS severity,
  CASE WHEN t.whole THEN 'certain' ELSE 'possible' END AS certainty,
  'frame ' || hex(s.frame) || ' lies in user mode, but the framing asks for '
    || pool_type(a.pool_type) AS message
FROM suspects s
JOIN allocators a ON a.alloc_id = s.alloc_id, trace_info t
WHERE s.layer = 'callback'
  AND s.op = 'allocate'
  AND s.allocator_state = 'live'
  AND s.frame_state NOT IN ('live', 'ghost')
  AND s.frame BETWEEN 1 AND 140737488355327
  AND a.pin >= 18446603336221196288
  AND a.options_flags & 2 <> 0
  AND t.origin = 'recorded'
  AND NOT t.synthetic_addresses
  AND t.kernel_addresses
  AND NOT t.odd_addresses
ORDER BY s.seq, s.frame
