package dev.kstrace.replay;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.NtStatus;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceEvent;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Replays one event after the other: makes its call, or takes over what came of it in a batch,
 * compares, keeps the books and writes the row. Not thread-safe.
 */
final class CallReplayer {
  private static final String ALLOCATOR = "allocator";
  private static final String FRAME = "frame";

  private final EventBatch in;
  private final ReplayedRows rows;
  private final EventBatch out;
  private final TargetPort port;
  private final RecordedCalls recorded;
  private final Map<Long, String> forbidden;
  private final boolean forbids;
  private final Disturbances disturbances;
  private final TargetBooks books = new TargetBooks();
  private final TargetFrames frames = new TargetFrames(books);
  private final SentAddresses sent;
  private final Remarks remarks;
  private final ExtraCalls extra;
  private final Comparison compare;
  private final AllocatorTallies tallies;
  private final @Nullable Answers answers;
  private final CallCounts counts;
  private long notDriven;

  /**
   * Replays the rows of {@code in}.
   *
   * @param options which calls are not made, and which ones are disturbed
   * @param answers collects what the target answers; null = nobody does
   */
  CallReplayer(
      EventBatch in,
      ReplayedRows rows,
      TargetPort port,
      RecordedCalls recorded,
      DivergenceLog log,
      ReplayOptions options,
      @Nullable Answers answers) {
    this.in = in;
    this.rows = rows;
    this.out = rows.batch();
    this.port = port;
    this.recorded = recorded;
    this.forbidden = options.leaveOut();
    this.forbids = !forbidden.isEmpty();
    this.disturbances = options.disturbances();
    this.answers = answers;
    this.counts = new CallCounts(log);
    this.tallies = counts.tallies();
    this.sent = new SentAddresses(in, books, frames);
    this.remarks = new Remarks(in, rows, books, frames);
    this.extra = new ExtraCalls(in, rows, port, recorded, books, frames, remarks, tallies);
    this.compare = new Comparison(in, rows, recorded, frames, log);
  }

  /** What stands for the recording's allocators and frames. */
  TargetBooks books() {
    return books;
  }

  /** What became of the calls. */
  CallCounts counts() {
    return counts;
  }

  /** The plain calls of the same rows, for a target in this process. */
  PlainCalls plain(ReplayTarget target) {
    return new PlainCalls(in, rows, target, recorded, books, frames, compare, counts);
  }

  /** Calls that the recording does not have. */
  long extraCalls() {
    return extra.count();
  }

  /** Calls copied as recorded since their context or frame is unknown. */
  long notDriven() {
    return notDriven;
  }

  /** How it went for each allocator. */
  List<AllocatorSummary> allocators() {
    return tallies.summaries();
  }

  /** What the target's surroundings noticed, counted by kind. */
  Map<String, Long> notes() {
    return remarks.counts();
  }

  /** The event of a call that waits, or null. */
  @Nullable TraceEvent waiting(long call) {
    return remarks.waiting(call);
  }

  /** Writes what was noticed during calls of a batch behind their row. */
  void remark(int row, TargetNote note) throws IOException {
    remarks.write(row, note);
  }

  /** Whether what is sent to an allocator does not depend on results that are still to come. */
  boolean isForeseeable(int allocator) {
    return extra.isDone() || !extra.concern(allocator);
  }

  /** Whether an event's call must not be made. */
  boolean isForbidden(int row) {
    return forbids && forbidden.containsKey(in.seq(row));
  }

  /** Whether nothing is owed, so that the end of the recording needs no further calls. */
  boolean owesNothing() {
    return extra.isDone();
  }

  /**
   * Replays an event.
   *
   * @param called whether its call was made already, so that the port has its result
   */
  void replay(int row, boolean called) throws IOException {
    Op op = Op.of(in.op(row));
    int layer = in.layer(row);
    if (answers != null) {
      answers.begin(row);
    }
    if (layer == Layer.CALLBACK.code()) {
      if (isForbidden(row)) {
        forbid(op, row);
      } else {
        callback(op, row, called);
      }
    } else if (op == Op.TRACE_END || op == Op.DRIVER_UNLOAD) {
      extra.giveBackAll(row, null);
      rows.copy(in, row);
    } else if (layer == Layer.NONE.code() || (op != Op.ALLOCATE && op != Op.FREE)) {
      rows.copy(in, row);
    } else {
      clientCall(row);
    }
    if (port.hasNotes()) {
      remarks.write(row, port.takeNotes());
    }
  }

  /** Whether a callback-layer event names what its call needs. */
  static boolean isDriven(EventBatch in, int row, @Nullable Op op) {
    if (op == Op.FREE) {
      return in.has(row, EventBatch.CONTEXT | EventBatch.FRAME);
    }
    return op == Op.INITIALIZE
        || ((op == Op.ALLOCATE || op == Op.DELETE) && in.has(row, EventBatch.CONTEXT));
  }

