package dev.kstrace.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Op;
import org.junit.jupiter.api.Test;

final class EventRingTest {
  private final EventRing ring = new EventRing(4);

  private void fill() {
    for (int i = 0; i < 4; i++) {
      ring.done(ring.claim(0, true));
    }
  }

  @Test
  void positionsAndSequenceNumbersGoUpByOne() {
    for (int i = 0; i < 4; i++) {
      long position = ring.claim(0, true);
      assertThat(position).isEqualTo(i);
      assertThat(EventRing.seq(position)).isEqualTo(i + 1);
    }
    assertThat(ring.claim(0, true)).isEqualTo(EventRing.FULL);
  }

  @Test
  void theRowOfALossTakesASlotInFrontOfTheEventThatFindsRoomAgain() {
    fill();
    assertThat(ring.claim(0, true)).isEqualTo(EventRing.FULL);
    assertThat(ring.claim(0, true)).isEqualTo(EventRing.FULL);
    ring.release(1);
    assertThat(ring.claim(0, true)).as("one free slot is not enough").isEqualTo(EventRing.FULL);
    ring.release(2);
    assertThat(ring.claim(7, true)).isEqualTo(5);
    assertThat(ring.isDone(4)).isTrue();
    EventBatch batch = new EventBatch(1);
    ring.rows().moveTo(batch, 0, ring.slot(4), EventRing.seq(4));
    assertThat(batch.op(0)).isEqualTo(Op.EVENTS_LOST.code());
    assertThat(batch.seq(0)).isEqualTo(5);
    assertThat(batch.detail(0)).isEqualTo("{\"count\":3,\"cause\":\"buffer full\"}");
    assertThat(ring.recordedLosses()).isEqualTo(3);
    assertThat(ring.openLosses()).isZero();
  }

  @Test
  void countsMoreLossesThanItsWordHolds() {
    fill();
    int losses = (1 << 21) + 10;
    for (int i = 0; i < losses; i++) {
      ring.claim(0, true);
    }
    assertThat(ring.openLosses()).isEqualTo(losses);
    ring.release(4);
    ring.claim(0, true);
    assertThat(ring.recordedLosses()).isEqualTo(losses);
    assertThat(ring.openLosses()).isZero();
  }

  @Test
  void aSlotOfAnEarlierLapIsNotTakenForAFinishedOne() {
    fill();
    ring.release(4);
    assertThat(ring.claim(0, true)).isEqualTo(4);
    assertThat(ring.isDone(4)).isFalse();
    ring.done(4);
    assertThat(ring.isDone(4)).isTrue();
    assertThat(ring.isDone(0)).isFalse();
  }

  @Test
  void aTakenRowRefusesItsReturn() {
    long position = ring.claim(0, true);
    ring.entered(position);
    assertThat(ring.takeEntered(position)).isTrue();
    assertThat(ring.beginReturn(position)).isFalse();
  }

  @Test
  void aReturningRowIsNotTaken() {
    long position = ring.claim(0, true);
    ring.entered(position);
    assertThat(ring.beginReturn(position)).isTrue();
    assertThat(ring.takeEntered(position)).isFalse();
    ring.done(position);
    assertThat(ring.isDone(position)).isTrue();
  }

  @Test
  void aClosedRingTakesNothingAndCountsNothing() {
    ring.close();
    assertThat(ring.claim(0, true)).isEqualTo(EventRing.CLOSED);
    assertThat(ring.openLosses()).isZero();
  }

  @Test
  void refusesACapacityThatIsNoPowerOfTwo() {
    assertThatThrownBy(() -> new EventRing(6)).hasMessageContaining("bufferRows=6");
    assertThatThrownBy(() -> new EventRing(2)).hasMessageContaining("bufferRows=2");
  }
}
