package dev.kstrace.traces;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.arrow.flatbuf.Block;
import org.apache.arrow.flatbuf.Footer;
import org.apache.arrow.flatbuf.KeyValue;
import org.apache.arrow.flatbuf.Message;

/** Whole traces to files and back, and what a test wants to know of a file's inside. */
final class TraceFiles {
  private TraceFiles() {}

  static TraceMetadata metadata() {
    return TraceMetadata.of(Map.of(TraceMetadata.ORIGIN, "simulated"));
  }

  static EventBatch batch(List<TraceEvent> events) {
    EventBatch batch = new EventBatch(Math.max(1, events.size()));
    events.forEach(batch::add);
    return batch;
  }

  static Path write(Path file, List<TraceEvent> events, int rowsPerBatch) throws IOException {
    return write(file, events, rowsPerBatch, Compression.NONE);
  }

  static Path write(Path file, List<TraceEvent> events, int rowsPerBatch, Compression compression)
      throws IOException {
    try (TraceWriter writer = TraceWriter.create(file, metadata(), true, compression)) {
      EventBatch batch = batch(events);
      for (int row = 0; row < batch.rows(); row += rowsPerBatch) {
        writer.write(batch, row, Math.min(rowsPerBatch, batch.rows() - row));
      }
    }
    return file;
  }

  /**
   * The same file with headers that nothing seals, as other writers make them: what a test changes
   * in a header is then judged by what it says.
   */
  static byte[] unsealed(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    return text.replace(HeaderCrc.KEY, "a.key.of.someone.else")
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  static List<TraceEvent> read(Path file) throws IOException {
    return read(file, 1000);
  }

  static List<TraceEvent> read(Path file, int capacity) throws IOException {
    try (TraceReader reader = TraceReader.open(file)) {
      return rest(reader, new EventBatch(capacity));
    }
  }

  static List<TraceEvent> rest(TraceReader reader, EventBatch batch) throws IOException {
    List<TraceEvent> events = new ArrayList<>();
    while (reader.read(batch)) {
      if (batch.rows() < 1) {
        throw new AssertionError("read without rows");
      }
      for (int row = 0; row < batch.rows(); row++) {
        events.add(batch.event(row));
      }
    }
    return events;
  }

  /**
   * Where a record batch lies in a file, by its footer.
   *
   * @param offset of the message
   * @param bodyAt of the body
   * @param message the message's table
   */
  record Batch(long offset, long bodyAt, int bodyBytes, Message message) {
    String custom(String key) {
      for (int i = 0; i < message.customMetadataLength(); i++) {
        KeyValue entry = message.customMetadata(i);
        if (key.equals(entry.key())) {
          return entry.value();
        }
      }
      return "absent";
    }
  }

  static List<Batch> batches(byte[] file) {
    ByteBuffer all = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int footerBytes = all.getInt(file.length - 10);
    Footer footer =
        Footer.getRootAsFooter(
            all.slice(file.length - 10 - footerBytes, footerBytes).order(ByteOrder.LITTLE_ENDIAN));
    List<Batch> batches = new ArrayList<>();
    for (int i = 0; i < footer.recordBatchesLength(); i++) {
      Block block = footer.recordBatches(i);
      int at = (int) block.offset();
      ByteBuffer table =
          all.slice(at + 8, block.metaDataLength() - 8).order(ByteOrder.LITTLE_ENDIAN);
      batches.add(
          new Batch(
              at,
              at + (long) block.metaDataLength(),
              (int) block.bodyLength(),
              Message.getRootAsMessage(table)));
    }
    return batches;
  }

  /** Writes bytes over an existing file of any length. */
  static void overwrite(FileChannel channel, byte[] bytes, int length) throws IOException {
    channel.truncate(length);
    ByteBuffer rest = ByteBuffer.wrap(bytes, 0, length);
    for (long at = 0; rest.hasRemaining(); ) {
      at += channel.write(rest, at);
    }
  }

  static Path store(Path file, byte[] bytes) throws IOException {
    return Files.write(file, bytes);
  }
}
