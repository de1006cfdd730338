package dev.kstrace.replay;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Op;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The calls that the recording does not have: they give back what only the target has made. Not
 * thread-safe.
 */
final class ExtraCalls {
  private final EventBatch in;
  private final ReplayedRows rows;
  private final TargetPort port;
  private final RecordedCalls recorded;
  private final TargetBooks books;
  private final TargetFrames frames;
  private final OwedFrames owed;
  private final Remarks remarks;
  private final AllocatorTallies tallies;
  private long count;

  ExtraCalls(
      EventBatch in,
      ReplayedRows rows,
      TargetPort port,
      RecordedCalls recorded,
      TargetBooks books,
      TargetFrames frames,
      Remarks remarks,
      AllocatorTallies tallies) {
    this.in = in;
    this.rows = rows;
    this.port = port;
    this.recorded = recorded;
    this.books = books;
    this.frames = frames;
    this.owed = new OwedFrames(books);
    this.remarks = remarks;
    this.tallies = tallies;
  }

  /** How many calls were added. */
  long count() {
    return count;
  }

  /** Whether frames are owed to an allocator, so that its calls depend on what is to come. */
  boolean concern(int allocator) {
    return !owed.isEmpty() && owed.concerns(allocator);
  }

  /** Whether no frames are owed to anybody. */
  boolean isDone() {
    return owed.isEmpty();
  }

  /** The target handed out a further frame where the recording has one address twice. */
  void owe(int slot, int allocator, long frame, long bytes) {
    owed.add(slot, allocator, frame, bytes);
  }

  /** The frame that stands for a slot was sent to free. */
  void sent(int slot, int allocator) {
    boolean another = !owed.isEmpty() && owed.sent(slot);
    port.bindFrame(slot, allocator, books.frame(slot), another);
  }

  /** Deletes an allocator that only the target made, behind the row at hand. */
  void delete(int row, long context) throws IOException {
    port.delete(in, row, AllocatorTable.UNKNOWN, context);
    count++;
    rows.extra(in, row, true, Op.DELETE, context, 0, port.irql());
    remarks.write(row, port.takeNotes());
  }

  /** Frees a frame that only the target handed out. */
  void free(int row, boolean after, int allocator, long frame) throws IOException {
    long context = books.context(allocator);
    port.free(in, row, allocator, context, frame);
    count++;
    frames.free(allocator, frame);
    rows.extra(in, row, after, Op.FREE, context, frame, port.irql());
    if (after) {
      remarks.write(row, port.takeNotes());
    }
  }

  /** Gives back the frames owed for a slot. */
  void giveBack(int row, int slot) throws IOException {
    if (owed.isEmpty()) {
      return;
    }
    int allocator = owed.allocator(slot);
    for (long frame : owed.take(slot)) {
      free(row, false, allocator, frame);
    }
  }

  /** Gives back all frames owed to an allocator, or to any where null. */
  void giveBackAll(int row, @Nullable Integer allocator) throws IOException {
    if (owed.isEmpty()) {
      return;
    }
    for (int slot : owed.slots(allocator)) {
      giveBack(row, slot);
    }
  }

  /**
   * Gives back owed frames where the recorded allocator, which lacks them, has room for one more.
   */
  void makeRoom(int row, int allocator) throws IOException {
    long limit = owed.isEmpty() ? 0 : tallies.frameLimit(allocator);
    if (limit == 0) {
      return;
    }
    for (int slot : owed.slots(allocator)) {
      if (recorded.framesOut(row) + owed.count(allocator) >= limit) {
        giveBack(row, slot);
      }
    }
  }
}
