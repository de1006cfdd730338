package dev.kstrace.cli.findings;

import dev.kstrace.analyze.Severity;
import dev.kstrace.analyze.triage.Baseline;
import java.util.List;

/**
 * How a call ends. Immutable.
 *
 * @param exitCode the exit code of the process
 * @param notes what users should know about the call itself, beside its findings
 * @param fixed what the baseline has and the traces have no more
 */
public record Outcome(int exitCode, List<Note> notes, Baseline fixed) {
  /**
   * Something about the call.
   *
   * @param severity an error where something was left undone
   * @param text one sentence
   */
  public record Note(Severity severity, String text) {}
}
