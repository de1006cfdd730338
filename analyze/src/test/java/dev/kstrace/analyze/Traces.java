package dev.kstrace.analyze;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceReader;
import dev.kstrace.traces.TraceText;
import dev.kstrace.traces.TraceWriter;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Traces that tests write by hand or take from a file, and what the rules say about them. */
public final class Traces {
  /** Metadata of a trace from its first event on. */
  static final TraceMetadata COMPLETE =
      TraceMetadata.of(java.util.Map.of(TraceMetadata.COMPLETE_START, "true"));

  private Traces() {}

  /** A trace in its text form; it is complete at its start unless the text says otherwise. */
  static TraceText.Parsed parse(String text) {
    String start = "@" + TraceMetadata.COMPLETE_START;
    try {
      return TraceText.parse(
          new StringReader(text.contains(start) ? text : start + "=true\n" + text),
          Path.of("text"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes a trace of text as a file. */
  public static Path write(Path file, String text) throws IOException {
    TraceText.Parsed parsed = parse(text);
    return write(file, parsed.metadata(), parsed.events());
  }

  /** Writes events as a file, an older one replaced. */
  static Path write(Path file, TraceMetadata metadata, List<TraceEvent> events) throws IOException {
    EventBatch batch = new EventBatch(Math.max(1, events.size()));
    events.forEach(batch::add);
    try (TraceWriter writer = TraceWriter.create(file, metadata, true)) {
      writer.write(batch);
    }
    return file;
  }

  /** All events of a file. */
  static List<TraceEvent> read(Path file) throws IOException {
    List<TraceEvent> events = new ArrayList<>();
    try (TraceReader trace = TraceReader.open(file)) {
      EventBatch batch = new EventBatch(TraceWriter.BATCH_ROWS);
      while (trace.read(batch)) {
        for (int row = 0; row < batch.rows(); row++) {
          events.add(batch.event(row));
        }
      }
    }
    return events;
  }

  /** What all built-in rules say about a file. */
  static Verdict judge(Path file) throws IOException, SQLException {
    return judge(file, RulePack.builtIn());
  }

  /** What some rules say about a file. */
  static Verdict judge(Path file, List<Rule> rules) throws IOException, SQLException {
    TraceFacts facts = TraceFacts.of(file);
    try (TraceDatabase database = TraceDatabase.open()) {
      return Judge.judge(database, facts, rules);
    }
  }
}
