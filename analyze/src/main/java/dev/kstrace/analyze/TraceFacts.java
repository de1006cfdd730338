package dev.kstrace.analyze;

import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Nanos;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What one pass of the tracker leaves behind: the tables that stay small, and the totals.
 *
 * <p>Immutable once made. The large tables ({@code events}, {@code calls}, {@code frames}) are read
 * from the file again when somebody asks for them.
 */
public final class TraceFacts {
  private static final int COPIED_AT_MOST = 100_000;

  private final Path file;
  private final TraceMetadata metadata;
  private final Tracker tracker;
  private final Collector collector;
  private final FrameHistory history;
  private final boolean hasFooter;
  private final int batches;
  private final int checkedBatches;
  private final long tornBytes;

  private TraceFacts(
      Path file,
      TraceReader trace,
      Tracker tracker,
      Collector collector,
      FrameHistory history,
      boolean whole) {
    this.history = history;
    this.file = file;
    this.metadata = trace.metadata();
    this.tracker = tracker;
    this.collector = collector;
    this.hasFooter = whole && trace.hasFooter();
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
    return of(file, PassOptions.NONE);
  }

  /**
   * As {@link #of(Path)}, doing more on the way.
   *
   * @throws dev.kstrace.traces.MalformedTraceException if the file is no trace or is damaged
   * @throws IOException if the file cannot be read
   */
  public static TraceFacts of(Path file, PassOptions options) throws IOException {
    return of(file, options, FrameHistory.REMEMBERED);
  }

  /**
   * Reads a trace as often as the memory of its frames needs.
   *
   * @param remembered see {@link FrameHistory}
   */
  static TraceFacts of(Path file, int remembered) throws IOException {
    return of(file, PassOptions.NONE, remembered);
  }

  private static TraceFacts of(Path file, PassOptions options, int remembered) throws IOException {
    Set<Long> spared = new TreeSet<>();
    while (true) {
      FrameHistory history = new FrameHistory(remembered, spared);
      TraceFacts facts = pass(file, options, history);
      if (!spared.addAll(history.missed())) {
        return facts;
      }
    }
  }

  private static TraceFacts pass(Path file, PassOptions options, FrameHistory history)
      throws IOException {
    Inputs inputs = new Inputs();
    try (TraceReader trace = TraceReader.open(file);
        ReadAhead batches = new ReadAhead(trace, inputs::note)) {
      Collector collector =
          new Collector(
              trace.metadata(), inputs, history, options.curves() ? new OutstandingCurves() : null);
      Tracker tracker = collector.tracker();
      for (PreparedBatch batch = batches.next(); batch != null; batch = batches.next()) {
        tracker.accept(batch);
        options.progress().at(trace.position(), trace.fileBytes());
        options.soFar().accept(new TraceFacts(file, trace, tracker, collector, history, false));
      }
      collector.finish();
      return new TraceFacts(file, trace, tracker, collector, history, true);
    }
  }

  /** Whether another pass has to settle what some wrong free was. */
  boolean isProvisional() {
    return !history.missed().isEmpty();
  }

  /** Calls that rules may have something to say of. */
  public int suspectCalls() {
    return collector.suspects.size();
  }

