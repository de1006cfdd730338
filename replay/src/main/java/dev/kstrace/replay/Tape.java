package dev.kstrace.replay;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceEvent;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * What a target did at each event of a recording: a target is a function of its calls, so what it
 * did once it would do again, and a way back needs no other one. Some 150 bytes an event. Not
 * thread-safe.
 */
final class Tape implements ReplayEngine.Sink {
  private static final int CHUNK = 4_096;

  private final List<EventBatch> chunks = new ArrayList<>();
  private final BooksLog books = new BooksLog();
  private final BitSet diverged = new BitSet();

  /** Rows and changes that there were before an event. */
  private final int[] rowsBefore;

  private final int[] changesBefore;
  private int events;
  private int rows;

  /** An empty tape for so many events. */
  Tape(int events) {
    rowsBefore = new int[events];
    changesBefore = new int[events];
  }

  /** Changes of the books go here. */
  BooksLog books() {
    return books;
  }

  /** The next event begins; {@code written} rows were made of those before. */
  void begin(long written) {
    rowsBefore[events] = (int) written;
    changesBefore[events] = books.count();
    events++;
  }

  /** What became of the event that was begun last differs in what callers may rely on. */
  void diverged() {
    diverged.set(events - 1);
  }

  @Override
  public void write(EventBatch batch, int fromRow, int count) {
    for (int row = fromRow; row < fromRow + count; row++) {
      if (rows % CHUNK == 0) {
        chunks.add(new EventBatch(CHUNK));
      }
      EventBatch last = chunks.get(rows / CHUNK);
      last.copy(rows % CHUNK, batch, row);
      rows++;
    }
  }

  /** What became of an event. */
  List<TraceEvent> rows(int event) {
    List<TraceEvent> told = new ArrayList<>();
    int end = event + 1 < events ? rowsBefore[event + 1] : rows;
    for (int row = rowsBefore[event]; row < end; row++) {
      told.add(chunks.get(row / CHUNK).event(row % CHUNK));
    }
    return told;
  }

  /** The first event from one on that differs in what callers may rely on; -1 = none so far. */
  int nextDiverged(int from) {
    return diverged.nextSetBit(from);
  }

  /** The books as they were when so many events were done. */
  TargetBooks booksAt(int done) {
    return books.behind(done < events ? changesBefore[done] : books.count());
  }
}
