package dev.kstrace.traces;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.traces.TraceRecovery.Gap;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Faults are found where they are, and everything that is whole is rescued, nothing else. */
class TraceRecoveryTest {
  private static final int PER_BATCH = 5;
  private static final int BATCHES = 8;
  private static final String CHECKSUM = "the checksum is wrong: kstrace.crc32c says ";

  @TempDir private Path folder;
  private Path file;
  private List<TraceEvent> events;
  private byte[] bytes;
  private List<TraceFiles.Batch> batches;

  @BeforeEach
  void writeWhole() throws IOException {
    file = folder.resolve("a.arrow");
    events = new ArrayList<>();
    List<TraceEvent> random = RandomEvents.mixed(31, PER_BATCH * BATCHES);
    for (int i = 0; i < random.size(); i++) {
      EventBatch batch = new EventBatch(1);
      batch.set(0, 100 + i, random.get(i));
      events.add(batch.event(0));
    }
    TraceFiles.write(file, events, PER_BATCH);
    bytes = Files.readAllBytes(file);
    batches = TraceFiles.batches(bytes);
  }

  private TraceStructure structure() throws IOException {
    Files.write(file, bytes);
    return TraceStructure.of(file);
  }

  private List<TraceEvent> recovered(TraceStructure structure) throws IOException {
    Path rescued = folder.resolve("rescued.arrow");
    TraceRecovery.of(structure).write(rescued, true, ReadProgress.NONE);
    assertThat(TraceStructure.of(rescued).faults()).isEmpty();
    return TraceFiles.read(rescued);
  }

  private static List<String> places(TraceStructure structure) {
    return structure.faults().stream()
        .map(fault -> fault.offset() + " " + fault.kind() + (fault.damage() ? " damage" : ""))
        .toList();
  }

  /** The events without some batches, an events_lost in the place of each run of them. */
  private List<TraceEvent> without(int... lost) {
    List<TraceEvent> rest = new ArrayList<>();
    for (int batch = 0; batch < BATCHES; batch++) {
      int index = batch;
      boolean gone = Arrays.stream(lost).anyMatch(b -> b == index);
      if (!gone) {
        rest.addAll(events.subList(batch * PER_BATCH, (batch + 1) * PER_BATCH));
      }
    }
    return rest;
  }

  private static List<TraceEvent> withoutLosses(List<TraceEvent> all) {
    return all.stream().filter(e -> !isLoss(e)).toList();
  }

  private static boolean isLoss(TraceEvent event) {
    return event.detail() != null && event.detail().contains("\"damaged at byte ");
  }

