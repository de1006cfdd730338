package dev.kstrace.traces;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.arrow.vector.compression.CompressionUtil.CodecType;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A damaged file is read as far as it goes, or refused by name; nothing else ever happens. */
class DamageTest {
  private static final Duration MOST = Duration.ofSeconds(60);

  @TempDir Path folder;

  /** What reading a damaged file led to. */
  private record Outcome(List<TraceEvent> events, boolean refused, boolean footer, long torn) {}

  private static Outcome read(Path file) {
    List<TraceEvent> events = new ArrayList<>();
    boolean footer = false;
    try (TraceReader reader = TraceReader.open(file)) {
      footer = reader.hasFooter();
      EventBatch batch = new EventBatch(16);
      while (reader.read(batch)) {
        for (int row = 0; row < batch.rows(); row++) {
          events.add(batch.event(row));
        }
      }
      return new Outcome(events, false, footer, reader.tornBytes());
    } catch (MalformedTraceException e) {
      assertThat(e.getMessage()).startsWith(file + ": ").hasSizeLessThan(500);
      return new Outcome(events, true, footer, -1);
    } catch (IOException e) {
      throw new AssertionError("no refusal by name", e);
    }
  }

  @Test
  void readsEveryCompleteBatchOfATraceCutAnywhere() throws IOException {
    List<TraceEvent> events = RandomEvents.mixed(21, 12);
    Path whole = TraceFiles.write(folder.resolve("whole.arrow"), events, 4);
    byte[] bytes = Files.readAllBytes(whole);
    List<TraceFiles.Batch> batches = TraceFiles.batches(bytes);
    Path cut = folder.resolve("cut.arrow");
    int refused = 0;
    try (FileChannel channel =
        FileChannel.open(cut, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (int length = 0; length < bytes.length; length++) {
        TraceFiles.overwrite(channel, bytes, length);
        Outcome outcome = read(cut);
        if (length < batches.get(0).offset()) {
          assertThat(outcome.refused()).as("cut at %s", length).isTrue();
          refused++;
          continue;
        }
        int complete = 0;
        long end = batches.get(0).offset();
        for (TraceFiles.Batch batch : batches) {
          if (batch.bodyAt() + batch.bodyBytes() <= length) {
            complete++;
            end = batch.bodyAt() + batch.bodyBytes();
          }
        }
        assertThat(outcome)
            .as("cut at %s", length)
            .isEqualTo(new Outcome(events.subList(0, 4 * complete), false, false, length - end));
      }
    }
    assertThat(refused).isEqualTo((int) batches.get(0).offset());
  }

  /** One that hits only a key's name or a digit's case changes nothing that is read. */
  @Test
  void noFlippedBitOfAHeaderChangesWhatIsRead() throws IOException {
    List<TraceEvent> events = RandomEvents.mixed(27, 12);
    byte[] bytes = Files.readAllBytes(TraceFiles.write(folder.resolve("a.arrow"), events, 4));
    TraceFiles.Batch second = TraceFiles.batches(bytes).get(1);
    Path file = folder.resolve("flipped.arrow");
    int bits = 0;
    int refused = 0;
    for (int at = (int) second.offset() + 8; at < second.bodyAt(); at++) {
      for (int bit = 0; bit < 8; bit++) {
        bytes[at] ^= (byte) (1 << bit);
        Outcome outcome = read(TraceFiles.store(file, bytes));
        bytes[at] ^= (byte) (1 << bit);
        bits++;
        refused += outcome.refused() ? 1 : 0;
        assertThat(outcome.refused() || outcome.events().equals(events))
            .as("bit %s of byte %s", bit, at)
            .isTrue();
      }
    }
    assertThat(refused).isGreaterThan(bits * 8 / 10);
  }

  /** Files with and without checksums, footer and compression. */
  enum Kind {
    OURS,
    CUT,
    PLAIN,
    ZSTD
  }

  private byte[] bytes(Kind kind, List<TraceEvent> events) throws IOException {
    Path file = folder.resolve("whole.arrow");
    ArrowTrace trace = new ArrowTrace();
    switch (kind) {
      case PLAIN -> {
        trace.with(ArrowTrace.column("detail", new ArrowType.LargeUtf8(), true));
        trace.write(file, events, 8);
      }
      case ZSTD -> {
        trace.codec = CodecType.ZSTD;
        trace.write(file, events, 8);
      }
      default -> TraceFiles.write(file, events, 8);
    }
    byte[] bytes = Files.readAllBytes(file);
    List<TraceFiles.Batch> batches = TraceFiles.batches(bytes);
    TraceFiles.Batch last = batches.get(batches.size() - 1);
    return kind == Kind.CUT
        ? java.util.Arrays.copyOf(bytes, (int) last.bodyAt() + last.bodyBytes())
        : bytes;
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void neverFailsInAnyOtherWayWhateverIsFlipped(Kind kind) throws IOException {
    List<TraceEvent> events = RandomEvents.mixed(22, 24);
    byte[] bytes = bytes(kind, events);
    Path file = folder.resolve("a.arrow");
    // Seeds 1267 of OURS and 551 of CUT once got past the reader: keep them in.
    int trials =
        switch (kind) {
          case OURS -> 1500;
          case ZSTD -> 500;
          default -> 1000;
        };
    int[] refused = new int[1];
    assertTimeoutPreemptively(
        MOST,
        () -> {
          try (FileChannel channel =
              FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int seed = 0; seed < trials; seed++) {
              byte[] damaged = damage(bytes, new Random(seed));
              TraceFiles.overwrite(channel, damaged, damaged.length);
              try {
                refused[0] += read(file).refused() ? 1 : 0;
              } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(kind + ", seed " + seed, e);
              }
            }
          }
        });
    assertThat(refused[0]).isBetween(trials / 5, trials - 1);
  }

