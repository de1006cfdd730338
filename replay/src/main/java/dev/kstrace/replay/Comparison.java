package dev.kstrace.replay;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Hex;
import dev.kstrace.traces.Irql;
import dev.kstrace.traces.NtStatus;

/**
 * Compares what the target did at an event with what the recording has there. Frames are compared
 * by what their addresses were before, never by the addresses. Not thread-safe.
 */
final class Comparison {
  /** What stands for no frame. */
  static final String NULL = "NULL";

  private final EventBatch in;
  private final ReplayedRows rows;
  private final RecordedCalls recordedCalls;
  private final TargetFrames targetFrames;
  private final DivergenceLog log;

  Comparison(
      EventBatch in,
      ReplayedRows rows,
      RecordedCalls recordedCalls,
      TargetFrames targetFrames,
      DivergenceLog log) {
    this.in = in;
    this.rows = rows;
    this.recordedCalls = recordedCalls;
    this.targetFrames = targetFrames;
    this.log = log;
  }

  /** Whether initialize returned what the recording has; true where the recording does not know. */
  boolean status(int row, int got) {
    if (!in.has(row, EventBatch.STATUS) || in.status(row) == got) {
      return true;
    }
    if (!log.countOnly(DivergenceKind.STATUS)) {
      add(DivergenceKind.STATUS, row, NtStatus.format(in.status(row)), NtStatus.format(got));
    }
    return false;
  }

  /** Whether a call left the recorded IRQL; true where either side does not know. */
  boolean irql(int row, int got) {
    if (got < 0
        || !in.has(row, EventBatch.IRQL_ENTRY | EventBatch.IRQL_EXIT)
        || got == in.irqlExit(row)) {
      return true;
    }
    if (!log.countOnly(DivergenceKind.IRQL)) {
      String recorded = "return at " + Irql.format(in.irqlExit(row));
      add(DivergenceKind.IRQL, row, recorded, "returned at " + Irql.format(got));
    }
    return false;
  }

  /** Whether {@link #irql} has nothing to say. */
  boolean isSameIrql(int row, int got) {
    return got < 0
        || !in.has(row, EventBatch.IRQL_ENTRY | EventBatch.IRQL_EXIT)
        || got == in.irqlExit(row);
  }

  /** Whether {@link #frame} has nothing to say, where the recording has a frame. */
  boolean isSameFrame(int row, long got) {
    return got != 0
        && recordedCalls.wasInUse(row) == targetFrames.wasInUse()
        && recordedCalls.before(row) == targetFrames.before();
  }

  /**
   * Counts that a frame was used before by another allocation than in the recording, where {@link
   * #frame} would do no more than that; false = it has to be asked.
   */
  boolean countsReuse(int row, long got) {
    return got != 0
        && recordedCalls.wasInUse(row) == targetFrames.wasInUse()
        && log.countOnly(DivergenceKind.REUSE);
  }

  /** Whether allocate kept the contract as recorded; asked when the target's books know of it. */
  boolean frame(int row, long recorded, long got) {
    if (recorded == 0 || got == 0) {
      if (recorded == got) {
        return true;
      }
      if (!log.countOnly(DivergenceKind.NULLNESS)) {
        add(DivergenceKind.NULLNESS, row, nullOr(recorded), "returned " + nullOr(got));
      }
      return false;
    }
    boolean inUse = recordedCalls.wasInUse(row);
    long before = recordedCalls.before(row);
    boolean gotInUse = targetFrames.wasInUse();
    long gotBefore = targetFrames.before();
    if (inUse == gotInUse && before == gotBefore) {
      return true;
    }
    DivergenceKind kind = inUse == gotInUse ? DivergenceKind.REUSE : DivergenceKind.ALIAS;
    if (!log.countOnly(kind)) {
      String other = "returned " + history(got, gotInUse, gotBefore);
      add(kind, row, history(recorded, inUse, before), other);
    }
    return inUse == gotInUse;
  }

  /** A call was left out; {@code missing} is what does not exist in the target. */
  void skipped(int row, String missing) {
    if (!log.countOnly(DivergenceKind.SKIPPED)) {
      add(DivergenceKind.SKIPPED, row, "call", "not called, as it has no such " + missing);
    }
  }

  /** A call that the recording has returned waits in the target. */
  void blocked(int row) {
    if (!log.countOnly(DivergenceKind.BLOCKED)) {
      add(DivergenceKind.BLOCKED, row, "returned", "waits for a later call");
    }
  }

  private void add(DivergenceKind kind, int row, String recorded, String got) {
    log.add(kind, in, row, rows, recorded, got);
  }

  private static String nullOr(long frame) {
    return frame == 0 ? NULL : Hex.of(frame);
  }

  private static String history(long frame, boolean inUse, long before) {
    String last = "last handed out by allocation " + before;
    if (inUse) {
      return Hex.of(frame) + " still in use, " + last;
    }
    return Hex.of(frame) + (before == 0 ? " never used before" : " free again, " + last);
  }
}
