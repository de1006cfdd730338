package dev.kstrace.cli;

import dev.kstrace.analyze.FindingsDiff;
import dev.kstrace.analyze.PinMeasures;
import dev.kstrace.analyze.TraceDiff;
import dev.kstrace.analyze.TraceFacts;
import dev.kstrace.analyze.triage.TriagedVerdict;
import dev.kstrace.cli.text.Paint;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code kstrace diff}: what is better and what is worse in a second trace. */
final class DiffCommand extends Command {
  private final PositionalParamSpec files =
      arguments("1..*", "A B", "The trace before and the trace after.");
  private final OptionSpec format =
      option(Format.class, "FORMAT", "table for people (default), json for programs.", "--format");
  private final OptionSpec failOn =
      option(
          CheckCommand.Gate.class,
          "SEVERITY",
          "Which new findings count: error (default), warning, info or never.",
          "--fail-on");

  private final RuleOptions rules = new RuleOptions(this);

  /** Values of {@code --format}. */
  enum Format {
    TABLE,
    JSON
  }

  DiffCommand(Console console) {
    super(
        console,
        "diff",
        "Compare two traces: findings, counts, peaks, lifetimes and latencies.",
        "Findings are told apart by their fingerprints, pins by their names; suppressed ones do",
        "not count. Traces without a difference print nothing.");
    footer(
        "",
        "Exit code 1 where B has a finding at or above --fail-on that A has not.",
        "Example: kstrace diff before.arrow after.arrow");
  }

  @Override
  public Integer call() throws SQLException, IOException {
    List<Path> paths = paths(files);
    if (paths.size() != 2) {
      throw UserError.usage("two traces are compared: kstrace diff A B");
    }
    ConfiguredJudge judge = rules.judge();
    TriagedVerdict before = judge.judge(paths.get(0));
    TriagedVerdict after = judge.judge(paths.get(1));
    FindingsDiff findings = FindingsDiff.of(before.newFindings(), after.newFindings());
    TraceDiff diff = diff(before.facts(), after.facts());
    if (valueOr(format, Format.TABLE) == Format.JSON) {
      DiffJson.write(console.out(), before.facts(), after.facts(), findings, diff);
    } else {
      new DiffTable(console.out(), new Paint(colour())).print(findings, diff);
    }
    CheckCommand.Gate gate = valueOr(failOn, CheckCommand.Gate.ERROR);
    boolean worse =
        findings.added().stream().anyMatch(entry -> gate.reachedBy(entry.example().severity()));
    return ExitCode.graver(judge.exitCode(), worse ? ExitCode.FINDINGS : ExitCode.OK);
  }

  private TraceDiff diff(TraceFacts before, TraceFacts after) throws SQLException {
    try (Progress progress = progress()) {
      return TraceDiff.of(
          before, after, PinMeasures.of(before, progress), PinMeasures.of(after, progress));
    }
  }
}
