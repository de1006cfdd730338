package dev.kstrace.analyze;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.KsFlags;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.NtStatus;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.PoolType;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Traces of any length as a busy device would leave them, made a batch at a time: memory does not
 * grow with the trace. A seed decides everything.
 *
 * <p>Pins run in sessions from pin_create to pin_close, each with an allocator of its own. Five
 * faults are planted, at fixed shares of the trace.
 */
public final class LargeTraceGenerator {
  /** What the traffic looks like. */
  public enum Shape {
    /**
     * Eight pins: four recycle the slots of their own block, frame by frame, three take frames from
     * one pool, the last allocates its whole circuit at the start of a session and frees it at the
     * end.
     */
    STREAMING(8),
    /** Up to 200,000 frames of one size live at a time, freed and allocated again at random. */
    RANDOM(4),
    /** As STREAMING, but no address ever comes back. */
    FRESH(8);

    final int pins;

    Shape(int pins) {
      this.pins = pins;
    }
  }

  /** Rules that the planted faults must be found by, in order of their place. */
  static final List<String> PLANTED =
      List.of(
          "frame-leak",
          "double-free",
          "frame-misaligned",
          "free-of-unknown-frame",
          "irql-above-dispatch");

  /** Where each planted fault is, as a share of the trace. */
  private static final double[] PLACES = {0.001, 0.004, 0.3, 0.6, 0.85};

  /** Longest run of events that one step or the orderly end may add. */
  private static final int RESERVE = 512;

  private static final int RANDOM_LIVE_AT_MOST = 200_000;
  private static final long FRAMES_AT = 0xFFFF_9000_0000_0000L;
  private static final long GAP = 1L << 32;

  private final Shape shape;
  private final long events;
  private final int randomLive;
  private final EventBatch batch = new EventBatch(TraceWriter.BATCH_ROWS);
  private final TraceWriter writer;
  private final List<Station> stations = new ArrayList<>();
  private final LongStack pool = new LongStack();
  private long nextFresh = FRAMES_AT;
  private long random;
  private long seq;
  private long time;
  private int planted;

  private LargeTraceGenerator(Shape shape, long events, long seed, TraceWriter writer) {
    this.shape = shape;
    this.events = events;
    this.randomLive = (int) Math.min(RANDOM_LIVE_AT_MOST, events / 10);
    this.random = seed * 0x9E37_79B9_7F4A_7C15L + 1;
    this.writer = writer;
  }

  /**
   * Writes a trace.
   *
   * @param events how many rows, at least 1,000
   */
  public static void write(Path file, Shape shape, long events, long seed) throws IOException {
    TraceMetadata metadata =
        TraceMetadata.of(
            Map.of(
                TraceMetadata.ORIGIN,
                "simulated",
                TraceMetadata.COMPLETE_START,
                "true",
                TraceMetadata.PRODUCER,
                "LargeTraceGenerator",
                "kstrace.seed",
                Long.toString(seed)));
    try (TraceWriter writer = TraceWriter.create(file, metadata, true)) {
      new LargeTraceGenerator(shape, events, seed, writer).run();
    }
  }

  /** Addresses last in, first out, as a pool hands them out. */
  private static final class LongStack {
    private long[] values = new long[64];
    private int size;

    void push(long value) {
      if (size == values.length) {
        values = java.util.Arrays.copyOf(values, 2 * size);
      }
      values[size++] = value;
    }

    long pop() {
      return values[--size];
    }

    boolean isEmpty() {
      return size == 0;
    }
  }

  /** One pin and its sessions. */
  private final class Station {
    final int index;
    final long pin;
    final Framing framing;
    final boolean circuit;
    final boolean pooled;
    final long[] live;
    int liveCount;
    private final LongStack free = new LongStack();
    private long context;
    private long session;
    private long stepsLeft;

    Station(int index) {
      this.index = index;
      this.pin = 0xFFFF_A300_0000_0000L + 0x220L * index;
      this.circuit = shape != Shape.RANDOM && index == 7;
      this.pooled = shape != Shape.RANDOM && index >= 4 && index < 7;
      int frames =
          shape == Shape.RANDOM ? randomLive / shape.pins : new int[] {4, 8, 16, 32}[index % 4];
      int bytes =
          pooled || shape == Shape.RANDOM
              ? 4096
              : new int[] {691_200, 1920, 16_384, 512}[index % 4];
      int mask = bytes % 4096 == 0 ? 0xFFF : 0x3F;
      framing =
          new Framing(
              KsFlags.OPTIONF_SYSTEM_MEMORY, PoolType.NON_PAGED_POOL, frames, bytes, mask, 0);
      live = new long[frames];
    }

    void open() throws IOException {
      session++;
      context = 0xFFFF_B000_0000_0000L + 0x1000L * index + 0x10 * (session % 16);
      int row = begin(Op.PIN_CREATE, Layer.NONE);
      batch.setPin(row, pin);
      batch.setDetail(
          row,
          "{\"name\":\"pin"
              + index
              + "\",\"factory_id\":"
              + index
              + ",\"flags\":"
              + KsFlags.PIN_USE_STANDARD_TRANSPORT
              + ",\"peer_mode\":\"kernel\"}");
      row = begin(Op.INITIALIZE, Layer.CALLBACK);
      batch.setPin(row, pin);
      batch.setFraming(row, framing);
      batch.setStatus(row, NtStatus.SUCCESS);
      batch.setContext(row, context);
      called(row, 900);
      for (int state = 0; state < 3; state++) {
        step(state, state + 1);
      }
      stepsLeft = shape == Shape.RANDOM ? Long.MAX_VALUE : 2_000 + random(20_000);
      for (int i = 0; circuit && i < live.length; i++) {
        allocate();
      }
    }

