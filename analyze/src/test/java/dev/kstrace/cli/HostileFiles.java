package dev.kstrace.cli;

import dev.kstrace.capture.sim.Fault;
import dev.kstrace.capture.sim.Profile;
import dev.kstrace.capture.sim.SimOptions;
import dev.kstrace.capture.sim.SimulatedDevice;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceReader;
import dev.kstrace.traces.TraceWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.zip.CRC32C;
import org.apache.arrow.flatbuf.KeyValue;
import org.apache.arrow.flatbuf.Message;

/**
 * Trace files that somebody made to do harm, by seed: flipped bits, huge lengths, blocks cut, moved
 * and repeated, checksums made right again so that what is wrong gets past them, hostile texts.
 */
final class HostileFiles {
  private static final String CRC_KEY = "kstrace.crc32c";
  private static final String HEADER_CRC_KEY = "kstrace.header_crc32c";
  private static final long[] EXTREMES = {
    0,
    1,
    -1,
    7,
    255,
    1 << 16,
    1 << 24,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    1L << 32,
    1L << 40,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    Long.MAX_VALUE - 7
  };

  /** Control characters, marks that turn text round, formulas, quotes, markup. */
  static final List<String> TEXTS =
      List.of(
          "\u001b[2J\u001b]0;owned\u0007",
          "\u009b31m\u0085\u2028\u2029",
          "\u202egnp.exe\u2066\u200f\ufeff",
          "=cmd|' /C calc'!A0",
          "+1+1\r\n-2\t@SUM(A1)",
          "\"'`;DROP TABLE events;--",
          "<script>alert(1)</script><!--]]>&amp;",
          "\u0000\u0008\u007f\\\\n\\u001b",
          "../../../../etc/passwd",
          "%s%n%x{}{{}}$(id)`id`",
          "\ud800 lonely \udc00",
          "x".repeat(10_000));

  private final List<byte[]> bases = new ArrayList<>();

  /** Makes the files that all others are made of. */
  HostileFiles(Path folder) throws IOException {
    Path file = folder.resolve("base.arrow");
    for (Fault fault : List.of(Fault.DOUBLE_FREE, Fault.OVERLAP_SLOTS, Fault.SKIP_FREE)) {
      Profile profile =
          Arrays.stream(Profile.values()).filter(fault::fits).findFirst().orElseThrow();
      SimulatedDevice.record(
          SimOptions.of(profile).withFaults(Set.of(fault)).withFrames(12), file, true);
      bases.add(inBatches(file, 16));
    }
    Files.delete(file);
    bases.add(written(folder, hostileEvents(), hostileMetadata(), 4));
    for (String name : List.of("zstd", "large-utf8", "bomb")) {
      try (InputStream sample =
          HostileFiles.class.getResourceAsStream("hostile/" + name + ".arrow")) {
        bases.add(sample.readAllBytes());
      }
    }
  }

  private static byte[] inBatches(Path file, int rows) throws IOException {
    List<TraceEvent> events = new ArrayList<>();
    TraceMetadata metadata;
    try (TraceReader reader = TraceReader.open(file)) {
      metadata = reader.metadata();
      EventBatch batch = new EventBatch(1000);
      while (reader.read(batch)) {
        for (int row = 0; row < batch.rows(); row++) {
          events.add(batch.event(row));
        }
      }
    }
    return written(file.getParent(), events, metadata, rows);
  }

  private static byte[] written(
      Path folder, List<TraceEvent> events, TraceMetadata metadata, int rows) throws IOException {
    Path file = folder.resolve("written.arrow");
    EventBatch batch = new EventBatch(rows);
    try (TraceWriter writer = TraceWriter.create(file, metadata, true)) {
      for (TraceEvent event : events) {
        batch.add(event);
        if (batch.isFull()) {
          writer.write(batch);
          batch.clear();
        }
      }
      writer.write(batch);
    }
    byte[] bytes = Files.readAllBytes(file);
    Files.delete(file);
    return bytes;
  }

  /** Metadata whose values and keys are as hostile as the format allows. */
  static TraceMetadata hostileMetadata() {
    Map<String, String> values = new java.util.LinkedHashMap<>();
    int number = 0;
    for (String text : TEXTS) {
      values.put("kstrace.note" + number++, text);
      values.put(text.substring(0, Math.min(40, text.length())) + number, text);
    }
    values.put(TraceMetadata.ORIGIN, TEXTS.get(0));
    values.put(TraceMetadata.PRODUCER, TEXTS.get(2));
    values.put(TraceMetadata.CLOCK, TEXTS.get(1));
    values.put(TraceMetadata.COMPLETE_START, "true");
    return TraceMetadata.of(values);
  }

