package dev.kstrace.cli.export;

import dev.kstrace.analyze.Query;
import dev.kstrace.analyze.triage.Judging;
import dev.kstrace.traces.ReadProgress;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;

/** A trace as a timeline, for viewers such as Perfetto's. */
public final class TimelineExporter implements Exporter {
  private final Format format;

  /** How a timeline is written. */
  public enum Format {
    PERFETTO(PerfettoTimeline::new),
    CHROME(ChromeTimeline::new);

    @SuppressWarnings("ImmutableEnumChecker") // a function without state
    private final Begin begin;

    Format(Begin begin) {
      this.begin = begin;
    }
  }

  private interface Begin {
    Timeline begin(PrintStream out, String process) throws IOException;
  }

  /** An exporter of one format. */
  public TimelineExporter(Format format) {
    this.format = format;
  }

  @Override
  public void write(Path trace, Judging judging, Path target, ReadProgress progress)
      throws IOException, SQLException {
    try (Query query = Query.open(List.of(trace), judging, null, false, progress)) {
      OutputStreams.write(
          target,
          out -> {
            Timeline timeline = format.begin.begin(out, "kernel streaming");
            new TraceTimeline(new Rows(query), timeline).write();
            timeline.finish();
          });
    }
  }
}
