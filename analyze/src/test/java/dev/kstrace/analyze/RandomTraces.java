package dev.kstrace.analyze;

import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.NtStatus;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceMetadata;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Small traces of mostly legal traffic with all sorts of faults in it: few contexts and few
 * addresses, so that they meet often. A seed decides everything.
 */
final class RandomTraces {
  private static final int FRAME_BYTES = 0x1000;

  /** STATUS_BUFFER_OVERFLOW. */
  private static final int WARNING = 0x80000005;

  /** A trace. */
  record Trace(TraceMetadata metadata, List<TraceEvent> events) {}

  private static final class Frame {
    final int layer;
    final long context;
    final long address;

    Frame(int layer, long context, long address) {
      this.layer = layer;
      this.context = context;
      this.address = address;
    }
  }

  private final Random random;
  private final boolean sharedContexts;
  private final boolean wild;
  private final List<TraceEvent.Builder> builders = new ArrayList<>();
  private final List<Long> live = new ArrayList<>();
  private final List<Frame> frames = new ArrayList<>();
  private long seq;

  /** How far the clock is ahead of 1 us per row, in ns. */
  private long ahead;

  private RandomTraces(long seed, boolean sharedContexts, boolean wild) {
    // Small seeds of this generator resemble each other.
    random = new Random(seed * 0x9E3779B97F4A7C15L);
    this.sharedContexts = sharedContexts;
    this.wild = wild;
    seq = random.nextInt(1000);
  }

  /** The trace of a seed, of some 10 to 60 rows. */
  static Trace of(long seed) {
    return new RandomTraces(seed, true, false).trace();
  }

  /** The trace of a seed in which no two live allocators have one context value. */
  static Trace ofDistinctContexts(long seed) {
    return new RandomTraces(seed, false, false).trace();
  }

  /** The trace of a seed with framing, IRQLs and statuses of all sorts, and times that go back. */
  static Trace wild(long seed) {
    return new RandomTraces(seed, true, true).trace();
  }

  private Trace trace() {
    boolean completeStart = !chance(15);
    boolean losses = chance(30);
    int faults = random.nextInt(30);
    int rows = 10 + random.nextInt(50);
    add(Op.PIN_CREATE, Layer.NONE, null).pin(0x10);
    if (chance(30)) {
      add(Op.PIN_CREATE, Layer.NONE, null).pin(0x11);
    }
    for (int row = 0; row < rows; row++) {
      if (losses && chance(8)) {
        lose();
      } else if (chance(2)) {
        add(Op.MARK, Layer.NONE, "{\"text\":\"here\"}");
      } else if (chance(faults)) {
        anything();
      } else {
        legal();
      }
    }
    if (chance(10)) {
      add(Op.DRIVER_UNLOAD, Layer.NONE, null);
    }
    if (chance(70)) {
      finishLegally();
    }
    if (chance(80)) {
      add(Op.TRACE_END, Layer.NONE, null);
    }
    return new Trace(
        TraceMetadata.of(Map.of(TraceMetadata.COMPLETE_START, Boolean.toString(completeStart))),
        builders.stream().map(TraceEvent.Builder::build).toList());
  }

  private TraceEvent.Builder add(Op op, Layer layer, String detail) {
    seq++;
    TraceEvent.Builder event = TraceEvent.of(seq, op, layer, now()).detail(detail);
    builders.add(event);
    return event;
  }

  private long now() {
    return 1000 * seq + ahead;
  }

  /** A call with some times; now and then one that began long before or lasts long. */
  private TraceEvent.Builder call(Op op, Layer layer, long context) {
    seq++;
    boolean early = chance(5);
    TraceEvent.Builder event =
        TraceEvent.of(seq, op, layer, now() - (early ? random.nextInt(4000) : 0));
    if (!chance(3)) {
      event.tExit(now() + (chance(5) ? random.nextInt(4000) : 500));
    }
    if (wild && chance(20)) {
      event.irqlEntry(random.nextInt(4)).irqlExit(random.nextInt(4));
    } else if (wild) {
      event.irql(chance(50) ? 0 : 2);
    }
    if (wild && chance(3)) {
      event.status(chance(50) ? NtStatus.SUCCESS : NtStatus.UNSUCCESSFUL);
    }
    if (wild && chance(2)) {
      event.tExit(0);
    }
    builders.add(event);
    return event.context(context).thread(random.nextInt(3));
  }

  private void lose() {
    if (chance(50)) {
      seq += 1 + random.nextInt(3);
    } else {
      add(Op.EVENTS_LOST, Layer.NONE, chance(50) ? "{\"count\":2}" : "{\"count\":null}");
    }
    // What is lost is as likely as anything else.
    if (!frames.isEmpty() && chance(50)) {
      frames.remove(random.nextInt(frames.size()));
    }
  }