  /** What another pass needs to remember to state the same facts. */
  FrameHistory history() {
    return history.again();
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

  /** Events known to be lost by the cause that the trace says, in the order of first occurrence. */
  public Map<String, Long> lostByCause() {
    Map<String, Long> lost = new LinkedHashMap<>();
    for (@Nullable Object[] loss : collector.losses) {
      long count = loss[2] == null ? 0 : (Long) loss[2];
      lost.merge(String.valueOf(loss[3]), count, Long::sum);
    }
    return lost;
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
    return Nanos.between(tracker.firstTime(), tracker.lastTime());
  }

  /** The earliest time in ns; 0 without events. */
  public long firstNs() {
    return tracker.firstTime();
  }

  /** Frames that no free ended, at all layers. */
  public int liveAtEnd() {
    return collector.unfreed.size();
  }

  /** Allocators that were made. */
  public long allocatorsMade() {
    return tracker.allocators().stream().filter(allocator -> allocator.created).count();
  }

  /** Most frames that one allocator had outstanding at once, at its callbacks. */
  public long peakOutstanding() {
    return tracker.allocators().stream().mapToLong(allocator -> allocator.peak).max().orElse(0);
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
    return allocId == null ? null : allocator(allocId);
  }

  /** The allocator of a number, from 1 on. */
  public AllocatorSummary allocator(long allocId) {
    return summary(tracker.allocators().get(Math.toIntExact(allocId - 1)));
  }

  static AllocatorSummary summary(Allocator allocator) {
    Pin pin = allocator.pinInstance;
    return new AllocatorSummary(
        allocator.index + 1L, allocator.pin, pin == null ? null : pin.name, allocator.framing);
  }

  /**
   * Frames outstanding over time, of the most interesting allocator first; empty where the pass was
   * not asked to draw them. Where there are thousands of allocators the least interesting are
   * missing.
   */
  public List<OutstandingCurve> curves() {
    OutstandingCurves curves = collector.curves;
    return curves == null ? List.of() : curves.finish(tracker.lastTime());
  }

  /** The name of the pin that a finding is about, or null where it has none or none is known. */
  public @Nullable String pinName(Finding finding) {
    AllocatorSummary allocator = allocator(finding);
    if (allocator != null && allocator.pinName() != null) {
      return allocator.pinName();
    }
    Long address = finding.pin();
    Pin pin = address == null ? null : pinAt(address, finding.seq());
    return pin == null ? null : pin.name;
  }

  /** The allocators, in the order of their initialize. */
  List<Allocator> allocators() {
    return tracker.allocators();
  }

  /** The pin instances, in the order in which they were seen. */
  List<Pin> pins() {
    return tracker.pins();
  }

  /** The instance of a pin that an event at {@code seq} is about; null = none was seen by then. */
  @Nullable Pin pinAt(long pin, long seq) {
    List<Pin> pins = tracker.pins();
    for (int i = pins.size() - 1; i >= 0; i--) {
      Pin candidate = pins.get(i);
      Long created = candidate.createSeq;
      if (candidate.pin == pin && (created == null || Long.compareUnsigned(created, seq) <= 0)) {
        return candidate;
      }
    }
    return null;
  }

  /** Whether the trace has what a rule needs; as named by a rule's header. */
  boolean has(Need need) {
    return collector.inputs.has(need, tracker.pins());
  }

  /** Whether a table is known to have no rows, so that a query driven by it can be spared. */
  boolean isEmpty(String table) {
    return switch (table) {
      case "events", "calls", "frames" -> events() == 0;
      case "allocators" -> tracker.allocators().isEmpty();
      case "suspect_allocators" -> tracker.allocators().stream().noneMatch(Suspects::isSuspect);
      case "pins" -> tracker.pins().isEmpty();
      case "suspect_pins" -> tracker.pins().stream().noneMatch(Suspects::isSuspect);
      case "runs", "run_windows" -> collector.runs().isEmpty();
      case "suspect_runs" -> collector.runs().stream().noneMatch(Suspects::isSuspect);
      case "trace_info", "metadata" -> false;
      default -> rows(Tables.named(table)).isEmpty();
    };
  }

  /** Whether a table is one that a pass does not keep. */
  boolean isLarge(String table) {
    return switch (table) {
      case "events", "calls", "frames", "metadata" -> true;
      default -> false;
    };
  }

  /** Whether a table is one that a pass keeps, and not so long that a second copy would hurt. */
  boolean isSmall(String table) {
    return !isLarge(table) && rows(Tables.named(table)).size() < COPIED_AT_MOST;
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
      case "allocators" -> tracker.allocators().stream().map(this::allocatorRow).toList();
      case "suspect_allocators" ->
          tracker.allocators().stream()
              .filter(Suspects::isSuspect)
              .map(this::allocatorRow)
              .toList();
      case "pins" -> tracker.pins().stream().map(PinRows::row).toList();
      case "suspect_pins" ->
          tracker.pins().stream().filter(Suspects::isSuspect).map(PinRows::row).toList();
      case "pin_framings" -> framingRows(tracker.pinFramings().stream());
      case "suspect_pin_framings" ->
          framingRows(tracker.pinFramings().stream().filter(Suspects::isSuspect));
      case "runs" -> collector.runs().stream().map(RunRows::row).toList();
      case "suspect_runs" ->
          collector.runs().stream().filter(Suspects::isSuspect).map(RunRows::row).toList();
      case "run_windows" -> collector.runs().stream().flatMap(RunRows::windows).toList();
      case "pended_allocations" ->
          collector.waiters.all().stream()
              .map(waiter -> WaiterRows.row(waiter, tracker.lossEpoch()))
              .toList();
      case "unresolved_calls" -> collector.unresolved.rows();
      case "trace_info" -> List.<@Nullable Object[]>of(infoRow());
      default -> throw new IllegalArgumentException("no small table, name=" + table.name());
    };
  }

  private @Nullable Object[] allocatorRow(Allocator allocator) {
    return AllocatorRows.row(allocator, tracker.lossEpoch());
  }

  private static List<@Nullable Object[]> framingRows(Stream<PinFraming> framings) {
    return framings.flatMap(framing -> PinFramingRows.rows(framing).stream()).toList();
  }

  /** Whether nothing is missing, not even what a snapshot stands for. */
  private boolean isWhole() {
    return metadata.completeStart()
        && metadata.snapshotRows() == 0
        && cleanEnd()
        && tracker.lossEpoch() == 0;
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
      tracker.lastTime(),
      isWhole(),
      (long) tracker.pins().size(),
      collector.faultInjection,
      metadata.get("kstrace.slowdown") != null,
      collector.kernelAddresses,
      collector.oddAddresses
    };
  }
}
