package dev.kstrace.analyze;

import dev.kstrace.analyze.CallFacts.AllocatorState;
import dev.kstrace.analyze.CallFacts.FrameState;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Irql;
import dev.kstrace.traces.KsFlags;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.NtStatus;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.PoolType;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceReader;
import dev.kstrace.traces.TraceWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one pass of the tracker leaves behind: the tables that stay small, and the totals.
 *
 * <p>Immutable once made. The large tables ({@code events}, {@code calls}, {@code frames}) are read
 * from the file again when somebody asks for them.
 */
public final class TraceFacts {
  private final Path file;
  private final TraceMetadata metadata;
  private final Tracker tracker;
  private final Collector collector;
  private final boolean hasFooter;
  private final int batches;
  private final int checkedBatches;
  private final long tornBytes;

  private TraceFacts(Path file, TraceReader trace, Tracker tracker, Collector collector) {
    this.file = file;
    this.metadata = trace.metadata();
    this.tracker = tracker;
    this.collector = collector;
    this.hasFooter = trace.hasFooter();
    this.batches = trace.batches();
    this.checkedBatches = trace.checkedBatches();
    this.tornBytes = trace.tornBytes();
  }

  /**
   * Reads a trace once, from front to back.
   *
   * @throws dev.kstrace.traces.MalformedTraceException if the file is no trace or is damaged
   * @throws IOException if the file cannot be read
   */
  public static TraceFacts of(Path file) throws IOException {
    try (TraceReader trace = TraceReader.open(file)) {
      Collector collector = new Collector();
      Tracker tracker = new Tracker(trace.metadata(), collector);
      collector.tracker = tracker;
      EventBatch batch = new EventBatch(TraceWriter.BATCH_ROWS / 4);
      while (trace.read(batch)) {
        tracker.accept(batch);
        collector.noteColumns(batch);
      }
      tracker.finish();
      return new TraceFacts(file, trace, tracker, collector);
    }
  }

  /** The file as it was named. */
  public Path file() {
    return file;
  }

  /** The trace's metadata. */
  public TraceMetadata metadata() {
    return metadata;
  }

  /** Number of rows. */
  public long events() {
    return tracker.events();
  }

  /** Rows of an operation. */
  public long events(Op op) {
    return tracker.countByOp()[op.code()];
  }

  /** Rows whose operation this version does not know. */
  public long unknownEvents() {
    long[] counts = tracker.countByOp();
    long unknown = 0;
    for (int code = 0; code < counts.length; code++) {
      unknown += Op.of(code) == null ? counts[code] : 0;
    }
    return unknown;
  }

  /** Whether the trace ends in a trace_end row and the file in a footer; otherwise it is cut. */
  public boolean cleanEnd() {
    return hasFooter && tracker.endsWithTraceEnd();
  }

  /** Whether the file ends in a footer. */
  public boolean hasFooter() {
    return hasFooter;
  }

  /** Record batches in the file. */
  public int batches() {
    return batches;
  }

  /** Record batches whose checksum was there, and right; the others are unchecked. */
  public int checkedBatches() {
    return checkedBatches;
  }

  /** Bytes of an incomplete batch at the end of a file without footer. */
  public long tornBytes() {
    return tornBytes;
  }

  /** Events known to be lost; a lower bound where {@link #lostUnknown} is true. */
  public long lost() {
    return tracker.lostEvents();
  }

  /** Whether a loss of unknown size is in the trace. */
  public boolean lostUnknown() {
    return tracker.lostUnknown();
  }

  /** From the earliest to the latest time, in ns; 0 without events. */
  public long durationNs() {
    return tracker.lastTime() - tracker.firstTime();
  }

  /** Frames that no free ended, at all layers. */
  public int liveAtEnd() {
    return collector.unfreed.size();
  }

  /** Allocators that were made. */
  public long allocatorsMade() {
    return tracker.allocators().stream().filter(allocator -> allocator.created).count();
  }

