package dev.kstrace.analyze;

import dev.kstrace.analyze.triage.Judging;
import dev.kstrace.analyze.triage.TriagedVerdict;
import dev.kstrace.traces.ReadProgress;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A trace as tables ask for it: the pass of the tracker and the verdict are made when the first
 * table wants them, so that a query over {@code events} costs no more than reading them.
 *
 * <p>Thread-safe: DuckDB scans in threads of its own.
 */
final class TraceSource {
  /** Bytes of a trace too short for a pass to forget anything, compressed or not. */
  private static final long ALL_REMEMBERED = 2L * FrameHistory.REMEMBERED;

  private final Path file;
  private final TraceMetadata metadata;
  private final Judging judging;
  private final ReadProgress progress;
  private @Nullable TraceFacts facts;
  private @Nullable TriagedVerdict verdict;

  private TraceSource(
      Path file,
      TraceMetadata metadata,
      ReadProgress progress,
      @Nullable TraceFacts facts,
      Judging judging) {
    this.file = file;
    this.metadata = metadata;
    this.progress = progress;
    this.facts = facts;
    this.judging = judging;
  }

  /** A trace that a pass has read. */
  static TraceSource of(TraceFacts facts) {
    return of(facts, ReadProgress.NONE);
  }

  /** As above, telling how far every further reading of it is, from the threads that read. */
  static TraceSource of(TraceFacts facts, ReadProgress progress) {
    return new TraceSource(facts.file(), facts.metadata(), progress, facts, Judging.BUILT_IN);
  }

  /**
   * A trace of which only the head is read for now.
   *
   * @param judging where its findings come from
   * @param progress told how far every reading of it is, from the threads that read
   * @throws IOException if the file cannot be read or is no trace
   */
  static TraceSource open(Path file, Judging judging, ReadProgress progress) throws IOException {
    try (TraceReader trace = TraceReader.open(file)) {
      return new TraceSource(file, trace.metadata(), progress, null, judging);
    }
  }

  /** The file as it was named. */
  Path file() {
    return file;
  }

  /** Whether a pass was made. */
  synchronized boolean isRead() {
    return facts != null;
  }

  /** Whether the rules were run. */
  synchronized boolean isJudged() {
    return verdict != null;
  }

  /** What a pass finds. */
  synchronized TraceFacts facts() throws IOException {
    TraceFacts known = facts;
    if (known == null) {
      known = TraceFacts.of(file, PassOptions.NONE.with(progress));
      facts = known;
    }
    return known;
  }

  private synchronized TriagedVerdict verdict() throws IOException, SQLException {
    TriagedVerdict known = verdict;
    if (known == null) {
      known = judging.judge(facts());
      verdict = known;
    }
    return known;
  }

  /**
   * Begins a scan of a table.
   *
   * @param columns indexes of the columns that will be asked for
   */
  RowStream scan(TableDef table, Set<Integer> columns) throws IOException, SQLException {
    return switch (table.name()) {
      case "events" -> new EventStream(file, columns, progress);
      case "calls" -> PassStream.calls(file, history(), progress);
      case "frames" -> PassStream.frames(file, FrameHistory.empty(), progress);
      case "metadata" -> RowStream.of(metadataRows());
      case "findings" -> RowStream.of(FindingRows.rows(verdict()));
      default -> RowStream.of(facts().rows(table));
    };
  }

  /** What a pass over the trace has to remember; only in a large one it can be more than usual. */
  private FrameHistory history() throws IOException {
    return isRead() || Files.size(file) > ALL_REMEMBERED ? facts().history() : FrameHistory.empty();
  }

  private List<@Nullable Object[]> metadataRows() {
    List<@Nullable Object[]> rows = new ArrayList<>();
    for (Map.Entry<String, String> entry : metadata.values().entrySet()) {
      rows.add(new @Nullable Object[] {entry.getKey(), entry.getValue()});
    }
    return rows;
  }
}