  /** A faulty run whose pins, marks and losses have hostile names. */
  static List<TraceEvent> hostileEvents() {
    List<TraceEvent> events = new ArrayList<>();
    long seq = 1;
    for (String text : TEXTS) {
      long pin = 0x1000 + seq;
      long context = 0x2000 + seq;
      String quoted = json(text);
      String name = "{\"name\":" + quoted + ",\"peer_mode\":" + quoted + ",\"flags\":2}";
      events.add(event(seq++, Op.PIN_CREATE).pin(pin).detail(name).build());
      events.add(event(seq++, Op.MARK).detail("{\"text\":" + quoted + "}").build());
      events.add(
          event(seq++, Op.PIN_STATE)
              .pin(pin)
              .detail("{\"from\":0,\"to\":3," + quoted + ":1}")
              .build());
      events.add(
          call(seq++, Op.INITIALIZE, context)
              .pin(pin)
              .status(1)
              .framing(new Framing(-1, 99, 1, 0x1000, 0x41, 7))
              .build());
      events.add(call(seq++, Op.ALLOCATE, context).frame(0x10000).build());
      events.add(call(seq++, Op.ALLOCATE, context).frame(0x10800).build());
      events.add(call(seq++, Op.FREE, context).frame(0x10000).build());
      events.add(call(seq++, Op.FREE, context).frame(0x10000).build());
      events.add(call(seq++, Op.FREE, context).frame(0x77000).detail(text).build());
      events.add(
          event(seq++, Op.EVENTS_LOST).detail("{\"count\":1,\"cause\":" + quoted + "}").build());
    }
    events.add(event(seq++, Op.MARK).detail("[".repeat(5000)).build());
    events.add(event(seq++, Op.MARK).detail("{\"text\":" + "{\"a\":".repeat(3000)).build());
    events.add(
        event(seq++, Op.MARK).detail("{\"text\":1e999999999,\"n\":" + "9".repeat(3000)).build());
    events.add(event(seq++, Op.PIN_STATE).pin(1).detail("{\"from\":99,\"to\":-1}").build());
    events.add(event(seq, Op.TRACE_END).build());
    return events;
  }

  private static TraceEvent.Builder event(long seq, Op op) {
    return TraceEvent.of(seq, op, Layer.NONE, 1000 * seq);
  }

  private static TraceEvent.Builder call(long seq, Op op, long context) {
    return TraceEvent.of(seq, op, Layer.CALLBACK, 1000 * seq)
        .tExit(1000 * seq + 1)
        .irql(2)
        .context(context);
  }