  /** Pin instances. */
  public int pinInstances() {
    return tracker.pins().size();
  }

  /**
   * What people want to know of an allocator first.
   *
   * @param allocId its number, from 1 on
   * @param pin KSPIN address; null = not recorded
   * @param pinName the pin's name; null = not recorded
   * @param framing the framing in force; null = not recorded
   */
  public record AllocatorSummary(
      long allocId, @Nullable Long pin, @Nullable String pinName, @Nullable Framing framing) {}

  /** The allocator that a finding is about, or null where it is about none. */
  public @Nullable AllocatorSummary allocator(Finding finding) {
    Long allocId = finding.allocId();
    if (allocId == null) {
      return null;
    }
    Allocator allocator = tracker.allocators().get(Math.toIntExact(allocId - 1));
    Pin pin = allocator.pinInstance;
    return new AllocatorSummary(
        allocId, allocator.pin, pin == null ? null : pin.name, allocator.framing);
  }

  /** The allocators, in the order of their initialize. */
  List<Allocator> allocators() {
    return tracker.allocators();
  }

  /** Whether the trace has what a rule needs; as named by a rule's header. */
  boolean has(Need need) {
    List<Pin> pins = tracker.pins();
    return switch (need) {
      case PEER_MODE -> pins.isEmpty() || pins.stream().anyMatch(pin -> pin.peerMode != null);
      case FLAGS -> pins.isEmpty() || pins.stream().anyMatch(pin -> pin.flags != null);
      default -> !collector.wanted.contains(need) || collector.found.contains(need);
    };
  }

  /** An input that a trace may lack. */
  enum Need {
    SIZE,
    IRQL_ENTRY,
    IRQL_EXIT,
    T_EXIT,
    STATUS,
    FRAMING,
    PEER_MODE,
    FLAGS;
  }

  /** Whether a table is known to have no rows, so that a query driven by it can be spared. */
  boolean isEmpty(String table) {
    return switch (table) {
      case "events", "calls", "frames" -> events() == 0;
      case "allocators" -> tracker.allocators().isEmpty();
      case "suspect_allocators" -> tracker.allocators().stream().noneMatch(TraceFacts::isSuspect);
      case "pins" -> tracker.pins().isEmpty();
      case "trace_info", "metadata" -> false;
      default -> rows(Tables.named(table)).isEmpty();
    };
  }

  /** The rows of a small table. */
  List<@Nullable Object[]> rows(TableDef table) {
    return switch (table.name()) {
      case "suspects" -> collector.suspects;
      case "unfreed_frames" -> collector.unfreed;
      case "pin_states" -> collector.pinStates;
      case "suspect_steps" -> collector.suspectSteps;
      case "marks" -> collector.marks;
      case "losses" -> collector.losses;
      case "disorder" -> collector.disorder;
      case "allocators" -> tracker.allocators().stream().map(this::row).toList();
      case "suspect_allocators" ->
          tracker.allocators().stream().filter(TraceFacts::isSuspect).map(this::row).toList();
      case "pins" -> tracker.pins().stream().map(TraceFacts::row).toList();
      case "trace_info" -> List.<@Nullable Object[]>of(infoRow());
      case "metadata" -> metadataRows();
      default -> throw new IllegalArgumentException("no small table, name=" + table.name());
    };
  }

  private @Nullable Object[] infoRow() {
    return new @Nullable Object[] {
      file.toString(),
      metadata.get(TraceMetadata.VERSION),
      metadata.get(TraceMetadata.ORIGIN),
      metadata.get(TraceMetadata.PRODUCER),
      events(),
      metadata.completeStart(),
      cleanEnd(),
      metadata.syntheticAddresses(),
      lost(),
      lostUnknown(),
      tracker.firstTime(),
      tracker.lastTime()
    };
  }

