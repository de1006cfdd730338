package dev.kstrace.replay.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kstrace.capture.sim.SplitMix;
import dev.kstrace.replay.Disturbances;
import dev.kstrace.replay.Recording;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceText;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Orders that are legal, against the definition read pair by pair. */
final class OrdersTest {
  private static final String TWO_THREADS =
      """
      1 initialize thread=1 pin=0x10 context=0xA status=STATUS_SUCCESS framing={frames=2 size=64}
      2 allocate thread=1 context=0xA frame=0x5000
      3 allocate thread=2 context=0xA frame=0x6000
      4 free thread=1 context=0xA frame=0x5000
      5 free thread=2 context=0xA frame=0x6000
      6 allocate thread=2 context=0xA frame=0x5000
      7 free thread=1 context=0xA frame=0x5000
      8 delete thread=1 context=0xA
      9 trace_end
      """;

  private static int[] rows(Order order) {
    return IntStream.range(0, order.size()).map(order::row).toArray();
  }

  private static Recording recording(String text) throws IOException {
    TraceText.Parsed parsed = TraceText.parse(new StringReader(text), Path.of("test"));
    return Recording.of(parsed.metadata(), parsed.events());
  }

  /** Three threads on two allocators, with addresses that come back and a second generation. */
  private static Recording random(long seed) {
    SplitMix random = new SplitMix(seed);
    List<TraceEvent> events = new ArrayList<>();
    int limit = 3;
    for (int round = 0; round < 2; round++) {
      for (int pin = 0; pin < 2; pin++) {
        events.add(
            TraceEvent.of(events.size() + 1, Op.INITIALIZE, Layer.CALLBACK, events.size())
                .thread(pin)
                .pin(0x10 + pin)
                .context(0xA0 + pin)
                .status(0)
                .framing(new dev.kstrace.traces.Framing(0, 0, limit, 64, 0, 0))
                .build());
      }
      List<List<Long>> out = List.of(new ArrayList<>(), new ArrayList<>());
      for (int i = 0; i < 24; i++) {
        int pin = random.below(2);
        boolean full = out.get(pin).size() == limit;
        boolean free = full || (!out.get(pin).isEmpty() && random.oneIn(2));
        long frame = 0x1000L * (1 + random.below(6)) + 0x100000L * pin;
        if (!free && out.get(pin).contains(frame)) {
          continue;
        }
        if (free) {
          frame = out.get(pin).remove(random.below(out.get(pin).size()));
        } else {
          out.get(pin).add(frame);
        }
        Op op = free ? Op.FREE : Op.ALLOCATE;
        events.add(
            TraceEvent.of(events.size() + 1, op, Layer.CALLBACK, events.size())
                .thread(random.below(3))
                .context(0xA0 + pin)
                .frame(frame)
                .build());
        if (random.oneIn(8)) {
          events.add(
              TraceEvent.of(events.size() + 1, Op.PIN_STATE, Layer.NONE, events.size())
                  .thread(2)
                  .pin(0x10 + pin)
                  .build());
        }
      }
      for (int pin = 0; pin < 2; pin++) {
        events.add(
            TraceEvent.of(events.size() + 1, Op.DELETE, Layer.CALLBACK, events.size())
                .thread(random.below(3))
                .context(0xA0 + pin)
                .build());
      }
    }
    events.add(TraceEvent.of(events.size() + 1, Op.TRACE_END, Layer.NONE, events.size()).build());
    return Recording.of(TraceMetadata.of(java.util.Map.of()), events);
  }

  /** Whether an event has to stay before a later one. */
  private static boolean ordered(TraceEvent a, TraceEvent b) {
    if (Objects.equals(a.thread(), b.thread())) {
      return true;
    }
    if (a.frame() != null && a.frame() != 0 && a.frame().equals(b.frame())) {
      return true;
    }
    if (a.op() == Op.TRACE_END.code() || b.op() == Op.TRACE_END.code()) {
      return true;
    }
    boolean shares = isShared(a) && isShared(b);
    boolean sameContext = a.context() != null && a.context().equals(b.context());
    boolean samePin = pin(a) == pin(b);
    return !shares && (sameContext || samePin);
  }

