package dev.kstrace.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceEvent;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RingRowsTest {
  private static final Framing FRAMING = new Framing(1, 2, 3, 4, 5, 6);
  private static final TraceEvent FULL =
      new TraceEvent(7, 255, 254, -9, -1L, -2, 253, 252, -3L, -4L, -5L, -6L, -7, FRAMING, "{}");

  private final RingRows rows = new RingRows(3);
  private final EventBatch batch = new EventBatch(3);

  private TraceEvent moved(int row) {
    rows.moveTo(batch, 1, row, 7);
    return batch.event(1);
  }

  @Test
  void everyValueComesOutAsItWentIn() {
    rows.set(1, FULL);
    assertThat(moved(1)).isEqualTo(FULL);
  }

  @Test
  void aRowOfAnEarlierLapLeavesNothingBehind() {
    rows.set(1, FULL);
    moved(1);
    TraceEvent bare = TraceEvent.of(7, Op.MARK, Layer.NONE, 0).build();
    rows.set(1, bare);
    assertThat(moved(1)).isEqualTo(bare);
  }

  @Test
  void neighboursDoNotTouchEachOther() {
    TraceEvent zero = TraceEvent.of(7, Op.MARK, Layer.NONE, 0).build();
    rows.set(0, zero);
    rows.set(2, zero);
    rows.set(1, FULL);
    rows.setState(1, -1);
    assertThat(moved(0)).isEqualTo(zero);
    assertThat(moved(2)).isEqualTo(zero);
    assertThat(List.of(rows.state(0), rows.state(1), rows.state(2))).containsExactly(0L, -1L, 0L);
  }

  @Test
  void aCallIsTheEventThatItsSettersWouldMake() {
    List<TraceEvent> calls = new ArrayList<>();
    int known = EventBatch.CONTEXT | EventBatch.FRAME | EventBatch.THREAD | EventBatch.IRQL_ENTRY;
    rows.setCall(0, Op.FREE.code(), -9, 5, -1, 255, -2, -3, known);
    calls.add(moved(0));
    rows.setTExit(0, -8);
    rows.setIrqlExit(0, 254);
    calls.add(moved(0));
    TraceEvent.Builder call =
        TraceEvent.of(7, Op.FREE, Layer.CALLBACK, -9)
            .thread(-1)
            .irqlEntry(255)
            .context(-2L)
            .frame(-3L);
    assertThat(calls).containsExactly(call.build(), call.tExit(-8L).irqlExit(254).build());
  }
}