  private void callback(@Nullable Op op, int row, boolean called) throws IOException {
    if (!isDriven(in, row, op)) {
      boolean call = op == Op.ALLOCATE || op == Op.FREE || op == Op.DELETE;
      notDriven += call ? 1 : 0;
      rows.copy(in, row);
    } else if (op == Op.INITIALIZE) {
      initialize(row, called);
    } else if (op == Op.ALLOCATE) {
      allocate(row, called);
    } else if (op == Op.FREE) {
      free(row, called);
    } else {
      delete(row, called);
    }
  }

  private void initialize(int row, boolean called) throws IOException {
    if (!called) {
      port.initialize(in, row);
    }
    int allocator = recorded.allocator(row);
    if (allocator != AllocatorTable.UNKNOWN) {
      tallies.begin(allocator, in, row);
    }
    if (port.isBlocked()) {
      if (allocator != AllocatorTable.UNKNOWN) {
        books.refused(allocator);
      }
      blocked(row);
      return;
    }
    int status = port.status();
    long context = port.value();
    boolean made = NtStatus.isSuccess(status);

    int to = rows.call(in, row);
    rows.setIrqlExit(in, row, to, port.irql());
    out.setStatus(to, status);
    if (made || in.has(row, EventBatch.CONTEXT)) {
      out.setContext(to, context);
    }
    boolean same = compare.irql(row, port.irql());
    returned(row, compare.status(row, status) && same);
    if (answers != null) {
      answers.status(row, status);
    }

    if (made) {
      sent.returned(context);
    }
    if (allocator != AllocatorTable.UNKNOWN) {
      if (made) {
        books.made(allocator, context);
      } else {
        books.refused(allocator);
      }
    } else if (made && !CallResolver.madeOne(in, row)) {
      extra.delete(row, context);
    }
  }

  private void allocate(int row, boolean called) throws IOException {
    // A call that never returned has no frame; nobody got one from it either.
    boolean returned = in.has(row, EventBatch.FRAME);
    int allocator = recorded.allocator(row);
    int slot = recorded.slot(row);
    boolean twice = recorded.isTwice(row);
    if (recorded.isFresh(row)) {
      books.setFrame(slot, 0, -1);
    }
    if (isRefused(allocator, called)) {
      leaveOut(row, ALLOCATOR);
      return;
    }
    if (!called) {
      if (slot != FrameTable.NONE && !twice) {
        extra.giveBack(row, slot);
      }
      extra.makeRoom(row, allocator);
      port.allocate(in, row, allocator, sent.context(row, allocator));
    }
    if (port.isBlocked()) {
      if (slot != FrameTable.NONE) {
        books.setFrame(slot, 0, -1);
      }
      blocked(row);
      return;
    }
    long got = port.value();
    long bytes = got == 0 ? -1 : port.bytes();

    int to = rows.call(in, row);
    rows.setIrqlExit(in, row, to, port.irql());
    out.setContext(to, sent.context(row, allocator));
    out.setFrame(to, got);
    if (bytes >= 0) {
      out.setSize(to, bytes);
    }
    if (got != 0) {
      frames.allocate(allocator, got, recorded.number(row));
    }
    boolean same = compare.irql(row, port.irql());
    long wanted = returned ? in.frame(row) : 0;
    returned(row, (!returned || compare.frame(row, wanted, got)) && same);
    if (answers != null) {
      answers.frame(row, got == 0, got != 0 && frames.wasInUse(), got == 0 ? 0 : frames.before());
      if (got != 0 && slot != FrameTable.NONE && !twice) {
        answers.out(1, outBytes(allocator, bytes));
      }
    }

    boolean known = allocator != AllocatorTable.UNKNOWN && !books.isDeleted(allocator);
    if (slot == FrameTable.NONE) {
      if (known && got != 0) {
        extra.free(row, true, allocator, got);
      }
    } else if (!twice || books.frame(slot) == 0) {
      books.setFrame(slot, got, bytes);
      if (!called) {
        port.bindFrame(slot, allocator, got, got != 0);
      }
    } else if (known && got != 0 && got != books.frame(slot)) {
      extra.owe(slot, allocator, got, bytes);
    }
  }

  private void free(int row, boolean called) throws IOException {
    int allocator = recorded.allocator(row);
    int slot = recorded.slot(row);
    long inside = recorded.inside(row);
    if (isRefused(allocator, called)) {
      leaveOut(row, ALLOCATOR);
      return;
    }
    if (slot != FrameTable.NONE && books.frame(slot) == 0) {
      requireSkipped(called);
      leaveOut(row, FRAME);
      return;
    }
    long frame = sent.frame(row, slot, inside);
    if (!called) {
      port.free(in, row, allocator, sent.context(row, allocator), frame);
    }

    int to = rows.call(in, row);
    out.setContext(to, sent.context(row, allocator));
    out.setFrame(to, frame);
    copySize(row, to, slot, inside);
    entered(row, to);

    if (answers != null && recorded.ends(row)) {
      answers.out(-1, -outBytes(allocator, books.frameBytes(slot)));
    }
    frames.free(allocator, frame);
    if (recorded.ends(row) && !called) {
      extra.sent(slot, allocator);
    }
  }

