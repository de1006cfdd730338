package dev.kstrace.replay;

import dev.kstrace.traces.Op;
import java.util.EnumMap;
import java.util.Map;

/**
 * What a target answered to the calls of a batch, in terms that two targets have in common, how
 * long it took and what it had handed out. Not thread-safe.
 */
final class Answers {
  /** No call was made for the row. */
  static final byte NONE = 0;

  /** The call returned. */
  static final byte RETURNED = 1;

  /** The call was left out, as its allocator or frame does not exist. */
  static final byte LEFT_OUT = 2;

  /** The call waits for a later one. */
  static final byte WAITS = 3;

  private final byte[] what;
  private final int[] status;
  private final boolean[] none;
  private final boolean[] inUse;
  private final long[] before;
  private final byte[] irql;
  private final Map<Op, Durations> took = new EnumMap<>(Op.class);
  private long frames;
  private long bytes;
  private long mostFrames;
  private long mostBytes;

  /** Room for the rows of a batch. */
  Answers(int rows) {
    what = new byte[rows];
    status = new int[rows];
    none = new boolean[rows];
    inUse = new boolean[rows];
    before = new long[rows];
    irql = new byte[rows];
  }

  /** A row for which nothing is known yet. */
  void begin(int row) {
    what[row] = NONE;
    status[row] = 0;
    none[row] = false;
    inUse[row] = false;
    before[row] = 0;
    irql[row] = -1;
  }

  /** Initialize returned. */
  void status(int row, int value) {
    status[row] = value;
  }

  /** Allocate returned a frame, or none. */
  void frame(int row, boolean isNull, boolean wasInUse, long lastAllocation) {
    none[row] = isNull;
    inUse[row] = wasInUse;
    before[row] = lastAllocation;
  }

  /** A call returned, at an IRQL or -1, after some ns or -1. */
  void returned(int row, Op op, int at, long ns) {
    what[row] = RETURNED;
    irql[row] = (byte) at;
    if (ns >= 0) {
      took.computeIfAbsent(op, key -> new Durations()).add(ns);
    }
  }

  /** A call did not return, for {@link #LEFT_OUT} or {@link #WAITS}. */
  void not(int row, byte why) {
    what[row] = why;
  }

  /** Frames that are out changed by this much. */
  void out(int count, long size) {
    frames += count;
    bytes += size;
    mostFrames = Math.max(mostFrames, frames);
    mostBytes = Math.max(mostBytes, bytes);
  }

  byte what(int row) {
    return what[row];
  }

  int status(int row) {
    return status[row];
  }

  boolean isNull(int row) {
    return none[row];
  }

  boolean wasInUse(int row) {
    return inUse[row];
  }

  long before(int row) {
    return before[row];
  }

  int irql(int row) {
    return irql[row];
  }

  /** How long calls took, by operation. */
  Map<Op, Spread> took() {
    Map<Op, Spread> spreads = new EnumMap<>(Op.class);
    took.forEach((op, durations) -> spreads.put(op, durations.spread()));
    return spreads;
  }

  long mostFrames() {
    return mostFrames;
  }

  long mostBytes() {
    return mostBytes;
  }
}
