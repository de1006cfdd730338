package dev.kstrace.analyze.minimize;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.NewFile;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Files that candidates are written to, deleted in the end. Not thread-safe. */
final class TraceScratch implements AutoCloseable {
  private final Path folder;
  private final EventBatch batch = new EventBatch(TraceWriter.BATCH_ROWS);

  TraceScratch() throws IOException {
    folder = Files.createTempDirectory("kstrace-minimize-");
    // Where the process is interrupted these go, the last first.
    for (Path path : List.of(folder, candidate(), replayed())) {
      NewFile.deleteAtEnd(path);
    }
  }

  private Path candidate() {
    return folder.resolve("candidate.arrow");
  }

  /** Where a replayed candidate may be written. */
  Path replayed() {
    return folder.resolve("replayed.arrow");
  }

  /** Writes a candidate; the next one replaces it. */
  Path write(TraceMetadata metadata, List<TraceEvent> events) throws IOException {
    Path file = candidate();
    write(file, metadata, events, batch, true);
    return file;
  }

  static void write(
      Path file,
      TraceMetadata metadata,
      List<TraceEvent> events,
      EventBatch batch,
      boolean overwrite)
      throws IOException {
    try (TraceWriter writer = TraceWriter.create(file, metadata, overwrite)) {
      batch.clear();
      for (TraceEvent event : events) {
        if (batch.isFull()) {
          writer.write(batch);
          batch.clear();
        }
        batch.add(event);
      }
      writer.write(batch);
    }
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(candidate());
    Files.deleteIfExists(replayed());
    Files.deleteIfExists(folder);
  }
}
