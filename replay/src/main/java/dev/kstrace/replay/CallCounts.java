package dev.kstrace.replay;

/** What became of the calls of a recording, in numbers. Not thread-safe. */
final class CallCounts {
  private final DivergenceLog log;
  private final AllocatorTallies tallies = new AllocatorTallies();
  private long calls;
  private long differing;
  private long leftOut;

  CallCounts(DivergenceLog log) {
    this.log = log;
  }

  /** By allocator. */
  AllocatorTallies tallies() {
    return tallies;
  }

  /** The target returned from a call. */
  void returned(int allocator, boolean same) {
    calls++;
    tallies.called(allocator);
    if (!same && !log.isMuted()) {
      differing++;
      tallies.differs(allocator);
    }
  }

  /** A call was not made, as its allocator or frame does not exist in the target. */
  void leftOut(int allocator) {
    leftOut++;
    tallies.leftOut(allocator);
  }

  /** An event was not replayed for the same reason, or was not to be. */
  void leftOut() {
    leftOut++;
  }

  /** Calls that the target returned from, extra ones not counted. */
  long calls() {
    return calls;
  }

  /** How many of them differ in something that callers may rely on. */
  long differing() {
    return differing;
  }

  /** Events that were left out. */
  long allLeftOut() {
    return leftOut;
  }
}
