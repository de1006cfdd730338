package dev.kstrace.traces;

/** Events as a streaming driver makes them, for the benchmarks: cheap to make, no two alike. */
final class BenchmarkEvents {
  static final int ROWS = 16_000;

  private BenchmarkEvents() {}

  /** Fills a batch with allocates and frees from event {@code from} on. */
  static EventBatch fill(EventBatch batch, int from) {
    batch.clear();
    for (int row = 0; row < ROWS; row++) {
      int seq = from + row;
      batch.begin(row, seq, seq % 2 == 0 ? 2 : 3, 1, 1000L * seq);
      batch.setTExit(row, 1000L * seq + seq % 700);
      batch.setThread(row, 4 * (seq % 8));
      batch.setIrqlEntry(row, 0);
      batch.setIrqlExit(row, 0);
      batch.setContext(row, 0xFFFFB00000000000L + seq % 16);
      batch.setFrame(row, 0xFFFFC00000000000L + 4096L * (seq % 1021));
      batch.setSize(row, 4096);
    }
    batch.setRows(ROWS);
    return batch;
  }
}
