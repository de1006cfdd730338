package dev.kstrace.traces;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Losses among rows of which only some are kept: losses with no kept row between them become one.
 * Not thread-safe.
 */
final class LossLog {
  private static final int FEW = 1024;

  /**
   * One loss.
   *
   * @param place where it belongs among the rows: before the row of the same place
   * @param seq the seq of its row
   * @param time ns
   * @param count events lost; null = unknown
   * @param cause as the producer says
   */
  record Loss(long place, long seq, long time, @Nullable Long count, String cause) {
    Loss and(Loss next) {
      return new Loss(
          next.place,
          next.seq,
          next.time,
          count == null || next.count == null ? null : Long.valueOf(count + next.count),
          cause.equals(next.cause) ? cause : "several causes");
    }

    /** Fills a row of a batch with this loss. */
    void fill(EventBatch batch, int row) {
      batch.begin(row, seq, Op.EVENTS_LOST.code(), Layer.NONE.code(), time);
      Detail.Builder detail = Detail.builder();
      if (count != null) {
        detail.put("count", count);
      }
      batch.setDetail(row, detail.put("cause", cause).build().toJson());
    }
  }

  private List<Loss> losses = new ArrayList<>();
  private int limit = FEW;

  void add(Loss loss, RowStore kept) {
    losses.add(loss);
    if (losses.size() > limit) {
      losses = merged(places(kept));
      limit = Math.max(FEW, 2 * losses.size());
    }
  }

  /** The losses, at most one between any two of some ascending places. */
  List<Loss> merged(long[] places) {
    List<Loss> result = new ArrayList<>();
    int before = -1;
    for (Loss loss : losses) {
      int found = Arrays.binarySearch(places, loss.place);
      int gap = found >= 0 ? found : -1 - found;
      int last = result.size() - 1;
      if (gap == before) {
        result.set(last, result.get(last).and(loss));
      } else {
        result.add(loss);
      }
      before = gap;
    }
    return result;
  }

  private static long[] places(RowStore kept) {
    return Arrays.stream(kept.inOrder()).mapToLong(kept::place).toArray();
  }
}
