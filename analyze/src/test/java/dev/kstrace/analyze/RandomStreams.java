package dev.kstrace.analyze;

import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.NtStatus;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceMetadata;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Traces of one or two pins that go through their states for seconds or minutes, with frames that
 * come and go, pile up, are held or forgotten. A seed decides everything.
 */
final class RandomStreams {
  private static final long SECOND = 1_000_000_000;

  /** An allocator and what is out of it, the oldest frame first. */
  private static final class Stream {
    final long pin;
    final long context;
    final Deque<Long> out = new ArrayDeque<>();
    boolean live;
    int state;

    Stream(long pin, long context) {
      this.pin = pin;
      this.context = context;
    }
  }

  private final Random random;
  private final List<TraceEvent.Builder> builders = new ArrayList<>();
  private final List<Stream> streams = new ArrayList<>();
  private long seq;
  private long now;
  private long nextFrame = 0x1000;

  private RandomStreams(long seed) {
    random = new Random(seed * 0x9E3779B97F4A7C15L);
  }

  /** The trace of a seed, of some hundred rows. */
  static RandomTraces.Trace of(long seed) {
    return new RandomStreams(seed).trace();
  }

  private RandomTraces.Trace trace() {
    for (int i = 0; i <= random.nextInt(2); i++) {
      Stream stream = new Stream(0x10 + i, 0x100 + i);
      streams.add(stream);
      add(Op.PIN_CREATE).pin(stream.pin).detail(chance(15) ? "{\"slab\":true}" : "{}");
      if (chance(80)) {
        initialize(stream);
      }
    }
    int steps = 4 + random.nextInt(12);
    for (int i = 0; i < steps; i++) {
      Stream stream = streams.get(random.nextInt(streams.size()));
      if (chance(6)) {
        seq += 1 + random.nextInt(3);
      }
      if (!stream.live && chance(80)) {
        initialize(stream);
      } else if (chance(5)) {
        end(stream);
      } else {
        step(stream);
      }
      if (chance(3)) {
        add(Op.PIN_CLOSE).pin(stream.pin);
        add(Op.PIN_CREATE).pin(stream.pin).detail("{}");
        stream.state = 0;
      }
    }
    finish();
    return new RandomTraces.Trace(
        TraceMetadata.of(Map.of(TraceMetadata.COMPLETE_START, Boolean.toString(chance(90)))),
        builders.stream().map(TraceEvent.Builder::build).toList());
  }

  private TraceEvent.Builder add(Op op) {
    now += 1000;
    seq++;
    TraceEvent.Builder event = TraceEvent.of(seq, op, Layer.NONE, now);
    builders.add(event);
    return event;
  }

  private TraceEvent.Builder call(Op op, Stream stream) {
    seq++;
    TraceEvent.Builder event = TraceEvent.of(seq, op, Layer.CALLBACK, now + 1);
    now += 1000;
    builders.add(event.tExit(now).context(stream.context));
    return event;
  }

  private void initialize(Stream stream) {
    stream.live = true;
    stream.out.clear();
    call(Op.INITIALIZE, stream)
        .pin(stream.pin)
        .status(NtStatus.SUCCESS)
        .framing(new Framing(2, 0, chance(50) ? 0 : 4 + random.nextInt(12), 0x40, 0, 0));
  }

  /** A step to a neighbouring state, mostly on towards RUN or back to STOP. */
  private void step(Stream stream) {
    int to = stream.state == 3 ? 2 : stream.state == 0 || chance(70) ? stream.state + 1 : 0;
    long period = chance(70) ? SECOND / (1 + random.nextInt(20)) : 0;
    add(Op.PIN_STATE)
        .pin(stream.pin)
        .detail("{\"from\":" + stream.state + ",\"to\":" + to + ",\"period_ns\":" + period + "}");
    stream.state = to;
    if (to == 3 && stream.live) {
      run(stream);
    } else if (stream.live && chance(30)) {
      allocate(stream);
    } else if (stream.live && !stream.out.isEmpty() && chance(40)) {
      free(stream, stream.out.pop());
    }
  }

  private void run(Stream stream) {
    boolean holding = chance(30);
    int growing = chance(25) ? 8 + random.nextInt(30) : 0;
    int ticks = chance(50) ? 5 + random.nextInt(30) : 60 + random.nextInt(60);
    long tick = SECOND / 20 * (1 + random.nextInt(chance(50) ? 3 : 25));
    for (int i = 0; i < ticks; i++) {
      now += tick / 2 + random.nextInt((int) (tick / 2));
      allocate(stream);
      boolean keep = growing > 0 && i % growing == growing - 1;
      if (!keep && stream.out.size() > 1 + random.nextInt(3)) {
        Long held = holding ? stream.out.pop() : null;
        free(stream, stream.out.pop());
        if (held != null) {
          stream.out.push(held);
        }
      }
    }
    if (chance(60)) {
      while (!stream.out.isEmpty()) {
        free(stream, stream.out.pop());
      }
    }
    now += random.nextInt((int) SECOND);
  }

  private void allocate(Stream stream) {
    nextFrame += 0x100;
    call(Op.ALLOCATE, stream).frame(nextFrame);
    stream.out.add(nextFrame);
  }

  private void free(Stream stream, long frame) {
    call(Op.FREE, stream).frame(frame);
  }

  private void end(Stream stream) {
    if (stream.live) {
      while (!stream.out.isEmpty() && !chance(5)) {
        free(stream, stream.out.pop());
      }
      call(Op.DELETE, stream);
      stream.live = false;
    }
  }

  private void finish() {
    if (chance(75)) {
      streams.forEach(this::end);
    }
    if (chance(85)) {
      add(Op.TRACE_END);
    }
  }

  private boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }
}
