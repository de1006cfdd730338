package dev.kstrace.replay;

import dev.kstrace.replay.TargetPort.TargetDied;
import dev.kstrace.traces.EventBatch;
import java.io.IOException;
import java.util.Arrays;

/**
 * Replays plain calls in loops of their own: allocates and frees of what the recording names, where
 * nobody writes the rows or watches, and so without asking at each of them for what cannot be. What
 * it does is what {@link CallReplayer} does with the same rows. Not thread-safe.
 */
final class PlainCalls {
  private final EventBatch in;
  private final ReplayedRows rows;
  private final EventBatch out;
  private final ReplayTarget target;
  private final RecordedCalls recorded;
  private final TargetBooks books;
  private final TargetFrames frames;
  private final Comparison compare;
  private final CallCounts counts;
  private int atHand;

  /** Where {@link TargetFrames} keeps what stands for a slot, as far as this loop has put it. */
  private int[] places = new int[64];

  PlainCalls(
      EventBatch in,
      ReplayedRows rows,
      ReplayTarget target,
      RecordedCalls recorded,
      TargetBooks books,
      TargetFrames frames,
      Comparison compare,
      CallCounts counts) {
    this.in = in;
    this.rows = rows;
    this.out = rows.batch();
    this.target = target;
    this.recorded = recorded;
    this.books = books;
    this.frames = frames;
    this.compare = compare;
    this.counts = counts;
  }

  /**
   * Replays rows as long as they are plain; the first one that is not, or {@code to}.
   *
   * @throws TargetDied where the target did in {@link #atHand}
   */
  int run(int from, int to) throws IOException {
    int row = from;
    for (; row < to && isPlain(row); row++) {
      int allocator = recorded.allocator(row);
      int slot = recorded.slot(row);
      if (recorded.ends(row)) {
        free(row, allocator, slot);
      } else {
        allocate(row, allocator, slot);
      }
    }
    return row;
  }

  /**
   * The same for calls that travelled in a batch and left no notes, as far as they have returned.
   *
   * @param callOf the record of a row
   */
  int run(int from, int to, CallBatch results, int[] callOf) throws IOException {
    int row = from;
    for (; row < to && isPlain(row); row++) {
      int call = callOf[row];
      if (results.outcome(call) != CallBatch.DONE) {
        break;
      }
      int allocator = recorded.allocator(row);
      int slot = recorded.slot(row);
      int irql = results.irqlExit(call);
      if (recorded.ends(row)) {
        freed(row, allocator, slot, irql);
      } else {
        allocated(row, allocator, slot, results.value(call), results.bytes(call), irql);
      }
    }
    return row;
  }

  /** The row of the last call that was made here. */
  int atHand() {
    return atHand;
  }

  private boolean isPlain(int row) {
    return recorded.isPlain(row)
        && !books.isRefused(recorded.allocator(row))
        && (!recorded.ends(row) || books.frame(recorded.slot(row)) != 0);
  }

  private void allocate(int row, int allocator, int slot) throws IOException {
    long context = books.context(allocator);
    long got;
    long bytes;
    int irql;
    try {
      present(row);
      got = target.allocate(context);
      bytes = got == 0 ? -1 : target.usableBytes(context, got);
      irql = target.irql();
    } catch (Throwable t) {
      throw new TargetDied(t);
    }
    allocated(row, allocator, slot, got, bytes, irql);
  }

  private void allocated(int row, int allocator, int slot, long got, long usable, int irql)
      throws IOException {
    long bytes = got == 0 ? -1 : usable;
    if (got != 0) {
      place(slot, frames.allocate(allocator, got, recorded.number(row)));
    }
    boolean same = true;
    boolean sameFrame = compare.isSameFrame(row, got);
    boolean sameIrql = compare.isSameIrql(row, irql);
    if (!(sameIrql && (sameFrame || compare.countsReuse(row, got)))) {
      int to = rows.call(in, row);
      rows.setIrqlExit(in, row, to, irql);
      out.setContext(to, books.context(allocator));
      out.setFrame(to, got);
      if (bytes >= 0) {
        out.setSize(to, bytes);
      }
      same = compare.irql(row, irql);
      same &= compare.frame(row, in.frame(row), got);
    }
    counts.returned(allocator, same);
    books.setFrame(slot, got, bytes);
  }

  private void free(int row, int allocator, int slot) throws IOException {
    int irql;
    try {
      present(row);
      target.free(books.context(allocator), books.frame(slot));
      irql = target.irql();
    } catch (Throwable t) {
      throw new TargetDied(t);
    }
    freed(row, allocator, slot, irql);
  }

  private void freed(int row, int allocator, int slot, int irql) throws IOException {
    long sent = books.frame(slot);
    boolean same = true;
    if (!compare.isSameIrql(row, irql)) {
      int to = rows.call(in, row);
      rows.setIrqlExit(in, row, to, irql);
      out.setContext(to, books.context(allocator));
      out.setFrame(to, sent);
      if (in.has(row, EventBatch.SIZE) && books.frameBytes(slot) >= 0) {
        out.setSize(to, books.frameBytes(slot));
      }
      same = compare.irql(row, irql);
    }
    counts.returned(allocator, same);
    frames.free(allocator, sent, slot < places.length ? places[slot] : 0);
  }

  private void place(int slot, int place) {
    if (slot >= places.length) {
      places = Arrays.copyOf(places, Math.max(slot + 1, places.length * 2));
    }
    places[slot] = place;
  }

  private void present(int row) {
    atHand = row;
    target.present(TargetPort.thread(in, row), TargetPort.irql(in, row), in.tEntry(row));
  }
}
