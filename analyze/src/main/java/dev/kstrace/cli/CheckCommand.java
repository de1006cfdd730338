package dev.kstrace.cli;

import dev.kstrace.analyze.Judge;
import dev.kstrace.analyze.Rule;
import dev.kstrace.analyze.RulePack;
import dev.kstrace.analyze.Severity;
import dev.kstrace.analyze.TraceFacts;
import dev.kstrace.analyze.Verdict;
import dev.kstrace.cli.text.Paint;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code kstrace check}: the verdict on traces. */
final class CheckCommand extends Command {
  private final PositionalParamSpec files = arguments("1..*", "FILE", "Traces.");
  private final OptionSpec format =
      option(Format.class, "FORMAT", "table for people (default), json for programs.", "--format");
  private final OptionSpec failOn =
      option(Gate.class, "SEVERITY", "error (default), warning, info or never.", "--fail-on");
  private final OptionSpec disable =
      list("RULE", "Leave rules out; several separated by commas.", "--disable");

  /** Values of {@code --format}. */
  enum Format {
    TABLE,
    JSON
  }

  /** Values of {@code --fail-on}. */
  enum Gate {
    ERROR,
    WARNING,
    INFO,
    NEVER;

    boolean reachedBy(Severity severity) {
      return this != NEVER && severity.compareTo(Severity.valueOf(name())) >= 0;
    }
  }

  CheckCommand(Console console) {
    super(console, "check", "Judge traces by the rules.");
    footer(
        "",
        "Exit code 1 where a finding is at or above --fail-on.",
        "Example: kstrace check mic.arrow");
  }

  @Override
  public Integer call() throws SQLException, IOException {
    List<Rule> rules = new ArrayList<>(RulePack.builtIn());
    for (String id : values(disable)) {
      rules.remove(RulesCommand.find(id.strip(), rules));
    }
    Gate gate = valueOr(failOn, Gate.ERROR);
    List<Path> traces = paths(files);
    FindingsTable table =
        new FindingsTable(console.out(), new Paint(colour()), quiet(), rules, traces.size());
    FindingsJson json =
        valueOr(format, Format.TABLE) == Format.JSON ? new FindingsJson(console.out()) : null;
    int code = ExitCode.OK;
    for (Path file : traces) {
      Verdict verdict;
      try {
        verdict = Judge.judge(TraceFacts.of(file), rules);
      } catch (IOException e) {
        UserError error = Failure.input(file, e);
        code = ExitCode.graver(code, Failure.report(error, console.err()));
        if (json != null) {
          json.unreadable(file, String.valueOf(error.getMessage()));
        }
        continue;
      }
      if (json != null) {
        json.add(verdict);
      } else {
        table.add(verdict);
      }
      if (verdict.findings().stream().anyMatch(finding -> gate.reachedBy(finding.severity()))) {
        code = ExitCode.graver(code, ExitCode.FINDINGS);
      }
    }
    if (json != null) {
      json.close();
    } else {
      table.close();
    }
    return code;
  }
}