  private void legal() {
    int choice = random.nextInt(10);
    if (live.isEmpty() || choice == 0) {
      initialize(freshContext(), NtStatus.SUCCESS);
    } else if (choice == 1) {
      Long context = live.get(random.nextInt(live.size()));
      if (frames.stream().noneMatch(frame -> frame.context == context)) {
        delete(context);
      }
    } else if (choice <= 5 || frames.isEmpty()) {
      long address = address();
      int layer = layer();
      if (frames.stream().noneMatch(f -> f.address == address && f.layer == layer)) {
        allocate(layer, live.get(random.nextInt(live.size())), address);
      }
    } else {
      Frame frame = frames.get(random.nextInt(frames.size()));
      free(frame.layer, frame.context, frame.address);
    }
  }

  private void anything() {
    long context =
        chance(80) && !live.isEmpty() ? live.get(random.nextInt(live.size())) : context();
    switch (random.nextInt(12)) {
      case 0 -> initialize(sharedContexts ? context() : freshContext(), NtStatus.SUCCESS);
      case 1 -> initialize(oddContext(), chance(50) ? NtStatus.PENDING : NtStatus.SUCCESS);
      case 2 -> initialize(context(), chance(80) ? NtStatus.INSUFFICIENT_RESOURCES : WARNING);
      case 3 -> delete(context);
      case 4, 5 -> allocate(layer(), context, address());
      case 6 -> allocate(layer(), context, address() + random.nextInt(FRAME_BYTES));
      case 7 -> drought(context);
      case 8 -> free(layer(), context, address() + random.nextInt(FRAME_BYTES));
      case 9 -> free(layer(), context, chance(20) ? 0 : 0x900000L);
      default -> free(layer(), context, address());
    }
  }

  /** Allocates that get nothing: now and then one, now and then many and for long. */
  private void drought(long context) {
    int failures = chance(60) ? 1 : 2 + random.nextInt(18);
    for (int i = 0; i < failures; i++) {
      allocate(failures == 1 ? layer() : 1, context, 0);
      ahead += random.nextInt(failures > 10 ? 130_000_000 : 1000);
    }
  }

  private void finishLegally() {
    for (Frame frame : List.copyOf(frames)) {
      if (!chance(5)) {
        free(frame.layer, frame.context, frame.address);
      }
    }
    for (Long context : List.copyOf(live)) {
      if (!chance(5)) {
        delete(context);
      }
    }
  }

  private void initialize(long context, int status) {
    TraceEvent.Builder event = call(Op.INITIALIZE, Layer.CALLBACK, context);
    event.status(status).pin(0x10);
    int limit = random.nextInt(5);
    int bytes = chance(20) ? 0 : chance(80) ? FRAME_BYTES : FRAME_BYTES / 2;
    if (!wild) {
      event.framing(new Framing(2, 0, limit, bytes, 0, 0));
    } else if (!chance(5)) {
      int options = chance(20) ? 0x8002 : chance(20) ? 0x80000002 : random.nextInt(4);
      int alignment = chance(30) ? 0 : chance(30) ? 0x40 : 0xFFF;
      int pool = chance(70) ? random.nextInt(2) : random.nextInt(8);
      event.framing(new Framing(options, pool, limit, bytes, alignment, chance(10) ? 1 : 0));
    }
    if (NtStatus.isSuccess(status)) {
      live.add(context);
    }
  }

  private void allocate(int layer, long context, long address) {
    TraceEvent.Builder event = call(Op.ALLOCATE, Layer.of(layer), context).frame(address);
    if (chance(10)) {
      event.size(FRAME_BYTES / 4 * (long) (1 + random.nextInt(6)));
    }
    if (layer != Layer.CALLBACK.code()) {
      event.status(chance(5) ? NtStatus.UNSUCCESSFUL : NtStatus.SUCCESS);
    }
    if (address != 0) {
      frames.add(new Frame(layer, context, address));
    }
  }

  private void free(int layer, long context, long address) {
    call(Op.FREE, Layer.of(layer), context).frame(address);
    frames.removeIf(f -> f.layer == layer && f.context == context && f.address == address);
  }

  private void delete(long context) {
    call(Op.DELETE, Layer.CALLBACK, context);
    live.remove((Long) context);
  }

  private int layer() {
    return chance(75) ? 1 : chance(50) ? 2 : 3;
  }

  private long context() {
    return 0x100L * (1 + random.nextInt(4));
  }

  private long freshContext() {
    for (int tries = 0; tries < 20; tries++) {
      long context = context();
      if (!live.contains(context)) {
        return context;
      }
    }
    return 0x100000L + seq;
  }

  /** NULL, if no live allocator has it. */
  private long oddContext() {
    return chance(20) && !live.contains(0L) ? 0 : freshContext();
  }

  private long address() {
    return 0xFFFF_8000_0000_0000L + FRAME_BYTES * (long) random.nextInt(6);
  }

  private boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }
}
