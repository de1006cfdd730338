package dev.kstrace.analyze.minimize;

import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.JudgeSession;
import dev.kstrace.analyze.Rule;
import dev.kstrace.analyze.RuleLimits;
import dev.kstrace.analyze.Verdict;
import dev.kstrace.replay.ReplayEngine;
import dev.kstrace.replay.ReplayOptions;
import dev.kstrace.replay.ReplayReport;
import dev.kstrace.replay.ReplayTarget;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceReader;
import dev.kstrace.traces.TraceWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The ways to try a candidate: by a rule, on the candidate itself or on what a target makes of it;
 * by how a replay goes; by a command of the user's. Holds temporary files and a database. Not
 * thread-safe.
 */
public final class Trials implements AutoCloseable {
  /** Metadata of a minimized trace: what it was kept for, and from how many events. */
  public static final String MINIMIZED_KEY = "kstrace.minimized";

  private final TraceMetadata metadata;
  private final TraceScratch scratch = new TraceScratch();
  private final JudgeSession session;

  /**
   * Trials of parts of one trace.
   *
   * @param metadata the trace's
   * @param limits what a rule of the user's may do
   * @throws IOException if there is no place for temporary files
   */
  public Trials(TraceMetadata metadata, RuleLimits limits) throws IOException {
    this.metadata = metadata;
    this.session = new JudgeSession(limits);
  }

  /** Reads a whole trace into memory. */
  public static List<TraceEvent> read(Path trace) throws IOException {
    try (TraceReader reader = TraceReader.open(trace)) {
      return read(reader::read);
    }
  }

  /** Reads all events of a source into memory. */
  public static List<TraceEvent> read(ReplayEngine.Source source) throws IOException {
    List<TraceEvent> events = new ArrayList<>();
    EventBatch batch = new EventBatch(TraceWriter.BATCH_ROWS);
    while (source.read(batch)) {
      for (int row = 0; row < batch.rows(); row++) {
        events.add(batch.event(row));
      }
    }
    return events;
  }

  /** Writes a minimized trace. */
  public static void write(
      Path file, TraceMetadata metadata, List<TraceEvent> events, boolean overwrite)
      throws IOException {
    EventBatch batch = new EventBatch(Math.max(1, Math.min(events.size(), TraceWriter.BATCH_ROWS)));
    TraceScratch.write(file, metadata, events, batch, overwrite);
  }

  /**
   * The first finding of a rule, on the events or on what a target makes of them.
   *
   * @param fingerprint only findings of that; null = any
   * @param target makes a fresh target for each replay; null = the events are judged as they are
   * @return null where there is none
   */
  public @Nullable Finding find(
      List<TraceEvent> events,
      Rule rule,
      @Nullable String fingerprint,
      @Nullable Supplier<ReplayTarget> target)
      throws IOException {
    return findings(events, rule, target).stream()
        .filter(finding -> fingerprint == null || finding.fingerprint().equals(fingerprint))
        .findFirst()
        .orElse(null);
  }

  /** Whether the same bug is found: by fingerprint, as grave and as certain. */
  public Trial sameFinding(Rule rule, Finding wanted, @Nullable Supplier<ReplayTarget> target) {
    Predicate<Finding> same =
        finding ->
            finding.fingerprint().equals(wanted.fingerprint())
                && finding.severity() == wanted.severity()
                && finding.certain() == wanted.certain();
    return events -> findings(events, rule, target).stream().anyMatch(same);
  }

  private List<Finding> findings(
      List<TraceEvent> events, Rule rule, @Nullable Supplier<ReplayTarget> target)
      throws IOException {
    Path candidate = scratch.write(metadata, events);
    if (target != null) {
      try (ReplayTarget driven = target.get()) {
        new ReplayEngine(ReplayOptions.DEFAULTS).run(candidate, driven, scratch.replayed(), true);
      }
      candidate = scratch.replayed();
    }
    try {
      Verdict verdict = session.judge(candidate, List.of(rule));
      if (!verdict.failed().isEmpty()) {
        throw new IOException("rule " + rule.id() + " failed: " + verdict.failed().get(0).reason());
      }
      return verdict.findings();
    } catch (SQLException e) {
      throw new IOException("rule " + rule.id() + ": " + e.getMessage(), e);
    }
  }

  /** What a target makes of some events. */
  public ReplayReport replay(List<TraceEvent> events, Supplier<ReplayTarget> target)
      throws IOException {
    Path candidate = scratch.write(metadata, events);
    try (ReplayTarget driven = target.get()) {
      return new ReplayEngine(ReplayOptions.DEFAULTS).run(candidate, driven, null, false);
    }
  }

  /** Whether a replay goes as wanted. */
  public Trial replayed(Supplier<ReplayTarget> target, Predicate<ReplayReport> wanted) {
    return events -> wanted.test(replay(events, target));
  }

  /**
   * Whether a command fails on the trace, whose name is its last argument.
   *
   * @param command a program and its arguments; its output is thrown away
   */
  public Trial commandFails(List<String> command) {
    return events -> {
      List<String> words = new ArrayList<>(command);
      words.add(scratch.write(metadata, events).toString());
      Process process =
          new ProcessBuilder(words)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      try {
        return process.waitFor() != 0;
      } catch (InterruptedException e) {
        process.destroy();
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while " + command.get(0) + " ran", e);
      }
    };
  }

  @Override
  public void close() throws IOException {
    scratch.close();
    try {
      session.close();
    } catch (SQLException e) {
      throw new IOException("the database could not be closed: " + e.getMessage(), e);
    }
  }
}