  /** One to three flipped bits, an overwritten number, or a moved piece. */
  private static byte[] damage(byte[] bytes, Random random) {
    byte[] damaged = bytes.clone();
    ByteBuffer all = ByteBuffer.wrap(damaged).order(ByteOrder.LITTLE_ENDIAN);
    int flips = 1 + random.nextInt(3);
    for (int i = 0; i < flips; i++) {
      int at = random.nextInt(bytes.length - 8);
      switch (random.nextInt(5)) {
        case 0, 1 -> damaged[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> all.putInt(at & ~3, random.nextInt() >> random.nextInt(32));
        case 3 -> all.putLong(at & ~7, random.nextLong() >> random.nextInt(64));
        default -> {
          int length = 1 + random.nextInt(Math.min(64, bytes.length - at));
          System.arraycopy(bytes, random.nextInt(bytes.length - length), damaged, at, length);
        }
      }
    }
    return damaged;
  }

  @Test
  void findsEveryFlippedBitOfABodyWithAChecksum() throws IOException {
    List<TraceEvent> events = RandomEvents.mixed(23, 8);
    byte[] bytes = bytes(Kind.OURS, events);
    TraceFiles.Batch batch = TraceFiles.batches(bytes).get(0);
    Path file = folder.resolve("a.arrow");
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (int i = 0; i < batch.bodyBytes(); i++) {
        byte[] damaged = bytes.clone();
        damaged[(int) batch.bodyAt() + i] ^= (byte) (1 << i % 8);
        TraceFiles.overwrite(channel, damaged, damaged.length);
        assertThat(read(file)).as("byte %s", i).isEqualTo(new Outcome(List.of(), true, true, -1));
      }
    }
  }

  @Test
  void keepsTheEventsBeforeADamagedBatch() throws IOException {
    List<TraceEvent> events = RandomEvents.mixed(24, 24);
    byte[] bytes = bytes(Kind.OURS, events);
    bytes[(int) TraceFiles.batches(bytes).get(1).bodyAt()] ^= 1;
    Outcome outcome = read(TraceFiles.store(folder.resolve("a.arrow"), bytes));
    assertThat(outcome).isEqualTo(new Outcome(events.subList(0, 8), true, true, -1));
  }

  @Test
  void leavesNothingOfARefusedFileInTheBatch() throws IOException {
    List<TraceEvent> events = List.of(TraceEvent.of(1, Op.MARK, Layer.NONE, 0).build());
    Path good = TraceFiles.write(folder.resolve("good.arrow"), events, 1);
    // The last text is longer than a text may be, so that those before it are decoded already.
    Path bad = folder.resolve("bad.arrow");
    List<TraceEvent> texts = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      String text = "x".repeat(i == 2 ? (1 << 24) + 1 : 5);
      texts.add(TraceEvent.of(i, Op.MARK, Layer.NONE, 0).detail(text).build());
    }
    new ArrowTrace().write(bad, texts, 3);
    EventBatch batch = new EventBatch(10);
    try (TraceReader reader = TraceReader.open(bad)) {
      assertThatThrownBy(() -> reader.read(batch))
          .isInstanceOf(MalformedTraceException.class)
          .hasMessageEndingWith(
              "column detail has a text of 16777217 bytes, expected at most 16 MiB");
    }
    try (TraceReader reader = TraceReader.open(good)) {
      assertThat(TraceFiles.rest(reader, batch)).isEqualTo(events);
    }
  }

  @Test
  void keepsNoMoreTextAtATimeThanMemoryHolds() throws IOException {
    // Compressed, 96 MiB of text are a file of some hundred kilobytes.
    Random random = new Random(26);
    List<TraceEvent> events = new ArrayList<>();
    for (int i = 0; i < 96; i++) {
      StringBuilder text = new StringBuilder(1 << 20);
      while (text.length() < 1 << 20) {
        text.append((char) ('a' + random.nextInt(26))).append(" ".repeat(1023));
      }
      events.add(TraceEvent.of(i, Op.MARK, Layer.NONE, 0).detail(text.toString()).build());
    }
    ArrowTrace trace = new ArrowTrace();
    trace.codec = CodecType.ZSTD;
    Path file = trace.write(folder.resolve("a.arrow"), events, 96);
    assertThat(Files.size(file)).isLessThan(1 << 20);
    try (TraceReader reader = TraceReader.open(file)) {
      assertThatThrownBy(() -> reader.read(new EventBatch(96)))
          .isInstanceOf(MalformedTraceException.class)
          .hasMessageEndingWith(
              "column detail has more than 64 MiB of text in 96 rows, expected less");
    }
    assertThat(TraceFiles.read(file, 32)).isEqualTo(events);
  }

  @Test
  void saysWhenTheFileIsCutWhileItIsRead() throws IOException {
    byte[] bytes = bytes(Kind.OURS, RandomEvents.mixed(25, 24));
    Path file = TraceFiles.store(folder.resolve("a.arrow"), bytes);
    TraceFiles.Batch second = TraceFiles.batches(bytes).get(1);
    try (TraceReader reader = TraceReader.open(file)) {
      EventBatch batch = new EventBatch(8);
      assertThat(reader.read(batch)).isTrue();
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(second.bodyAt() + 10);
      }
      assertThatThrownBy(() -> reader.read(batch))
          .isInstanceOf(MalformedTraceException.class)
          .hasMessage(
              "%s: became shorter while it was read, at byte %d", file, second.bodyAt() + 10);
    }
  }
}
