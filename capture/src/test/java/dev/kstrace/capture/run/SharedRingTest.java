package dev.kstrace.capture.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.traces.Detail;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Op;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a producer can leave behind: the test writes the ring's bytes itself. */
final class SharedRingTest {
  private static final int CAPACITY = 1024;

  @TempDir Path folder;
  private SharedRing ring;
  private MappedByteBuffer bytes;
  private final EventBatch batch = new EventBatch(4 * CAPACITY);

  @BeforeEach
  void make() throws IOException {
    Path file = Files.createFile(folder.resolve("ring"));
    ring = SharedRing.create(file, CAPACITY, false);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      bytes = channel.map(FileChannel.MapMode.READ_WRITE, 0, channel.size());
    }
    bytes.order(ByteOrder.nativeOrder());
  }

  private void claimed(long positions) {
    bytes.putLong(RingLayout.WORD_AT, positions << RingLayout.POSITION_SHIFT);
  }

  private void put(long position, int stage, Op op, int extra) {
    int at = RingLayout.HEADER_BYTES + (int) (position % CAPACITY) * RingLayout.SLOT_BYTES;
    bytes.putLong(at + RingLayout.T_ENTRY_AT, 100 + position);
    bytes.putLong(at + RingLayout.CONTEXT_AT, 7);
    bytes.put(at + RingLayout.OP_AT, (byte) op.code());
    bytes.put(at + RingLayout.LAYER_AT, (byte) 1);
    bytes.putShort(at + RingLayout.PRESENT_AT, (short) EventBatch.CONTEXT);
    bytes.put(at + RingLayout.EXTRA_AT, (byte) extra);
    bytes.putLong(at + RingLayout.STATE_AT, RingLayout.state(position, stage));
  }

  private String ops() {
    StringBuilder text = new StringBuilder();
    for (int row = 0; row < batch.rows(); row++) {
      text.append(Op.of(batch.op(row)).label()).append(' ');
    }
    return text.toString().strip();
  }

  @Test
  void waitsForAnEventThatIsNotPublished() {
    claimed(2);
    put(1, RingLayout.DONE, Op.ALLOCATE, 0);

    ring.drain(batch, false);

    assertThat(batch.rows()).isZero();
    put(0, RingLayout.DONE, Op.ALLOCATE, 0);
    ring.drain(batch, false);
    assertThat(ops()).isEqualTo("allocate allocate");
    assertThat(bytes.getLong(RingLayout.RELEASED_AT)).isEqualTo(2);
  }

  @Test
  void takesACallThatDoesNotReturnOnlyWhenAsked() {
    claimed(1);
    put(0, RingLayout.ENTERED, Op.FREE, 0);

    ring.drain(batch, false);
    assertThat(batch.rows()).isZero();
    ring.drain(batch, true);

    assertThat(ops()).isEqualTo("free");
    assertThat(batch.has(0, EventBatch.T_EXIT)).isFalse();
    assertThat(bytes.getLong(RingLayout.HEADER_BYTES)).as("the producer sees it taken").isZero();
  }

  @Test
  void countsOneSlotWithoutAnEventAsOneLoss() {
    claimed(2);
    put(1, RingLayout.DONE, Op.ALLOCATE, 0);

    ring.skipUnpublished(batch, 5);
    ring.drain(batch, false);

    assertThat(ops()).isEqualTo("events_lost allocate");
    Detail loss = Detail.parse(batch.detail(0));
    assertThat(loss.number("count")).isEqualTo(1);
    assertThat(loss.text("cause")).isEqualTo("producer died");
  }

  @Test
  void doesNotGuessHowManyEventsSeveralSlotsWere() {
    claimed(4);
    put(3, RingLayout.ENTERED, Op.FREE, 0);

    ring.skipUnpublished(batch, 5);
    ring.drain(batch, true);

    assertThat(ops()).isEqualTo("events_lost free");
    assertThat(Detail.parse(batch.detail(0)).number("count")).isNull();
    assertThat(ring.lost()).isEqualTo(1);
  }

  @Test
  void takesACallWhoseProducerDiedWhileItReturned() {
    claimed(1);
    put(0, RingLayout.RETURNING, Op.FREE, 0);

    ring.skipUnpublished(batch, 5);

    assertThat(ops()).isEqualTo("free");
    assertThat(ring.lost()).isZero();
  }

  @Test
  void doesNotBelieveParticularsBeyondWhatWasClaimed() {
    claimed(2);
    put(0, RingLayout.DONE, Op.MARK, 200);
    put(1, RingLayout.DONE, Op.ALLOCATE, 0);

    ring.drain(batch, false);

    assertThat(ops()).isEqualTo("events_lost allocate");
    assertThat(Detail.parse(batch.detail(0)).text("cause")).isEqualTo("damaged in the ring");
  }

  @Test
  void aStateOfAnEarlierLapIsNotTakenForNew() {
    claimed(CAPACITY + 1L);
    put(0, RingLayout.DONE, Op.ALLOCATE, 0);
    for (int i = 1; i < CAPACITY; i++) {
      put(i, RingLayout.DONE, Op.FREE, 0);
    }

    ring.drain(batch, false);

    assertThat(batch.rows()).isEqualTo(CAPACITY);
  }

  @Test
  void accountsForLossesAfterTheLastEvent() {
    bytes.putLong(RingLayout.WORD_AT, 9 << RingLayout.LOSS_SHIFT | RingLayout.CLOSED_BIT);
    bytes.putLong(RingLayout.SPILLED_AT, 4);

    ring.addOpenLosses(batch, 5);

    assertThat(Detail.parse(batch.detail(0)).number("count")).isEqualTo(13);
  }

  @Test
  void survivesAnyBytes() {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      long claimed = ring.position() + 1 + random.nextInt(CAPACITY);
      byte[] noise = new byte[CAPACITY * RingLayout.SLOT_BYTES];
      random.nextBytes(noise);
      bytes.put(RingLayout.HEADER_BYTES, noise);
      for (long p = ring.position(); p < claimed; p++) {
        if (random.nextInt(3) != 0) {
          int at = RingLayout.HEADER_BYTES + (int) (p % CAPACITY) * RingLayout.SLOT_BYTES;
          bytes.putLong(at, RingLayout.state(p, random.nextInt(4)));
        }
      }
      claimed(claimed);
      while (!ring.isDrained()) {
        ring.drain(batch, true);
        if (!ring.isDrained()) {
          ring.skipUnpublished(batch, seed);
        }
      }
      assertThat(ring.position()).as("seed %d", seed).isEqualTo(claimed);
      batch.clear();
    }
  }
}