    private void step(int from, int to) throws IOException {
      int row = begin(Op.PIN_STATE, Layer.NONE);
      batch.setPin(row, pin);
      batch.setDetail(row, "{\"from\":" + from + ",\"to\":" + to + "}");
    }

    void close() throws IOException {
      for (int state = 3; state > 0; state--) {
        step(state, state - 1);
      }
      while (liveCount > 0) {
        free(0);
      }
      int row = begin(Op.DELETE, Layer.CALLBACK);
      batch.setContext(row, context);
      called(row, 400);
      row = begin(Op.PIN_CLOSE, Layer.NONE);
      batch.setPin(row, pin);
    }

    /** One allocate or free; a session that has lasted long enough ends and the next begins. */
    void run() throws IOException {
      if (stepsLeft-- <= 0) {
        close();
        open();
        return;
      }
      if (circuit) {
        return; // its frames go round unseen
      }
      boolean full = liveCount == live.length;
      if (full || (liveCount > 0 && random(live.length) < liveCount)) {
        free(random(liveCount));
      } else {
        allocate();
      }
    }

    long allocate() throws IOException {
      long frame = take();
      live[liveCount++] = frame;
      call(Op.ALLOCATE, frame, 300);
      return frame;
    }

    private long take() {
      LongStack source = pooled ? pool : free;
      if (shape != Shape.FRESH && !source.isEmpty()) {
        return source.pop();
      }
      long frame = nextFresh;
      nextFresh += (framing.frameBytes() + 0xFFF) & ~0xFFFL;
      return frame;
    }

    void free(int which) throws IOException {
      long frame = live[which];
      live[which] = live[--liveCount];
      call(Op.FREE, frame, 150);
      if (shape != Shape.FRESH) {
        (pooled ? pool : free).push(frame);
      }
    }

    int call(Op op, long frame, int longest) throws IOException {
      int row = begin(op, Layer.CALLBACK);
      batch.setContext(row, context);
      batch.setFrame(row, frame);
      if (op == Op.ALLOCATE) {
        batch.setSize(row, framing.frameBytes());
      }
      called(row, longest);
      return row;
    }
  }

  private void run() throws IOException {
    for (int i = 0; i < shape.pins; i++) {
      Station station = new Station(i);
      stations.add(station);
      station.open();
    }
    long liveAtMost = shape == Shape.RANDOM ? randomLive + RESERVE : RESERVE;
    while (seq < events - Math.min(liveAtMost, events / 2)) {
      if (planted < PLACES.length && seq >= (long) (events * PLACES[planted])) {
        plant(PLANTED.get(planted++));
      }
      stations.get(random(stations.size())).run();
    }
    for (Station station : stations) {
      station.close();
    }
    while (seq < events - 1) {
      begin(Op.MARK, Layer.NONE);
    }
    begin(Op.TRACE_END, Layer.NONE);
    flush();
  }

  private void plant(String rule) throws IOException {
    Station station = stations.get(0);
    while (station.liveCount < 2) {
      station.allocate();
    }
    switch (rule) {
      case "frame-leak" -> station.liveCount--;
      case "double-free" -> {
        long frame = station.live[station.liveCount - 1];
        station.free(station.liveCount - 1);
        station.call(Op.FREE, frame, 150);
      }
      case "free-of-unknown-frame" -> station.call(Op.FREE, FRAMES_AT - GAP, 150);
      case "frame-misaligned" -> {
        long frame = FRAMES_AT - 2 * GAP + 8;
        station.call(Op.ALLOCATE, frame, 300);
        station.call(Op.FREE, frame, 150);
      }
      case "irql-above-dispatch" -> {
        int row = station.call(Op.FREE, station.live[--station.liveCount], 150);
        batch.setIrqlEntry(row, 5);
        batch.setIrqlExit(row, 5);
      }
      default -> throw new IllegalStateException("no fault planted, rule=" + rule);
    }
  }

  /** A new row; its place in the batch. */
  private int begin(Op op, Layer layer) throws IOException {
    if (batch.isFull()) {
      flush();
    }
    int row = batch.rows();
    time += 200 + random(2_000);
    batch.begin(row, seq++, op.code(), layer.code(), time);
    batch.setRows(row + 1);
    return row;
  }

  private void called(int row, int longest) {
    batch.setTExit(row, time + 50 + random(longest));
    batch.setThread(row, 4 * (1 + random(12)));
    int irql = random(4) == 0 ? 2 : 0;
    batch.setIrqlEntry(row, irql);
    batch.setIrqlExit(row, irql);
  }

  private void flush() throws IOException {
    writer.write(batch);
    batch.clear();
  }

  private int random(int bound) {
    random ^= random << 13;
    random ^= random >>> 7;
    random ^= random << 17;
    return (int) (((random >>> 32) * bound) >>> 32);
  }
}
