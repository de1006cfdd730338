package dev.kstrace.cli;

import dev.kstrace.analyze.RulePack;
import dev.kstrace.analyze.Severity;
import dev.kstrace.analyze.config.Config;
import dev.kstrace.analyze.config.ConfigException;
import dev.kstrace.analyze.config.RulesInForce;
import dev.kstrace.analyze.triage.Baseline;
import dev.kstrace.analyze.triage.BaselineFile;
import dev.kstrace.analyze.triage.Triage;
import dev.kstrace.cli.findings.FindingsFormat;
import dev.kstrace.cli.findings.FindingsJson;
import dev.kstrace.cli.findings.FindingsJunit;
import dev.kstrace.cli.findings.FindingsMarkdown;
import dev.kstrace.cli.findings.FindingsNdjson;
import dev.kstrace.cli.findings.FindingsSarif;
import dev.kstrace.cli.findings.FindingsTable;
import dev.kstrace.cli.findings.Setting;
import dev.kstrace.cli.text.Paint;
import dev.kstrace.cli.text.Words;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code kstrace check}: the verdict on traces. */
final class CheckCommand extends Command {
  private final PositionalParamSpec files = arguments("1..*", "FILE", "Traces.");
  private final OptionSpec format =
      option(
          Format.class,
          "FORMAT",
          "table (default), json, ndjson, sarif, junit or markdown.",
          "--format");
  private final OptionSpec output =
      option(String.class, "FILE", "Write there instead of to standard output.", "-o", "--output");
  private final OptionSpec force = flag("Replace files that exist.", "-f", "--force");
  private final OptionSpec failOn =
      option(Gate.class, "SEVERITY", "error (default), warning, info or never.", "--fail-on");
  private final OptionSpec baseline =
      option(String.class, "FILE", "Only findings that it does not have fail.", "--baseline");
  private final OptionSpec writeBaseline =
      option(String.class, "FILE", "Write what is found as a baseline.", "--write-baseline");
  private final OptionSpec disable =
      choices(RulePack.IDS, "RULE", "Leave rules out; several separated by commas.", "--disable");
  private final OptionSpec byMark =
      flag(
          "At the end a table of findings by mark (test or phase), and what to type next.",
          "--by-mark");
  private final RuleOptions ruleOptions = new RuleOptions(this);

  /** Values of {@code --format}. */
  enum Format {
    TABLE,
    JSON,
    NDJSON,
    SARIF,
    JUNIT,
    MARKDOWN;

    FindingsFormat begin(Setting setting) throws IOException {
      return switch (this) {
        case TABLE -> new FindingsTable(setting);
        case JSON -> new FindingsJson(setting);
        case NDJSON -> new FindingsNdjson(setting);
        case SARIF -> new FindingsSarif(setting);
        case JUNIT -> new FindingsJunit(setting);
        case MARKDOWN -> new FindingsMarkdown(setting);
      };
    }
  }

  /** Values of {@code --fail-on}. */
  enum Gate {
    ERROR(Severity.ERROR),
    WARNING(Severity.WARNING),
    INFO(Severity.INFO),
    NEVER(null);

    final @Nullable Severity severity;

    Gate(@Nullable Severity severity) {
      this.severity = severity;
    }

    boolean reachedBy(Severity other) {
      return severity != null && other.compareTo(severity) >= 0;
    }
  }

  CheckCommand(Console console) {
    super(console, "check", "Judge traces by the rules.");
    footer(
        "",
        "Exit code 1 where a new finding is at or above --fail-on; 2 where a rule of your own",
        "cannot be run, 3 where a trace cannot be read: the others are judged all the same.",
        "Example: kstrace check mic.arrow");
  }

  @Override
  public Integer call() throws SQLException, IOException {
    if (isSet(byMark) && valueOr(format, Format.TABLE) != Format.TABLE) {
      throw UserError.usage(
          "--by-mark needs the format table; others name the mark of each finding");
    }
    RulesInForce chosen = ruleOptions.choose();
    Config config = chosen.config();
    Gate gate = gate(config);
    remove(chosen);
    Baseline known = baseline(config);
    @Nullable String named = writeBaseline.getValue();
    if (named == null) {
      return judge(chosen, known, gate.severity).exitCode();
    }
    Path target = path(named);
    try (OutputFile file = OutputFile.create(target, isSet(force))) {
      // Whoever writes down what is found accepts it.
      CheckRun run = judge(chosen, known, known == null ? null : gate.severity);
      write(run, target, file);
      return run.exitCode();
    }
  }

  private CheckRun judge(RulesInForce chosen, @Nullable Baseline known, @Nullable Severity fails)
      throws SQLException, IOException {
    CheckRun run =
        new CheckRun(
            console,
            quiet(),
            chosen.rules(),
            () -> new Triage(chosen.config().suppressions(), console.today(), known),
            chosen.limits());
    chosen.refused().forEach(run::refuse);
    @Nullable String target = output.getValue();
    if (target == null) {
      judge(run, console.out(), colour(), fails, known != null);
    } else {
      try (OutputFile file = OutputFile.create(path(target), isSet(force))) {
        judge(run, file.open(), false, fails, known != null);
        commit(path(target), file);
      }
    }
    return run;
  }

  private void judge(
      CheckRun run, PrintStream out, boolean colour, @Nullable Severity fails, boolean compared)
      throws SQLException, IOException {
    List<Path> traces = paths(files);
    Format wanted = valueOr(format, Format.TABLE);
    Setting setting =
        new Setting(
            out,
            new Paint(colour),
            quiet(),
            run.rules(),
            fails,
            traces.size(),
            Version.producer(),
            compared,
            isSet(byMark),
            wanted == Format.TABLE && out == console.out() ? chart() : null);
    run.judge(traces, setting, wanted.begin(setting));
  }

  private Gate gate(Config config) {
    Config.Named word = config.failOn();
    if (word != null) {
      try {
        Gate configured = Gate.valueOf(word.text().toUpperCase(Locale.ROOT));
        return valueOr(failOn, configured);
      } catch (IllegalArgumentException e) {
        throw UserError.usage(
            word.place() + ": fail-on=" + word.text() + ", expected error, warning, info or never",
            e);
      }
    }
    return valueOr(failOn, Gate.ERROR);
  }

  private void remove(RulesInForce chosen) {
    try {
      chosen.removeDisabled();
      for (String id : values(disable)) {
        chosen.remove("", id.strip());
      }
    } catch (ConfigException e) {
      throw UserError.usage(String.valueOf(e.getMessage()), e);
    }
  }

  private @Nullable Baseline baseline(Config config) {
    @Nullable String named = baseline.getValue();
    Path file = named == null ? config.baseline() : path(named);
    return file == null ? null : RuleOptions.baseline(file);
  }

  private void write(CheckRun run, Path target, OutputFile file) throws IOException {
    if (!run.isComplete()) {
      console
          .err()
          .println(
              "kstrace: "
                  + Failure.printable(target.toString(), false)
                  + " is not written, since not all could be judged");
      return;
    }
    Baseline found = run.found();
    file.open().print(BaselineFile.text(found));
    commit(target, file);
    if (!quiet()) {
      int sum = found.entries().stream().mapToInt(Baseline.Entry::count).sum();
      String name = Failure.printable(target.toString(), false);
      console.err().println("kstrace: wrote " + Words.count(sum, "finding") + " to " + name);
    }
  }

  private static void commit(Path target, OutputFile file) {
    try {
      file.commit();
    } catch (IOException e) {
      throw Failure.output(target, e);
    }
  }
}