  private static String json(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean plain = c >= ' ' && c < 0x7F && c != '"' && c != '\\';
      quoted.append(plain ? c : String.format(Locale.ROOT, "\\u%04x", (int) c));
    }
    return quoted.append('"').toString();
  }

  /** One of the files that all others are made of; the first is a good trace. */
  byte[] base(int index) {
    return bases.get(index);
  }

  /** The file of a seed. */
  byte[] of(long seed) {
    Random random = new Random(seed * 0x9E3779B97F4A7C15L);
    // The last one is large, and mostly good for one thing.
    int base = random.nextInt(40) == 0 ? bases.size() - 1 : random.nextInt(bases.size() - 1);
    byte[] bytes = bases.get(base).clone();
    int changes = random.nextInt(5);
    for (int i = 0; i < changes && bytes.length > 16; i++) {
      bytes = changed(bytes, random);
    }
    if (random.nextInt(3) > 0) {
      repairChecksums(bytes);
    }
    return bytes;
  }

  private byte[] changed(byte[] bytes, Random random) {
    ByteBuffer all = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int at = place(bytes, random);
    switch (random.nextInt(8)) {
      case 0, 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 2 -> all.putInt(at & ~3, (int) EXTREMES[random.nextInt(EXTREMES.length)]);
      case 3 -> all.putLong(at & ~7, EXTREMES[random.nextInt(EXTREMES.length)]);
      case 4 -> {
        return Arrays.copyOf(bytes, at);
      }
      case 5 -> {
        byte[] garbage = new byte[random.nextInt(300)];
        random.nextBytes(garbage);
        return spliced(bytes, at, garbage, at);
      }
      case 6 -> {
        return moved(bytes, random);
      }
      default -> {
        byte[] other = bases.get(random.nextInt(bases.size() - 1));
        int from = place(other, random);
        int length = Math.min(other.length - from, 1 + random.nextInt(2000));
        return spliced(bytes, at, Arrays.copyOfRange(other, from, from + length), at);
      }
    }
    return bytes;
  }

  /** Any place, the headers of messages and the end of the file more often than others. */
  private static int place(byte[] bytes, Random random) {
    List<Integer> messages = messages(bytes);
    int choice = random.nextInt(4);
    int most = bytes.length - 8;
    if (choice == 0 && !messages.isEmpty()) {
      int header = messages.get(random.nextInt(messages.size())) + random.nextInt(1200);
      return Math.min(header, most);
    }
    return choice == 1
        ? Math.max(0, most - random.nextInt(Math.min(most, 3000)))
        : random.nextInt(most);
  }

  /** Takes out, repeats or exchanges blocks. */
  private static byte[] moved(byte[] bytes, Random random) {
    List<Integer> messages = messages(bytes);
    if (messages.size() < 3) {
      return bytes;
    }
    int a = random.nextInt(messages.size() - 1);
    int from = messages.get(a);
    int to = messages.get(a + 1);
    byte[] block = Arrays.copyOfRange(bytes, from, to);
    int target = messages.get(random.nextInt(messages.size()));
    return switch (random.nextInt(3)) {
      case 0 -> spliced(bytes, from, new byte[0], to);
      case 1 -> spliced(bytes, target, block, target);
      default -> {
        byte[] without = spliced(bytes, from, new byte[0], to);
        int place = target > from ? target - block.length : target;
        yield place < from || target >= to ? spliced(without, place, block, place) : bytes;
      }
    };
  }

  private static byte[] spliced(byte[] bytes, int at, byte[] inserted, int resumeAt) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length + inserted.length);
    out.write(bytes, 0, at);
    out.writeBytes(inserted);
    out.write(bytes, resumeAt, bytes.length - resumeAt);
    return out.toByteArray();
  }

  /** Where messages begin, as far as a look at eight bytes can tell. */
  private static List<Integer> messages(byte[] bytes) {
    ByteBuffer all = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    List<Integer> found = new ArrayList<>();
    for (int at = 8; at + 8 <= bytes.length && found.size() < 1000; at += 8) {
      if (all.getInt(at) == -1 && all.getInt(at + 4) > 0 && all.getInt(at + 4) < 1 << 16) {
        found.add(at);
      }
    }
    return found;
  }

  /** Makes every checksum right whose message and body can still be found. */
  private static void repairChecksums(byte[] bytes) {
    ByteBuffer all = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int at : messages(bytes)) {
      int header = all.getInt(at + 4);
      if (at + 8 + header <= bytes.length) {
        try {
          repair(bytes, at + 8, header);
        } catch (RuntimeException e) {
          // too broken to be repaired
        }
      }
    }
  }

  private static void repair(byte[] bytes, int headerAt, int headerBytes) {
    ByteBuffer header =
        ByteBuffer.wrap(bytes, headerAt, headerBytes).slice().order(ByteOrder.LITTLE_ENDIAN);
    Message message = Message.getRootAsMessage(header);
    int bodyAt = headerAt + headerBytes;
    int headerDigits = -1;
    for (int i = 0; i < Math.min(message.customMetadataLength(), 10); i++) {
      KeyValue entry = message.customMetadata(i);
      int valueAt = headerAt + entry.valueAsByteBuffer().position();
      if (CRC_KEY.equals(entry.key()) && message.bodyLength() <= bytes.length - bodyAt) {
        putCrc(bytes, valueAt, bodyAt, (int) message.bodyLength());
      } else if (HEADER_CRC_KEY.equals(entry.key())) {
        headerDigits = valueAt;
      }
    }
    if (headerDigits >= 0) {
      Arrays.fill(bytes, headerDigits, headerDigits + 8, (byte) '0');
      putCrc(bytes, headerDigits, headerAt, headerBytes);
    }
  }

  private static void putCrc(byte[] bytes, int digitsAt, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, length);
    byte[] digits =
        String.format(Locale.ROOT, "%08x", crc.getValue()).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(digits, 0, bytes, digitsAt, digits.length);
  }
}