  private static boolean isShared(TraceEvent event) {
    return event.op() == Op.ALLOCATE.code() || event.op() == Op.FREE.code();
  }

  /** Contexts 0xA0 and 0xA1 are of pins 0x10 and 0x11. */
  private static long pin(TraceEvent event) {
    if (event.pin() != null) {
      return event.pin();
    }
    return event.context() == null ? -1 : 0x10 + event.context() - 0xA0;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void keepsWhatDependsOnEachOther(long seed) {
    Recording recording = random(seed);
    EventBatch events = recording.events();
    Orders orders = new Orders(recording);
    int moved = 0;
    for (long order = 1; order <= 40; order++) {
      int[] rows = rows(orders.of(order));
      assertThat(Arrays.stream(rows).sorted().toArray())
          .isEqualTo(IntStream.range(0, rows.length).toArray());
      int[] place = new int[rows.length];
      for (int i = 0; i < rows.length; i++) {
        place[rows[i]] = i;
      }
      for (int i = 0; i < rows.length; i++) {
        for (int j = i + 1; j < rows.length; j++) {
          if (ordered(events.event(i), events.event(j))) {
            assertThat(place[i])
                .as("seed %d order %d: %d, %d", seed, order, i, j)
                .isLessThan(place[j]);
          } else if (place[i] > place[j]) {
            moved++;
          }
        }
      }
      int[] out = new int[4];
      for (int row : rows) {
        if (recording.framesOut(row) != 0) {
          out[recording.allocator(row)] += recording.framesOut(row);
          assertThat(out[recording.allocator(row)]).isBetween(0, 3);
        }
      }
    }
    assertThat(moved).isGreaterThan(1000);
  }

  @Test
  void reachesEveryLegalOrderOfAFew() throws IOException {
    Recording recording = recording(TWO_THREADS);
    Orders orders = new Orders(recording);
    Set<List<Integer>> seen = new HashSet<>();
    for (long seed = 0; seed < 400; seed++) {
      seen.add(Arrays.stream(rows(orders.of(seed))).boxed().toList());
    }
    // 2 4 of thread 1 and 3 5 of thread 2 in any way: 6; then 6 may be before 5 nowhere.
    assertThat(seen).hasSize(6);
  }

  @Test
  void isTheSameForTheSameSeedAndTheRecordedOneIsItself() {
    Recording recording = random(1);
    Orders orders = new Orders(recording);

    assertThat(rows(orders.of(7))).isEqualTo(rows(new Orders(random(1)).of(7)));
    assertThat(rows(orders.of(7))).isNotEqualTo(rows(orders.of(8)));
    assertThat(rows(orders.recorded()))
        .containsExactly(IntStream.range(0, recording.rows()).toArray());
    assertThat(orders.isOne()).isFalse();
  }

  @Test
  void letsInOnlyWhatMayChangePlaces() {
    Recording recording = random(2);
    EventBatch events = recording.events();
    Orders orders = new Orders(recording);
    int open = 0;
    for (long seed = 1; seed <= 40; seed++) {
      Order order = orders.of(seed);
      for (int place = order.nextOpen(0); place >= 0; place = order.nextOpen(place + 1)) {
        int a = order.row(place);
        int b = order.row(place + 1);
        TraceEvent first = events.event(Math.min(a, b));
        TraceEvent second = events.event(Math.max(a, b));
        assertThat(ordered(first, second)).isFalse();
        assertThat(isShared(first) && isShared(second)).isTrue();
        open++;
      }
    }
    assertThat(open).isGreaterThan(100);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void leavesRoomToGoOn(long seed) {
    SplitMix random = new SplitMix(seed);
    int[] changes = new int[1 + random.below(20)];
    int live = 0;
    int limit = 1;
    for (int i = 0; i < changes.length; i++) {
      changes[i] = live > 0 && random.oneIn(2) ? -1 : 1;
      live += changes[i];
      limit = Math.max(limit, live);
    }
    FrameRoom room = new FrameRoom(changes, limit);
    List<Integer> left = new ArrayList<>(IntStream.range(0, changes.length).boxed().toList());
    int out = 0;
    while (!left.isEmpty()) {
      for (int event : left) {
        if (changes[event] == 1) {
          assertThat(room.allows(event)).isEqualTo(fits(changes, left, event, out, limit));
        }
      }
      int chosen = left.get(random.below(left.size()));
      if (changes[chosen] == 1 && !room.allows(chosen)) {
        chosen = left.get(0);
      }
      left.remove((Integer) chosen);
      room.done(chosen, changes[chosen]);
      out += changes[chosen];
      assertThat(room.out()).isEqualTo(out);
    }
  }

  /** Whether all others can follow in order. */
  private static boolean fits(int[] changes, List<Integer> left, int event, int out, int limit) {
    int live = out + 1;
    boolean fits = live <= limit;
    for (int other : left) {
      if (other != event) {
        live += changes[other];
        fits &= live <= limit;
      }
    }
    return fits;
  }

  @Test
  void disturbsAsPlanned() throws IOException {
    Recording recording = recording(TWO_THREADS);
    Orders orders = new Orders(recording);
    Set<Long> failed = new HashSet<>();
    for (long seed = 1; seed <= 3; seed++) {
      Order order = orders.of(seed);
      Disturbed each =
          Disturbed.of(recording, order, FailPlan.parse("each-once"), FailPlan.NONE, false);
      assertThat(each.failing()).isEqualTo(1);
      for (long seq = 1; seq <= 9; seq++) {
        if (Disturbances.isFailing(each.at(seq))) {
          int row = order.row((int) seq - 1);
          assertThat(recording.events().op(row)).isEqualTo(Op.ALLOCATE.code());
          failed.add(seq);
        }
      }
    }
    assertThat(failed).hasSizeGreaterThan(1);
    Order order = orders.recorded();
    assertThat(Disturbed.of(recording, order, FailPlan.parse("2"), FailPlan.NONE, false).at(3))
        .isNotZero();
    assertThat(Disturbed.of(recording, order, FailPlan.NONE, FailPlan.EACH_ONCE, false).at(1))
        .isNotZero();
    assertThat(Disturbed.of(recording, order, FailPlan.parse("p=1"), FailPlan.NONE, true).failing())
        .isEqualTo(3);
    for (String wrong : List.of("0", "p=0", "p=1.5", "p=x", "often", "p=NaN")) {
      assertThatThrownBy(() -> FailPlan.parse(wrong)).hasMessageContaining("each-once or p=0.06");
    }
  }

  @Test
  void givesEachPlaceItsSeqAndTime() throws IOException {
    Recording recording = recording(TWO_THREADS);
    Orders orders = new Orders(recording);
    long seed = 1;
    while (Arrays.equals(rows(orders.of(seed)), rows(orders.recorded()))) {
      seed++;
    }
    EventBatch batch = new EventBatch(4);
    OrderedEvents events = new OrderedEvents(recording, orders.of(seed));
    long last = 0;
    long time = Long.MIN_VALUE;
    while (events.read(batch)) {
      for (int row = 0; row < batch.rows(); row++) {
        assertThat(batch.seq(row)).isEqualTo(++last);
        assertThat(batch.tEntry(row)).isGreaterThanOrEqualTo(time);
        time = batch.has(row, EventBatch.T_EXIT) ? batch.tExit(row) : batch.tEntry(row);
      }
    }
    assertThat(last).isEqualTo(9);
  }
}
