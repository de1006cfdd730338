package dev.kstrace.cli;

import dev.kstrace.analyze.triage.TriagedVerdict;
import dev.kstrace.cli.report.ReportPage;
import dev.kstrace.cli.report.Told;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code kstrace report}: a page about traces, to look at and to attach. */
final class ReportCommand extends Command {
  private final PositionalParamSpec files = arguments("1..*", "FILE", "Traces.");
  private final OptionSpec output = output("The page to write.");
  private final OptionSpec force = force();
  private final OptionSpec baseline =
      option(String.class, "FILE", "Leave out findings that it has, and say so.", "--baseline");
  private final RuleOptions rules = new RuleOptions(this);

  ReportCommand(Console console) {
    super(
        console,
        "report",
        "Make one offline HTML page of traces: verdict, timeline, findings, frames.",
        "The page asks for nothing from the network and has at most 5 MB. Of several traces the",
        "first is compared with each of the others.");
    footer("", "Example: kstrace report mic.arrow -o mic.html");
  }

  @Override
  public Integer call() throws SQLException, IOException {
    Path target = required(output);
    List<Path> traces = paths(files);
    for (Path trace : traces) {
      requireAnother(trace, target);
    }
    @Nullable String known = baseline.getValue();
    ConfiguredJudge judge = rules.judge(known == null ? null : RuleOptions.baseline(path(known)));
    try (OutputFile file = OutputFile.create(target, isSet(force))) {
      List<Told> told = new ArrayList<>();
      for (Path trace : traces) {
        told.add(tell(trace, judge));
      }
      write(file, page(told), target);
    }
    return judge.exitCode();
  }

  private Told tell(Path trace, ConfiguredJudge judge) throws SQLException {
    TriagedVerdict verdict = judge.judge(trace);
    try (Progress progress = progress()) {
      return Told.of(verdict, judge.rules().rules(), progress);
    } catch (IOException e) {
      throw Failure.input(trace, e);
    }
  }

  private byte[] page(List<Told> told) throws SQLException, IOException {
    try (Progress progress = progress()) {
      return ReportPage.of(told, Version.producer(), progress);
    }
  }

  private static void write(OutputFile file, byte[] page, Path target) {
    try {
      file.open().write(page);
      file.commit();
    } catch (IOException e) {
      throw Failure.output(target, e);
    }
  }
}
