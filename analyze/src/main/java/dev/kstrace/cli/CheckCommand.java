package dev.kstrace.cli;

import dev.kstrace.analyze.Judge;
import dev.kstrace.analyze.Rule;
import dev.kstrace.analyze.RulePack;
import dev.kstrace.analyze.Severity;
import dev.kstrace.analyze.TraceDatabase;
import dev.kstrace.analyze.TraceFacts;
import dev.kstrace.analyze.Verdict;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kstrace check}: the verdict on traces. */
@Command(
    name = "check",
    description = "Judge traces by the rules.",
    footer = {
      "",
      "Exit code 1 where a finding is at or above --fail-on.",
      "Example: kstrace check mic.arrow"
    })
final class CheckCommand extends CommonOptions implements Callable<Integer> {
  private final Console console;

  @Parameters(arity = "1..*", paramLabel = "FILE", description = "Traces.")
  private List<Path> files = List.of();

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "table for people, json for programs (default: ${DEFAULT-VALUE}).")
  private Format format = Format.TABLE;

  @Option(
      names = "--fail-on",
      paramLabel = "SEVERITY",
      defaultValue = "error",
      description = "error, warning, info or never (default: ${DEFAULT-VALUE}).")
  private Gate gate = Gate.ERROR;

  @Option(
      names = "--disable",
      paramLabel = "RULE",
      split = ",",
      description = "Leave rules out; several separated by commas.")
  private List<String> disabled = List.of();

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
    this.console = console;
  }

  @Override
  public Integer call() throws SQLException, IOException {
    List<Rule> rules = new ArrayList<>(RulePack.builtIn());
    for (String id : disabled) {
      rules.remove(RulesCommand.find(id.strip(), rules));
    }
    FindingsTable table = new FindingsTable(console, this, rules, files.size());
    FindingsJson json = format == Format.JSON ? new FindingsJson(console.out()) : null;
    int code = ExitCode.OK;
    for (Path file : files) {
      Verdict verdict;
      try {
        verdict = judge(file, rules);
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

  private static Verdict judge(Path file, List<Rule> rules) throws IOException, SQLException {
    TraceFacts facts = TraceFacts.of(file);
    try (TraceDatabase database = TraceDatabase.open()) {
      return Judge.judge(database, facts, rules);
    }
  }
}
