package dev.kstrace.replay;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceText;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Counts divergences and keeps the first ones, the very first of each kind in full. Not
 * thread-safe.
 */
final class DivergenceLog {
  private static final int BEFORE = 20;

  private final int keep;

  /** One number each, which is counted up in place. */
  private final Map<DivergenceKind, long[]> counts = new EnumMap<>(DivergenceKind.class);

  private final List<Divergence> kept = new ArrayList<>();

  /** The last events of the batches before the one at hand. */
  private final EventBatch tail = new EventBatch(BEFORE);

  private final Map<DivergenceKind, FirstDivergence> firsts = new EnumMap<>(DivergenceKind.class);
  private @Nullable FirstDivergence first;
  private boolean muted;
  private long contract;

  DivergenceLog(int keep) {
    this.keep = keep;
    for (DivergenceKind kind : DivergenceKind.values()) {
      counts.put(kind, new long[1]);
    }
  }

  /** Whether divergences are of no interest for now. */
  void mute(boolean of) {
    muted = of;
  }

  /** Whether they are. */
  boolean isMuted() {
    return muted;
  }

  /**
   * Adds a divergence of an event.
   *
   * @param in recorded events
   * @param row the one that differs
   * @param rows replayed events, the last of which is what became of it
   */
  void add(
      DivergenceKind kind, EventBatch in, int row, ReplayedRows rows, String recorded, String got) {
    if (muted) {
      return;
    }
    contract += kind.isContract() ? 1 : 0;
    long count = ++count(kind)[0];
    boolean isFirst = count == 1;
    if (count > keep && !isFirst) {
      return;
    }
    Long context = in.has(row, EventBatch.CONTEXT) ? in.context(row) : null;
    Divergence divergence = new Divergence(in.seq(row), in.op(row), kind, context, recorded, got);
    if (count <= keep) {
      kept.add(divergence);
    }
    if (isFirst) {
      FirstDivergence full =
          new FirstDivergence(
              divergence,
              TraceText.format(in.event(row)),
              TraceText.format(rows.hand(in)),
              before(in, row));
      firsts.put(kind, full);
      if (kind.isContract() && first == null) {
        first = full;
      }
    }
  }

  /** Counts a divergence without keeping it; false where {@link #add} has to be called. */
  boolean countOnly(DivergenceKind kind) {
    if (muted) {
      return true;
    }
    long[] count = count(kind);
    if (count[0] < keep || count[0] == 0) {
      return false;
    }
    contract += kind.isContract() ? 1 : 0;
    count[0]++;
    return true;
  }

  private long[] count(DivergenceKind kind) {
    return Objects.requireNonNull(counts.get(kind));
  }

  /** A batch of recorded events was replayed: its last ones may come before a divergence. */
  void endOfBatch(EventBatch in) {
    int fromBatch = Math.min(BEFORE, in.rows());
    int older = Math.min(tail.rows(), BEFORE - fromBatch);
    for (int i = 0; i < older; i++) {
      tail.copy(i, tail, tail.rows() - older + i);
    }
    for (int i = 0; i < fromBatch; i++) {
      tail.copy(older + i, in, in.rows() - fromBatch + i);
    }
    tail.setRows(older + fromBatch);
  }

  private List<String> before(EventBatch in, int row) {
    int fromBatch = Math.min(BEFORE, row);
    int older = Math.min(tail.rows(), BEFORE - fromBatch);
    List<String> lines = new ArrayList<>(older + fromBatch);
    for (int i = tail.rows() - older; i < tail.rows(); i++) {
      lines.add(TraceText.format(tail.event(i)));
    }
    for (int earlier = row - fromBatch; earlier < row; earlier++) {
      lines.add(TraceText.format(in.event(earlier)));
    }
    return List.copyOf(lines);
  }

  /** How many there are in what callers may rely on. */
  long contractCount() {
    return contract;
  }

  @Nullable FirstDivergence first() {
    return first;
  }

  /** The first one of each kind that occurred, in full. */
  List<FirstDivergence> firsts() {
    return List.copyOf(firsts.values());
  }

  List<Divergence> kept() {
    return kept;
  }

  /** Every kind, with how often it occurred. */
  Map<DivergenceKind, Long> counts() {
    Map<DivergenceKind, Long> all = new EnumMap<>(DivergenceKind.class);
    counts.forEach((kind, count) -> all.put(kind, count[0]));
    return all;
  }
}
