package dev.kstrace.replay;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceText;
import dev.kstrace.traces.TraceWriter;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Replays recordings written as text. */
final class Replays {
  private Replays() {}

  /** A report and the replayed events as lines of the text form. */
  record Result(ReplayReport report, List<TraceEvent> events) {
    List<String> lines() {
      return events.stream().map(TraceText::format).toList();
    }

    /** The kind and the place of each divergence, such as {@code alias@7}. */
    List<String> divergences() {
      return report.divergences().stream().map(d -> d.kind().label() + "@" + d.seq()).toList();
    }
  }

  static TraceText.Parsed parse(String text) {
    try {
      return TraceText.parse(new StringReader(text), Path.of("test"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Result run(String text, ReplayTarget target) {
    return run(text, target, ReplayOptions.DEFAULTS);
  }

  static Result run(String text, ReplayTarget target, ReplayOptions options) {
    TraceText.Parsed parsed = parse(text);
    return run(parsed.events(), parsed.metadata(), target, options);
  }

  static Result run(
      List<TraceEvent> events, TraceMetadata metadata, ReplayTarget target, ReplayOptions options) {
    // Small batches, so that their ends are met as well.
    return run(events, metadata, target, options, 3);
  }

  static Result run(
      List<TraceEvent> events,
      TraceMetadata metadata,
      ReplayTarget target,
      ReplayOptions options,
      int batchRows) {
    List<TraceEvent> replayed = new ArrayList<>();
    int[] at = {0};
    try {
      ReplayReport report =
          new ReplayEngine(options, batchRows)
              .run(
                  into -> {
                    into.clear();
                    while (!into.isFull() && at[0] < events.size()) {
                      into.add(events.get(at[0]++));
                    }
                    return into.rows() > 0;
                  },
                  metadata,
                  target,
                  (batch, from, rows) -> {
                    for (int row = from; row < from + rows; row++) {
                      replayed.add(batch.event(row));
                    }
                  });
      return new Result(report, replayed);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes a recording of text as a file. */
  static Path write(Path file, String text) throws IOException {
    TraceText.Parsed parsed = parse(text);
    EventBatch batch = new EventBatch(Math.max(1, parsed.events().size()));
    parsed.events().forEach(batch::add);
    try (TraceWriter writer = TraceWriter.create(file, parsed.metadata(), true)) {
      writer.write(batch, 0, batch.rows());
    }
    return file;
  }
}
