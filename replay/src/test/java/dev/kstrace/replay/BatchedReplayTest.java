package dev.kstrace.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.capture.AllocatorDispatch.ContextOut;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls that travel in batches come to the same as calls that are made one by one. */
class BatchedReplayTest {
  private static final TraceMetadata METADATA = TraceMetadata.of(Map.of());

  /**
   * A target that does anything, but always the same after the same calls, so that one call too
   * many or too few changes all that follows.
   */
  private static final class Moody implements ReplayTarget {
    private final boolean faithful;
    private long state;
    private int irql;
    private int left = Integer.MAX_VALUE;
    private final List<Long> given = new ArrayList<>();

    Moody(long seed, boolean faithful) {
      this.state = seed;
      this.faithful = faithful;
    }

    Moody dyingAfter(int calls) {
      left = calls;
      return this;
    }

    private int next(int bound, long... with) {
      if (--left < 0) {
        throw new IllegalStateException("gone");
      }
      for (long value : with) {
        state = (state ^ value) * 0x9E3779B97F4A7C15L;
        state ^= state >>> 29;
      }
      return (int) Math.floorMod(state >>> 20, (long) bound);
    }

    @Override
    public String name() {
      return "test:moody";
    }

    @Override
    public boolean syntheticAddresses() {
      return true;
    }

    @Override
    public void present(int thread, int irql, long timeNs) {
      this.irql = irql;
      state += thread + timeNs;
    }

    @Override
    public int initialize(long pin, Framing framing, ContextOut context) {
      int mood = next(10, 1, pin, framing.frames());
      context.value = 0xC000 + (faithful ? (long) given.size() : mood);
      given.add(context.value);
      return mood == 0 && !faithful ? NtStatus.INSUFFICIENT_RESOURCES : NtStatus.SUCCESS;
    }

    @Override
    public void delete(long context) {
      next(10, 2, context);
    }

    @Override
    public long allocate(long context) {
      int mood = next(faithful ? 97 : 8, 3, context);
      if (mood == 0) {
        return 0;
      }
      long frame =
          mood == 1 && !given.isEmpty()
              ? given.get(next(given.size(), 5))
              : 0x7000_0000L + 64L * given.size();
      given.add(frame);
      return frame;
    }

    @Override
    public void free(long context, long frame) {
      next(10, 4, context, frame);
    }

    @Override
    public int irql() {
      return next(50, 6) == 0 ? 15 : irql;
    }

    @Override
    public long usableBytes(long context, long frame) {
      return next(3, 7) == 0 ? -1 : 64;
    }

    @Override
    public void close() {}
  }

  /** Calls right and wrong: few contexts and frames, so that every kind of confusion occurs. */
  private static List<TraceEvent> recording(long seed, int events, int wrong) {
    Random random = new Random(seed);
    List<TraceEvent> all = new ArrayList<>();
    List<Long> live = new ArrayList<>();
    long fresh = 0x5000;
    for (int seq = 1; seq <= events; seq++) {
      boolean odd = random.nextInt(100) < wrong;
      long context = 0xA0L + random.nextInt(odd ? 4 : 2);
      int kind = random.nextInt(100);
      TraceEvent.Builder event;
      if (seq <= 2 || kind < 2) {
        event =
            event(random, seq, Op.INITIALIZE, Layer.CALLBACK, 0xA0L + seq % 3)
                .pin(0x10L + random.nextInt(3))
                .status(odd ? NtStatus.INSUFFICIENT_RESOURCES : NtStatus.SUCCESS)
                .framing(new Framing(2, 0, random.nextInt(5), 64, 0, 0));
      } else if (kind < 3) {
        event = event(random, seq, Op.DELETE, Layer.CALLBACK, context);
      } else if (kind < 5) {
        event =
            event(random, seq, Op.ALLOCATE, Layer.IRP_METHOD, context)
                .frame(0x5000L + 64L * random.nextInt(9));
      } else if (kind < 52 || live.isEmpty()) {
        long frame = fresh;
        if (odd) {
          frame = random.nextBoolean() || live.isEmpty() ? 0 : live.get(0);
        } else if (random.nextInt(3) > 0) {
          frame = 0x5000 + 64L * random.nextInt(20);
        } else {
          fresh += 64;
        }
        event = event(random, seq, Op.ALLOCATE, Layer.CALLBACK, context).frame(frame).size(64L);
        if (frame != 0) {
          live.add(frame);
        }
      } else {
        int at = random.nextInt(live.size());
        long frame = odd ? live.get(at) + 8L * random.nextInt(3) : live.remove(at);
        frame = odd && random.nextInt(4) == 0 ? random.nextInt(2) * 0x777L : frame;
        event = event(random, seq, Op.FREE, Layer.CALLBACK, context).frame(frame);
      }
      all.add(event.build());
    }
    return all;
  }

  private static TraceEvent.Builder event(
      Random random, int seq, Op op, Layer layer, long context) {
    return TraceEvent.of(seq, op, layer, seq * 10L)
        .thread(random.nextInt(3))
        .irqlEntry(0)
        .irqlExit(0)
        .context(context);
  }

  private static void requireTheSame(List<TraceEvent> events, Moody near, Moody far) {
    Replays.Result expected = Replays.run(events, METADATA, near, ReplayOptions.DEFAULTS, 100);
    Replays.Result got =
        Replays.run(events, METADATA, new DistantTarget(far, 64), ReplayOptions.DEFAULTS, 100);
    assertThat(got.lines()).isEqualTo(expected.lines());
    assertThat(got.report()).isEqualTo(expected.report());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 30})
  void comesToTheSameAsOneByOne(int wrong) {
    for (long seed = 1; seed <= 60; seed++) {
      List<TraceEvent> events = recording(seed, 400, wrong);
      requireTheSame(events, new Moody(seed, false), new Moody(seed, false));
      requireTheSame(events, new Moody(seed, true), new Moody(seed, true));
    }
  }

  @Test
  void diesInTheSameCall() {
    for (int calls = 1; calls < 300; calls += 7) {
      List<TraceEvent> events = recording(calls, 200, 5);
      requireTheSame(
          events, new Moody(1, false).dyingAfter(calls), new Moody(1, false).dyingAfter(calls));
    }
  }

  @Test
  void sendsManyCallsAtOnceWhereTheTargetDoesAsRecorded() {
    List<TraceEvent> events = new ArrayList<>();
    for (int seq = 1; seq <= 4_001; seq++) {
      Op op = seq == 1 ? Op.INITIALIZE : seq % 2 == 0 ? Op.ALLOCATE : Op.FREE;
      TraceEvent.Builder event = TraceEvent.of(seq, op, Layer.CALLBACK, seq).context(0xAL);
      events.add((seq == 1 ? event.status(0) : event.frame(0x5000L)).build());
    }
    DistantTarget target = new DistantTarget(new ScriptedTarget(), 4096);
    ReplayReport report =
        Replays.run(events, METADATA, target, ReplayOptions.DEFAULTS, 4096).report();
    assertThat(report.calls()).isEqualTo(4_001);
    assertThat(report.diverged()).isFalse();
    // 256, 512, 1024, ...: the first answers come soon, and few more are needed.
    assertThat(target.rounds).isBetween(3, 8);
  }
}