  private void delete(int row, boolean called) throws IOException {
    int allocator = recorded.allocator(row);
    if (isRefused(allocator, called)) {
      books.delete(allocator);
      leaveOut(row, ALLOCATOR);
      return;
    }
    if (!called) {
      extra.giveBackAll(row, allocator);
      port.delete(in, row, allocator, sent.context(row, allocator));
    }

    int to = rows.call(in, row);
    out.setContext(to, sent.context(row, allocator));
    entered(row, to);
    if (allocator != AllocatorTable.UNKNOWN) {
      books.delete(allocator);
    }
  }

  /**
   * A free or delete has its place where it is entered; whether it has returned is another thing.
   */
  private void entered(int row, int to) {
    if (port.isBlocked()) {
      remarks.waits(port.number(), row, recorded.allocator(row), FrameTable.NONE, 0);
      returned(row, true);
      return;
    }
    rows.setIrqlExit(in, row, to, port.irql());
    returned(row, compare.irql(row, port.irql()));
  }

  /** An initialize or allocate has its place where it returns. */
  private void blocked(int row) throws IOException {
    remarks.waits(
        port.number(), row, recorded.allocator(row), recorded.slot(row), recorded.number(row));
    rows.instead(in, row, "the call waits for a later one; its row stands where it returns");
    boolean asked = Disturbances.isLetting(disturbances.at(in.seq(row)));
    if (!asked) {
      compare.blocked(row);
    }
    returned(row, asked);
    if (answers != null) {
      answers.not(row, Answers.WAITS);
    }
  }

  /** Only told in the target's contexts and frames, as client-layer calls are not driven. */
  private void clientCall(int row) throws IOException {
    boolean hasContext = in.has(row, EventBatch.CONTEXT);
    int allocator = recorded.allocator(row);
    int slot = recorded.slot(row);
    boolean refused = books.isRefused(allocator);
    if (refused || (slot != FrameTable.NONE && books.frame(slot) == 0)) {
      counts.leftOut();
      rows.leftOut(in, row, refused ? ALLOCATOR : FRAME);
      return;
    }
    if (slot == FrameTable.NONE) {
      int to = rows.copy(in, row);
      if (hasContext) {
        out.setContext(to, sent.context(row, allocator));
      }
      return;
    }
    long inside = recorded.inside(row);
    int to = rows.call(in, row);
    if (in.has(row, EventBatch.IRQL_EXIT)) {
      out.setIrqlExit(to, in.irqlExit(row));
    }
    if (hasContext) {
      out.setContext(to, sent.context(row, allocator));
    }
    out.setFrame(to, books.frame(slot) + inside);
    copySize(row, to, slot, inside);
  }

  /** A call is not made; everything goes on as if it had failed. */
  private void forbid(@Nullable Op op, int row) throws IOException {
    int allocator = recorded.allocator(row);
    int slot = recorded.slot(row);
    if (op == Op.INITIALIZE && allocator != AllocatorTable.UNKNOWN) {
      tallies.begin(allocator, in, row);
      books.refused(allocator);
      port.bindAllocator(allocator, 0, false);
    } else if (op == Op.ALLOCATE && slot != FrameTable.NONE) {
      books.setFrame(slot, 0, -1);
      port.bindFrame(slot, allocator, 0, false);
    } else if (op == Op.DELETE && allocator != AllocatorTable.UNKNOWN) {
      books.delete(allocator);
    }
    counts.leftOut();
    rows.instead(in, row, "replay left out this call: " + forbidden.get(in.seq(row)));
  }

  private void copySize(int row, int to, int slot, long inside) {
    if (in.has(row, EventBatch.SIZE)
        && slot != FrameTable.NONE
        && inside == 0
        && books.frameBytes(slot) >= 0) {
      out.setSize(to, books.frameBytes(slot));
    }
  }

  private boolean isRefused(int allocator, boolean called) {
    boolean refused = books.isRefused(allocator);
    if (refused) {
      requireSkipped(called);
    }
    return refused;
  }

  /** Both sides decide from the same results which calls cannot be made. */
  private void requireSkipped(boolean called) {
    if (called && !port.isSkipped()) {
      throw new IllegalStateException("the target made a call that it cannot have made");
    }
  }

  private void leaveOut(int row, String missing) throws IOException {
    counts.leftOut(recorded.allocator(row));
    if (answers != null) {
      answers.not(row, Answers.LEFT_OUT);
    }
    rows.leftOut(in, row, missing);
    compare.skipped(row, missing);
  }

  private void returned(int row, boolean same) {
    counts.returned(recorded.allocator(row), same);
    Op op = answers == null ? null : Op.of(in.op(row));
    if (answers != null && op != null) {
      answers.returned(row, op, port.irql(), port.spentNs());
    }
  }

  /** What a frame takes, as far as is known. */
  private long outBytes(int allocator, long usable) {
    return usable >= 0 ? usable : tallies.frameBytes(allocator);
  }
}
