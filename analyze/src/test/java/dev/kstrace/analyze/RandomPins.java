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
 * Small traces of pins that come and go, with and without a dispatch table, and of allocators that
 * are made, used and deleted before, while and after. A seed decides everything.
 */
final class RandomPins {
  private static final long KERNEL = 0xFFFF_8000_0000_0000L;

  private final Random random;
  private final List<TraceEvent.Builder> builders = new ArrayList<>();
  private final List<Long> live = new ArrayList<>();
  private final List<Long> frames = new ArrayList<>();
  private long seq;

  private RandomPins(long seed) {
    random = new Random(seed * 0x9E3779B97F4A7C15L);
  }

  /** The trace of a seed, of 10 to 40 rows. */
  static RandomTraces.Trace of(long seed) {
    return new RandomPins(seed).trace();
  }

  private RandomTraces.Trace trace() {
    boolean losses = chance(25);
    boolean kernelPins = chance(80);
    boolean oddAddresses = chance(10);
    int rows = 10 + random.nextInt(30);
    for (int row = 0; row < rows; row++) {
      if (losses && chance(8)) {
        seq += 1 + random.nextInt(2);
      }
      long pin = (kernelPins ? KERNEL : 0) + 0x10L * (1 + random.nextInt(3));
      switch (random.nextInt(9)) {
        case 0 -> add(Op.PIN_CREATE).pin(pin).detail(detail());
        case 1 -> close(pin);
        case 2, 3 -> initialize(pin);
        case 4 -> delete();
        default -> call(oddAddresses);
      }
    }
    if (chance(80)) {
      while (!live.isEmpty()) {
        delete();
      }
      add(Op.TRACE_END);
    }
    return new RandomTraces.Trace(metadata(), builders.stream().map(b -> b.build()).toList());
  }

  private TraceMetadata metadata() {
    return TraceMetadata.of(
        Map.of(
            TraceMetadata.COMPLETE_START,
            Boolean.toString(chance(85)),
            TraceMetadata.ORIGIN,
            chance(85) ? "recorded" : "imported",
            TraceMetadata.SYNTHETIC_ADDRESSES,
            Boolean.toString(chance(10))));
  }

  private TraceEvent.Builder add(Op op) {
    seq++;
    TraceEvent.Builder event = TraceEvent.of(seq, op, Layer.NONE, 1000 * seq);
    builders.add(event);
    return event;
  }

  private TraceEvent.Builder call(Op op, long context) {
    seq++;
    // Now and then it was entered before the row before had returned.
    long entry = 1000 * seq - (chance(20) ? random.nextInt(1500) : 0);
    TraceEvent.Builder event = TraceEvent.of(seq, op, Layer.CALLBACK, entry);
    builders.add(event);
    return event.tExit(1000 * seq + random.nextInt(900)).context(context);
  }

  private String detail() {
    List<String> keys = new ArrayList<>();
    if (chance(60)) {
      keys.add("\"has_dispatch\":" + chance(75));
    }
    if (chance(50)) {
      String free = chance(50) ? "\"0x0\"" : "\"0xfffff80000001000\"";
      keys.add("\"dispatch\":{\"allocate\":" + (chance(80) ? 1 : 0) + ",\"free\":" + free + "}");
    }
    if (chance(50)) {
      keys.add("\"peer_mode\":\"" + (chance(30) ? "user" : "kernel") + "\"");
    }
    return "{" + String.join(",", keys) + "}";
  }

  private void close(long pin) {
    TraceEvent.Builder event = add(Op.PIN_CLOSE).pin(pin);
    if (chance(80)) {
      event.tExit(1000 * seq + random.nextInt(1500));
    }
    if (chance(50)) {
      event.status(chance(70) ? NtStatus.SUCCESS : NtStatus.PENDING);
    }
  }

  private void initialize(long pin) {
    long context = 0x100L * (1 + random.nextInt(6));
    if (live.contains(context)) {
      return;
    }
    boolean failed = chance(10);
    call(Op.INITIALIZE, context)
        .pin(pin)
        .status(failed ? NtStatus.UNSUCCESSFUL : NtStatus.SUCCESS)
        .framing(new Framing(chance(85) ? 2 : 0, 0, 0, 0x40, 0, 0));
    if (!failed) {
      live.add(context);
    }
  }

  private void delete() {
    if (!live.isEmpty()) {
      call(Op.DELETE, live.remove(random.nextInt(live.size())));
    }
  }

  private void call(boolean oddAddresses) {
    if (live.isEmpty()) {
      return;
    }
    long context = live.get(random.nextInt(live.size()));
    if (chance(30) && !frames.isEmpty()) {
      call(Op.FREE, context).frame(frames.remove(random.nextInt(frames.size())));
      return;
    }
    long kernel = 0xFFFF_F800_0000_0000L + 0x1000L * random.nextInt(40);
    long user = 0x1000L * (1 + random.nextInt(40));
    long odd = 0x0000_8000_0000_0000L;
    long frame = chance(10) ? 0 : chance(70) ? kernel : oddAddresses && chance(50) ? odd : user;
    call(Op.ALLOCATE, context).frame(frame);
    if (frame != 0) {
      frames.add(frame);
    }
  }

  private boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }
}
