package dev.kstrace.capture;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The trace file as a sink. Not thread-safe. */
final class TraceSink implements EventSink {
  private final Path file;
  private final TraceWriter trace;

  /** What the file system knows the file by; null where it has no such thing. */
  private final @Nullable Object identity;

  private TraceSink(Path file, TraceWriter trace) throws IOException {
    this.file = file;
    this.trace = trace;
    identity = identity(file);
  }

  static TraceSink create(Path file, TraceMetadata metadata, RecorderOptions options)
      throws IOException {
    return new TraceSink(
        file, TraceWriter.create(file, metadata, options.overwrite(), options.compression()));
  }

  @Override
  public void write(EventBatch batch) throws IOException {
    requireFile();
    trace.write(batch);
  }

  @Override
  public void abort() throws IOException {
    trace.abort();
  }

  @Override
  public void close() throws IOException {
    requireFile();
    trace.close();
  }

  /** A deleted file takes writes for ever on some systems, and keeps nothing. */
  private void requireFile() throws IOException {
    try {
      if (Objects.equals(identity, identity(file))) {
        return;
      }
    } catch (NoSuchFileException e) {
      // said below
    }
    throw new IOException("the file was moved or removed");
  }

  private static @Nullable Object identity(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
  }
}
