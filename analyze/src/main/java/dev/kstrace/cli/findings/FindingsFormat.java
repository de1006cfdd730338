package dev.kstrace.cli.findings;

import dev.kstrace.analyze.triage.TriagedVerdict;
import java.io.IOException;
import java.nio.file.Path;

/** Writes the verdicts of one call, trace after trace. Not thread-safe. */
public interface FindingsFormat {
  /** Writes the verdict on a trace. */
  void add(TriagedVerdict verdict) throws IOException;

  /**
   * Writes that a trace could not be judged.
   *
   * @param why one sentence
   */
  void unreadable(Path file, String why) throws IOException;

  /** Writes what is only known when all traces are judged; nothing follows. */
  void end(Outcome outcome) throws IOException;
}
