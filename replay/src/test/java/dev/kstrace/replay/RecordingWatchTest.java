package dev.kstrace.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.Op;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Looking at many calm events at once comes to the same as looking at one after the other. */
class RecordingWatchTest {
  private static final int ROWS = 6;

  @Test
  void seesTheSameInManyEventsAtOnce() {
    int calm = 0;
    int overlapping = 0;
    int lossy = 0;
    for (long seed = 0; seed < 4000; seed++) {
      Random random = new Random(seed);
      CallResolver resolver = new CallResolver();
      RecordedCalls calls = new RecordedCalls(ROWS);
      RecordingWatch oneByOne = new RecordingWatch();
      RecordingWatch atOnce = new RecordingWatch();
      EventBatch in = new EventBatch(ROWS);
      long[] clock = {0, 0};
      int events = 0;
      for (int batch = 0; batch < 6; batch++) {
        in.clear();
        while (!in.isFull()) {
          event(in, events++, clock, random);
        }
        resolver.resolve(in, ROWS, calls);
        calm += calls.areCalm() ? 1 : 0;
        for (int row = 0; row < ROWS; row++) {
          oneByOne.see(in, row);
        }
        int middle = random.nextInt(ROWS + 1);
        atOnce.see(in, 0, middle, calls.areCalm());
        atOnce.see(in, middle, ROWS, calls.areCalm());
        assertThat(atOnce.events()).isEqualTo(oneByOne.events());
        assertThat(atOnce.overlaps()).as("seed=%d", seed).isEqualTo(oneByOne.overlaps());
        assertThat(atOnce.firstLoss()).as("seed=%d", seed).isEqualTo(oneByOne.firstLoss());
      }
      overlapping += oneByOne.overlaps() ? 1 : 0;
      lossy += oneByOne.firstLoss() != null ? 1 : 0;
    }
    assertThat(calm).isGreaterThan(1000);
    assertThat(overlapping).isBetween(400, 3600);
    assertThat(lossy).isBetween(400, 3600);
  }

  @Test
  void seesACallThatIsUnderWayBesideOnesWithImpossibleTimes() {
    CallResolver resolver = new CallResolver();
    RecordedCalls calls = new RecordedCalls(ROWS);
    RecordingWatch watch = new RecordingWatch();
    EventBatch in = new EventBatch(ROWS);
    long[][] times = {{0, 1}, {2, 3}, {4, 100}, {100, 50}, {60, 70}};
    for (int event = 0; event < times.length; event++) {
      row(in, event, event, times[event][0]);
      in.setTExit(in.rows() - 1, times[event][1]);
      if (event == 2 || event == times.length - 1) {
        resolver.resolve(in, in.rows(), calls);
        watch.see(in, 0, in.rows(), calls.areCalm());
        in.clear();
      }
    }
    assertThat(calls.areCalm()).isTrue();
    assertThat(watch.overlaps()).as("60 is before 100").isTrue();
  }

  /**
   * Now and then a hole in {@code seq}, a call that takes long, one without its return, and times
   * that cannot be.
   */
  private static void event(EventBatch in, int number, long[] clock, Random random) {
    clock[0] += random.nextInt(60) == 0 ? 2 : 1;
    clock[1] += 10;
    long entry = clock[1] - (random.nextInt(40) == 0 ? random.nextInt(20) : 0);
    row(in, number, clock[0], entry);
    if (random.nextInt(60) != 0) {
      long took = random.nextInt(60) == 0 ? 25 + random.nextInt(60) : 5;
      in.setTExit(in.rows() - 1, entry + (random.nextInt(20) == 0 ? -random.nextInt(20) : took));
    }
  }

  /** The frame of one allocator goes out and comes back. */
  private static void row(EventBatch in, int number, long seq, long entry) {
    int row = in.rows();
    in.setRows(row + 1);
    Op op = number == 0 ? Op.INITIALIZE : (number & 1) != 0 ? Op.ALLOCATE : Op.FREE;
    in.begin(row, seq, op.code(), Layer.CALLBACK.code(), entry);
    in.setContext(row, 0xC000);
    if (op == Op.INITIALIZE) {
      in.setStatus(row, 0);
      in.setFraming(row, new Framing(2, 0, 4, 4096, 0, 0));
    } else {
      in.setFrame(row, 0x1000);
    }
  }
}
