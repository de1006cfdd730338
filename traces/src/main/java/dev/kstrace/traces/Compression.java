package dev.kstrace.traces;

/** How a trace's record batches are stored; any Arrow reader with ZSTD reads both. */
public enum Compression {
  /** As they are in memory, about 77 bytes an event: as fast as the disk. */
  NONE,
  /** Each buffer by ZSTD at level 1: a sixth of the bytes, ten times the work. */
  ZSTD
}
