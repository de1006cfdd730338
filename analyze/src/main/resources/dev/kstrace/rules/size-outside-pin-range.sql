-- rule:     size-outside-pin-range
-- severity: warning
-- basis:    derived
-- reads:    suspect_allocators, pin_framings
-- needs:    framing_ex, framing
-- why:      FrameSize of the create request lies outside every PhysicalRange that the pin's framing
--           allows, or off its stepping: the device cannot use such a frame.
-- fix:      Negotiate within PhysicalRange, or correct the range with KsEdit when the format is
--           set.
-- source:   ddi/ks/ns-ks-ks_framing_item; ddi/ks/ns-ks-ks_framing_range
-- limits:   Output pins only: the range of an input pin is not used. Information where an item says
--           PREFERENCES_ONLY. Silent for FrameSize 0, and for the range that means any size.
--           Compared with what the pin asked for at the initialize.
WITH
  fits AS (
    SELECT
      a.alloc_id,
      max(CASE
        WHEN f.physical_min IS NULL OR f.physical_max IS NULL THEN 1
        WHEN f.physical_min = 0 AND f.physical_max = 4294967295 THEN 1
        WHEN a.frame_size < f.physical_min OR a.frame_size > f.physical_max THEN 0
        WHEN f.physical_stepping > 1
          AND (CAST(a.frame_size AS DECIMAL(20, 0)) - f.physical_min) % f.physical_stepping <> 0
          THEN 0
        ELSE 1
      END) AS fits,
      max(CASE WHEN f.flags & 2147483648 <> 0 THEN 1 ELSE 0 END) AS preference,
      min(f.physical_min) AS smallest,
      max(f.physical_max) AS largest
    FROM suspect_allocators a
    JOIN pin_framings f ON f.seq = a.framing_seq AND f.pin_id = a.pin_id
    WHERE a.created
      AND a.data_flow = 2
      AND a.frame_size > 0
      AND NOT a.framing_met
    GROUP BY a.alloc_id
  )
SELECT
  a.seq,
  [a.framing_seq] AS related_seqs,
  a.pin,
  a.context,
  NULL::UBIGINT AS frame,
  a.alloc_id,
  'initialize' AS site,
  CASE WHEN f.preference = 1 OR a.pin_doubt THEN 'info' ELSE 'warning' END AS severity,
  CASE WHEN a.pin_doubt THEN 'possible' ELSE 'certain' END AS certainty,
  'FrameSize is ' || a.frame_size || ', the pin allows ' || f.smallest || ' to ' || f.largest
    || CASE
      WHEN a.frame_size BETWEEN f.smallest AND f.largest THEN ' in steps'
      ELSE ''
    END AS message
FROM suspect_allocators a
JOIN fits f ON f.alloc_id = a.alloc_id
WHERE f.fits = 0
ORDER BY a.seq
