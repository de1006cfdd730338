-- rule:     kernel-allocator-on-user-connection
-- severity: error
-- basis:    contract
-- reads:    suspect_allocators
-- needs:    peer_mode
-- why:      A kernel-mode allocator cannot allocate frames that could reach user mode, and this
--           pin's pipe has a user-mode peer.
-- fix:      Let the graph manager choose a user-mode allocator for this connection.
-- source:   ddi/ks/nc-ks-pfnkspininitializeallocator; stream/avstream-allocators
-- limits:   Silent where peer_mode is unknown; ConnectionIsExternal does not mean user mode.
SELECT
  seq,
  []::UBIGINT[] AS related_seqs,
  pin,
  context,
  NULL::UBIGINT AS frame,
  alloc_id,
  'initialize' AS site,
  'error' AS severity,
  CASE WHEN pin_doubt THEN 'possible' ELSE 'certain' END AS certainty,
  'initialize on pin ' || hex(pin) || ', whose peer is in user mode' AS message
FROM suspect_allocators
WHERE created
  AND peer_mode = 'user'
ORDER BY seq