  private byte[] spliced(int at, byte[] inserted, int resumeAt) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(bytes, 0, at);
    out.writeBytes(inserted);
    out.write(bytes, resumeAt, bytes.length - resumeAt);
    return out.toByteArray();
  }

  private int offset(int batch) {
    return (int) batches.get(batch).offset();
  }

  private int end(int batch) {
    return (int) batches.get(batch).bodyAt() + batches.get(batch).bodyBytes();
  }

  private void withoutFooter() {
    bytes = Arrays.copyOf(bytes, end(BATCHES - 1));
  }

  @Test
  void findsNothingInAWholeFile() throws IOException {
    TraceStructure structure = structure();

    assertThat(structure.faults()).isEmpty();
    assertThat(structure.rows()).isEqualTo(40);
    assertThat(structure.checkedBatches()).isEqualTo(BATCHES);
    assertThat(List.of(structure.firstSeq(), structure.lastSeq())).containsExactly(100L, 139L);
    assertThat(recovered(structure)).isEqualTo(events);
    assertThat(TraceRecovery.of(structure).isPartial()).isFalse();
  }

  @Test
  void findsEveryBadChecksumAndKeepsTheOtherBatches() throws IOException {
    bytes[(int) batches.get(2).bodyAt()] ^= 1;
    bytes[(int) batches.get(5).bodyAt() + 9] ^= 4;
    bytes[(int) batches.get(6).bodyAt()] ^= 1;

    TraceStructure structure = structure();

    assertThat(places(structure))
        .containsExactly(
            offset(2) + " BATCH damage", offset(5) + " BATCH damage", offset(6) + " BATCH damage");
    assertThat(structure.faults()).allMatch(fault -> fault.text().startsWith(CHECKSUM));
    assertThat(structure.faults().get(0).bytes()).isEqualTo(end(2) - offset(2));
    assertThat(TraceRecovery.of(structure).gaps())
        .containsExactly(
            new Gap(offset(2), end(2) - offset(2), 1, 5L, 110L, 114L),
            new Gap(offset(5), end(6) - offset(5), 2, 10L, 125L, 134L));
    List<TraceEvent> rescued = recovered(structure);
    assertThat(withoutLosses(rescued)).isEqualTo(without(2, 5, 6));
    List<TraceEvent> losses = rescued.stream().filter(TraceRecoveryTest::isLoss).toList();
    assertThat(losses).extracting(TraceEvent::seq).containsExactly(114L, 134L);
    assertThat(losses)
        .extracting(TraceEvent::detail)
        .containsExactly(
            "{\"count\":5,\"cause\":\"damaged at byte " + offset(2) + "\"}",
            "{\"count\":10,\"cause\":\"damaged at byte " + offset(5) + "\"}");
    assertThat(rescued).isSortedAccordingTo(java.util.Comparator.comparingLong(TraceEvent::seq));
  }

  @Test
  void findsTheNextBatchBehindABrokenHeader() throws IOException {
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(offset(3) + 4, 1 << 20);

    TraceStructure structure = structure();

    assertThat(places(structure)).containsExactly(offset(3) + " GARBAGE damage");
    assertThat(structure.faults().get(0).bytes()).isEqualTo(end(3) - offset(3));
    assertThat(withoutLosses(recovered(structure))).isEqualTo(without(3));
  }

  @Test
  void doesNotBelieveTheLengthOfABrokenBatch() throws IOException {
    // The body of batch 1 claims to reach to the end of batch 3.
    withoutFooter();
    long claimed = end(3) - batches.get(1).bodyAt();
    ByteBuffer all = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long length = batches.get(1).bodyBytes();
    for (int i = offset(1) + 8; ; i++) {
      if (all.getLong(i) == length) {
        all.putLong(i, claimed + 8);
        break;
      }
    }

    assertThat(withoutLosses(recovered(structure()))).isEqualTo(without(1));
  }

  @Test
  void readsOnBehindGarbageOfAnyLength() throws IOException {
    byte[] garbage = new byte[333];
    Arrays.fill(garbage, (byte) 0xFF);
    withoutFooter();
    bytes = spliced(offset(4), garbage, offset(4));

    TraceStructure structure = structure();

    assertThat(places(structure))
        .containsExactly(offset(4) + " GARBAGE damage", bytes.length + " FOOTER");
    assertThat(structure.rows()).isEqualTo(40);
    // The numbers around it show that nothing is missing.
    assertThat(TraceRecovery.of(structure).isPartial()).isFalse();
    assertThat(recovered(structure)).isEqualTo(events);
  }

  @Test
  void tellsATornEndFromAMissingFooter() throws IOException {
    withoutFooter();
    TraceStructure noFooter = structure();
    assertThat(places(noFooter)).containsExactly(bytes.length + " FOOTER");
    assertThat(noFooter.isDamaged()).isFalse();
    assertThat(TraceRecovery.of(noFooter).isPartial()).isFalse();
    assertThat(recovered(noFooter)).isEqualTo(events);

    bytes = Arrays.copyOf(bytes, (int) batches.get(7).bodyAt() + 3);
    TraceStructure torn = structure();
    assertThat(places(torn)).containsExactly(offset(7) + " BATCH", bytes.length + " FOOTER");
    assertThat(torn.faults().get(0).text()).isEqualTo("the file ends inside a batch of 5 events");
    assertThat(TraceRecovery.of(torn).gaps())
        .containsExactly(new Gap(offset(7), bytes.length - offset(7), 1, 5L, 135L, null));
    assertThat(withoutLosses(recovered(torn))).isEqualTo(without(7));
  }

  @Test
  void losesNothingWhereOnlyTheFooterIsTorn() throws IOException {
    bytes = Arrays.copyOf(bytes, bytes.length - 20);

    TraceStructure structure = structure();

    assertThat(places(structure)).containsExactly(end(7) + " FOOTER", bytes.length + " FOOTER");
    assertThat(recovered(structure)).isEqualTo(events);
    assertThat(TraceRecovery.of(structure).isPartial()).isFalse();
  }

  @Test
  void takesTheSchemaFromTheFooter() throws IOException {
    Arrays.fill(bytes, 8, 60, (byte) 0);

    TraceStructure structure = structure();

    assertThat(structure.schemaSource()).isEqualTo(TraceStructure.SchemaSource.FOOTER);
    assertThat(places(structure)).contains("8 SCHEMA damage");
    assertThat(recovered(structure)).isEqualTo(events);
    assertThat(structure.metadata().get(TraceMetadata.ORIGIN)).isEqualTo("simulated");
  }

  @Test
  void assumesOurOwnColumnsWhereNoSchemaIsLeft() throws IOException {
    withoutFooter();
    Arrays.fill(bytes, 8, 60, (byte) 0);

    TraceStructure structure = structure();

    assertThat(structure.schemaSource()).isEqualTo(TraceStructure.SchemaSource.ASSUMED);
    assertThat(TraceRecovery.of(structure).isPartial()).isTrue();
    assertThat(withoutLosses(recovered(structure))).isEqualTo(events);
    assertThat(structure.metadata().completeStart()).isFalse();
  }

  @Test
  void rescuesNothingOfNothing() throws IOException {
    for (byte[] nothing :
        List.of(
            new byte[0],
            "ARROW1\0\0".getBytes(java.nio.charset.StandardCharsets.UTF_8),
            new byte[5000],
            "hello".getBytes(java.nio.charset.StandardCharsets.UTF_8))) {
      bytes = nothing;
      TraceStructure structure = structure();
      assertThat(structure.isDamaged()).isTrue();
      assertThat(TraceRecovery.of(structure).isNothing()).isTrue();
    }
  }

  @Test
  void findsAFooterThatDoesNotFitTheBatches() throws IOException {
    // The batch in the middle is there twice; the footer knows the first.
    byte[] twice = Arrays.copyOfRange(bytes, offset(7), end(7));
    bytes = spliced(end(7), twice, end(7));

    TraceStructure structure = structure();

    assertThat(places(structure))
        .containsExactly(end(7) + " SEQ", (end(7) + twice.length + 8) + " FOOTER damage");
    assertThat(structure.faults().get(1).text())
        .isEqualTo("the footer does not list the batch at byte " + end(7));
  }

  @Test
  void tellsWhereSeqDoesNotRise() throws IOException {
    List<TraceEvent> disordered = new ArrayList<>(events);
    java.util.Collections.swap(disordered, 12, 13);
    TraceFiles.write(file, disordered, PER_BATCH);

    TraceStructure structure = TraceStructure.of(file);

    assertThat(structure.faults()).hasSize(1);
    assertThat(structure.faults().get(0).batch()).isEqualTo(2);
    assertThat(structure.faults().get(0).text())
        .isEqualTo("seq does not rise: row 3 has seq 112 behind 113");
    assertThat(structure.isDamaged()).isFalse();
  }

  @Test
  void rescuesOnlyWhatWasWrittenWhateverIsFlippedInTheBodies() throws IOException {
    int partial = 0;
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      byte[] original = bytes.clone();
      int flips = 1 + random.nextInt(4);
      for (int i = 0; i < flips; i++) {
        TraceFiles.Batch batch = batches.get(random.nextInt(BATCHES));
        int at = (int) batch.bodyAt() + random.nextInt(batch.bodyBytes());
        bytes[at] ^= (byte) (1 << random.nextInt(8));
      }
      List<TraceEvent> rescued = withoutLosses(recovered(structure()));
      assertThat(events).as("seed %s", seed).containsAll(rescued);
      assertThat(rescued).as("seed %s", seed).doesNotHaveDuplicates();
      assertThat(rescued).as("seed %s", seed).hasSizeBetween(40 - PER_BATCH * flips, 39);
      partial += rescued.size() > 20 ? 1 : 0;
      bytes = original;
    }
    assertThat(partial).isEqualTo(200);
  }

  @Test
  void makesAValidTraceWhateverIsFlippedInTheHeaders() throws IOException {
    int whole = 0;
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      byte[] original = bytes.clone();
      int batch = random.nextInt(BATCHES);
      int header = (int) batches.get(batch).bodyAt() - offset(batch);
      bytes[offset(batch) + random.nextInt(header)] ^= (byte) (1 << random.nextInt(8));
      List<TraceEvent> rescued = withoutLosses(recovered(structure()));
      // No checksum guards a header; the batches beside it are not touched by what it says.
      assertThat(rescued).as("seed %s", seed).containsAll(without(batch));
      whole += rescued.equals(events) ? 1 : 0;
      bytes = original;
    }
    assertThat(whole).isBetween(1, 180);
  }

  @Test
  void givesUpOnAFileFullOfBeginnings() throws IOException {
    // Each eighth byte begins what could be a message of 4 KiB.
    byte[] hostile = new byte[1 << 21];
    ByteBuffer all = ByteBuffer.wrap(hostile).order(ByteOrder.LITTLE_ENDIAN);
    while (all.hasRemaining()) {
      all.putInt(-1).putInt(4096);
    }
    bytes = spliced(offset(4), hostile, offset(4));

    TraceStructure structure = structure();

    assertThat(structure.isDamaged()).isTrue();
    assertThat(structure.rows()).isGreaterThanOrEqualTo(20);
  }
}
