package dev.kstrace.capture;

import dev.kstrace.traces.Compression;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.Map;

/**
 * A trace that nobody keeps: events are read and laid out as for a file, which moves each from one
 * processor's cache to another's, and the bytes are dropped.
 */
final class Nowhere implements EventSink {
  private final TraceWriter writer;

  private Nowhere() throws IOException {
    writer = TraceWriter.onto(new Dropping(), TraceMetadata.of(Map.of()), Compression.NONE);
  }

  /** A recorder of a JVM's calls that writes nowhere. */
  static TraceRecorder recorder(RecorderOptions options) {
    try {
      return new TraceRecorder(Path.of("nowhere"), new Nowhere(), CallEnvironment.ofJvm(), options);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void write(EventBatch batch) throws IOException {
    writer.write(batch);
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }

  private static final class Dropping implements WritableByteChannel {
    @Override
    public int write(ByteBuffer bytes) {
      int dropped = bytes.remaining();
      bytes.position(bytes.limit());
      return dropped;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }
}