  private List<@Nullable Object[]> metadataRows() {
    List<@Nullable Object[]> rows = new ArrayList<>();
    for (Map.Entry<String, String> entry : metadata.values().entrySet()) {
      rows.add(new @Nullable Object[] {entry.getKey(), entry.getValue()});
    }
    return rows;
  }

  private static @Nullable Object[] row(Pin pin) {
    return new @Nullable Object[] {
      CallRows.pinId(pin),
      pin.pin,
      pin.name,
      pin.factoryId,
      pin.flags,
      pin.dataFlow,
      pin.peerMode,
      pin.hasDispatch,
      pin.slab,
      standardTransport(pin),
      pin.createSeq,
      pin.time,
      pin.closeSeq,
      pin.closeTime,
      pin.state
    };
  }

  /** Whether a pin steps through the states; USE wins where both flags are set. */
  private static @Nullable Boolean standardTransport(@Nullable Pin pin) {
    if (pin == null || pin.flags == null) {
      return null;
    }
    return (pin.flags & KsFlags.PIN_USE_STANDARD_TRANSPORT) != 0
        || (pin.flags & KsFlags.PIN_DO_NOT_USE_STANDARD_TRANSPORT) == 0;
  }

  private @Nullable Object[] row(Allocator a) {
    @Nullable Object[] values = new @Nullable Object[Tables.ALLOCATORS.columns().size()];
    Pin pin = a.pinInstance;
    int i = 0;
    values[i++] = CallRows.allocId(a.index);
    values[i++] = a.seq;
    values[i++] = a.time;
    values[i++] = a.timeExit;
    values[i++] = unsigned(a.thread);
    values[i++] = a.irql == null ? null : Long.valueOf(a.irql);
    values[i++] = a.pin;
    values[i++] = CallRows.pinId(pin);
    values[i++] = pin == null ? null : pin.name;
    values[i++] = pin == null ? null : pin.peerMode;
    values[i++] = a.slab();
    values[i++] = a.context;
    values[i++] = a.status == null ? null : Long.valueOf(a.status);
    values[i++] = a.created;
    for (int member = 0; member < FramingColumns.COUNT; member++) {
      values[i++] = a.framing == null ? null : FramingColumns.value(a.framing, member);
    }
    values[i++] = !a.created ? "failed" : a.deleted ? "deleted" : "live";
    values[i++] = a.deleted ? a.deleteSeq : null;
    values[i++] = a.deleted ? a.deleteTime : null;
    values[i++] = unsigned(a.deleteThread);
    values[i++] = a.allocates;
    values[i++] = a.failedAllocates;
    values[i++] = a.frees;
    values[i++] = (long) a.peak;
    values[i++] = (long) a.liveAtDelete;
    values[i++] = (long) a.surelyLiveAtDelete;
    values[i++] = a.overlapSeq;
    values[i++] = a.liveAtUnload;
    values[i++] = a.lossEpoch != tracker.lossEpoch();
    values[i++] = a.deleted && a.lossEpoch != a.deleteLossEpoch;
    values[i++] = a.pinDoubt;
    values[i++] = a.orderDoubt;
    if (i != values.length) {
      throw new IllegalStateException("allocators has " + values.length + " columns, filled " + i);
    }
    return values;
  }

  /** Whether a rule could have something to say of an allocator. */
  private static boolean isSuspect(Allocator a) {
    boolean oddStatus =
        a.status != null
            && a.status != NtStatus.SUCCESS
            && (NtStatus.isSuccess(a.status) || NtStatus.isWarning(a.status));
    if (!a.created) {
      return oddStatus;
    }
    boolean oddEnd = !a.deleted || a.liveAtUnload || a.liveAtDelete > 0 || a.overlapSeq != null;
    boolean userPeer = a.pinInstance != null && "user".equals(a.pinInstance.peerMode);
    return oddStatus || oddEnd || userPeer || (a.framing != null && isSuspect(a.framing));
  }

