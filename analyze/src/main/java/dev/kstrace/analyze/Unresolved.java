package dev.kstrace.analyze;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.Op;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The callback-layer calls whose context the recorder did not know, so that they belong to no
 * allocator. Not thread-safe.
 */
final class Unresolved {
  private final long[] count = new long[Op.DELETE.code() + 1];
  private final long[] firstSeq = new long[Op.DELETE.code() + 1];

  /** Takes a call that belongs to no allocator, whatever the reason. */
  void note(EventBatch batch, int row) {
    if (batch.layer(row) == Layer.CALLBACK.code() && !batch.has(row, EventBatch.CONTEXT)) {
      int op = batch.op(row);
      if (count[op]++ == 0) {
        firstSeq[op] = batch.seq(row);
      }
    }
  }

  /** Rows of {@code unresolved_calls}, one for each operation that has any. */
  List<@Nullable Object[]> rows() {
    List<@Nullable Object[]> rows = new ArrayList<>();
    for (int op = 0; op < count.length; op++) {
      if (count[op] > 0) {
        rows.add(new @Nullable Object[] {firstSeq[op], (long) op, count[op]});
      }
    }
    return rows;
  }
}