  private static boolean isSuspect(Framing framing) {
    boolean oddAlignment = !framing.isTwoDimensional() && !framing.hasAlignmentMask();
    return oddAlignment
        || framing.reserved() != 0
        || (framing.optionsFlags() & ~KsFlags.OPTIONF_VALID) != 0
        || Integer.compareUnsigned(framing.poolType(), PoolType.PAGED_POOL) > 0;
  }

  private static @Nullable Long unsigned(@Nullable Integer value) {
    return value == null ? null : Long.valueOf(Integer.toUnsignedLong(value));
  }

  /** Keeps what stays small. */
  private static final class Collector implements TrackerSink {
    final List<@Nullable Object[]> suspects = new ArrayList<>();
    final List<@Nullable Object[]> unfreed = new ArrayList<>();
    final List<@Nullable Object[]> pinStates = new ArrayList<>();
    final List<@Nullable Object[]> suspectSteps = new ArrayList<>();
    final List<@Nullable Object[]> marks = new ArrayList<>();
    final List<@Nullable Object[]> losses = new ArrayList<>();
    final List<@Nullable Object[]> disorder = new ArrayList<>();
    final Set<Need> wanted = EnumSet.noneOf(Need.class);
    final Set<Need> found = EnumSet.noneOf(Need.class);
    @Nullable Tracker tracker;

    @Override
    public void call(CallFacts call) {
      if (isSuspect(call)) {
        suspects.add(CallRows.row(call));
      }
    }

    @Override
    public void frame(FrameTable frames, int slot, Allocator allocator) {
      if (frames.state[slot] != FrameTable.FREED && tracker != null) {
        unfreed.add(FrameRows.row(frames, slot, allocator, tracker.lossEpoch()));
      }
    }

    @Override
    public void pinState(EventBatch batch, int row, PinStep step) {
      Pin pin = step.pin();
      @Nullable Object[] values =
          new @Nullable Object[] {
            batch.seq(row),
            batch.tEntry(row),
            pin == null ? null : pin.pin,
            CallRows.pinId(pin),
            pin == null ? null : pin.name,
            step.from(),
            step.to(),
            step.previousFrom(),
            step.previousTo(),
            step.periodNs(),
            standardTransport(pin),
            step.doubt()
          };
      pinStates.add(values);
      if (isSuspect(step)) {
        suspectSteps.add(values);
      }
    }

    private static boolean isSuspect(PinStep step) {
      Long from = step.from();
      Long to = step.to();
      if (from == null || to == null || !Boolean.TRUE.equals(standardTransport(step.pin()))) {
        return false;
      }
      boolean refusedBefore = from.equals(step.previousFrom());
      return Math.abs(to - from) != 1 || !(from.equals(step.previousTo()) || refusedBefore);
    }

    @Override
    public void mark(EventBatch batch, int row, @Nullable String text) {
      marks.add(
          new @Nullable Object[] {
            batch.seq(row),
            batch.tEntry(row),
            batch.has(row, EventBatch.THREAD) ? Integer.toUnsignedLong(batch.thread(row)) : null,
            text,
            batch.detail(row)
          });
    }

    @Override
    public void loss(long seq, long time, @Nullable Long count, String cause) {
      losses.add(new @Nullable Object[] {seq, time, count, cause});
    }

    @Override
    public void disorder(EventBatch batch, int row, @Nullable Long previousSeq) {
      disorder.add(
          new @Nullable Object[] {
            batch.seq(row),
            (long) batch.op(row),
            batch.has(row, EventBatch.PIN) ? batch.pin(row) : null,
            batch.has(row, EventBatch.CONTEXT) ? batch.context(row) : null,
            batch.has(row, EventBatch.FRAME) ? batch.frame(row) : null,
            batch.tEntry(row),
            batch.has(row, EventBatch.T_EXIT) ? batch.tExit(row) : null,
            previousSeq
          });
    }

    /**
     * Whether a rule could have something to say of a call; wide enough that no rule misses one,
     * narrow enough that a clean trace has hardly any.
     */
    private static boolean isSuspect(CallFacts call) {
      EventBatch batch = call.batch;
      int row = call.row;
      int op = batch.op(row);
      boolean irqlChanged =
          batch.has(row, EventBatch.IRQL_ENTRY | EventBatch.IRQL_EXIT)
              && batch.irqlEntry(row) != batch.irqlExit(row);
      Allocator allocator = call.allocator;
      Framing framing = allocator == null ? null : allocator.framing;
      boolean odd =
          irqlChanged
              || (batch.has(row, EventBatch.IRQL_ENTRY) && oddIrql(batch.irqlEntry(row), framing));
      if (op == Op.INITIALIZE.code()) {
        return odd || batch.framing(row) == null;
      }
      if (odd || (batch.has(row, EventBatch.STATUS) && oddStatus(batch, row))) {
        return true;
      }
      if (call.allocatorState != AllocatorState.LIVE) {
        return call.allocatorState != AllocatorState.UNKNOWN;
      }
      return op == Op.ALLOCATE.code()
          ? oddAllocate(call, framing)
          : op == Op.FREE.code() && oddFree(call);
    }

    private static boolean oddStatus(EventBatch batch, int row) {
      return batch.layer(row) == Layer.CALLBACK.code()
          || (batch.status(row) != 0 && batch.has(row, EventBatch.FRAME) && batch.frame(row) != 0);
    }

    private static boolean oddIrql(int irql, @Nullable Framing framing) {
      return irql > Irql.DISPATCH_LEVEL
          || (irql > Irql.APC_LEVEL && framing != null && PoolType.isPaged(framing.poolType()));
    }

    private static boolean oddAllocate(CallFacts call, @Nullable Framing framing) {
      FrameState state = call.frameState;
      if (state == FrameState.NULL || state == FrameState.UNKNOWN) {
        return false;
      }
      if (state != FrameState.FRESH && state != FrameState.FREED) {
        return true;
      }
      if (framing == null) {
        return false;
      }
      EventBatch batch = call.batch;
      int row = call.row;
      boolean crossing = framing.frameLimit() != 0 && call.liveAfter == framing.frameLimit() + 1;
      boolean shorter =
          batch.has(row, EventBatch.SIZE)
              && Long.compareUnsigned(batch.size(row), framing.frameBytes()) < 0;
      return crossing || shorter || !framing.isAligned(batch.frame(row));
    }

    private static boolean oddFree(CallFacts call) {
      return call.frameState != FrameState.LIVE && call.frameState != FrameState.UNKNOWN;
    }

    /** Which inputs the events so far could have had, and which they had. */
    void noteColumns(EventBatch batch) {
      int calls = 0;
      int allocates = 0;
      int known = 0;
      int knownOfAllocates = 0;
      for (int row = 0; row < batch.rows(); row++) {
        int op = batch.op(row);
        if (op > Op.DELETE.code() || batch.layer(row) != Layer.CALLBACK.code()) {
          continue;
        }
        calls++;
        known |= batch.present(row);
        if (op == Op.ALLOCATE.code()) {
          allocates++;
          knownOfAllocates |= batch.present(row);
        } else if (op == Op.INITIALIZE.code()) {
          note(Need.FRAMING, true, batch.framing(row) != null);
          note(Need.STATUS, true, batch.has(row, EventBatch.STATUS));
        }
      }
      note(Need.SIZE, allocates > 0, (knownOfAllocates & EventBatch.SIZE) != 0);
      note(Need.IRQL_ENTRY, calls > 0, (known & EventBatch.IRQL_ENTRY) != 0);
      note(Need.IRQL_EXIT, calls > 0, (known & EventBatch.IRQL_EXIT) != 0);
      note(Need.T_EXIT, calls > 0, (known & EventBatch.T_EXIT) != 0);
    }

    private void note(Need need, boolean possible, boolean present) {
      if (possible) {
        wanted.add(need);
      }
      if (present) {
        found.add(need);
      }
    }
  }
}
