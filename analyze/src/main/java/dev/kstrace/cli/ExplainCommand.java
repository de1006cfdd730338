package dev.kstrace.cli;

import dev.kstrace.analyze.Explanation;
import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.Verdict;
import dev.kstrace.analyze.triage.TriagedVerdict;
import dev.kstrace.cli.text.Paint;
import dev.kstrace.cli.text.Words;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code kstrace explain}: the story of one event or finding. */
final class ExplainCommand extends Command {
  private static final int SHORTEST_PREFIX = 4;

  private final PositionalParamSpec arguments =
      arguments("1..*", "FILE SEQ|FINGERPRINT", "A trace, and what to explain.");

  private final OptionSpec format =
      option(Format.class, "FORMAT", "text for people (default), json for programs.", "--format");
  private final RuleOptions rules = new RuleOptions(this);

  /** Values of {@code --format}. */
  enum Format {
    TEXT,
    JSON
  }

  ExplainCommand(Console console) {
    super(
        console,
        "explain",
        "Tell the story of an event or a finding.",
        "SEQ is an event; FINGERPRINT, or its beginning, a finding as kstrace check names it.",
        "Shown are the allocator and its framing, the events in order with what came before and",
        "after at the same address, who held that address, and what the rules say.");
    footer("", "Example: kstrace explain mic.arrow 57");
  }

  @Override
  public Integer call() throws SQLException {
    List<String> words = values(arguments);
    if (words.size() != 2) {
      throw UserError.usage(
          "a trace and what to explain are needed: kstrace explain FILE SEQ, or FINGERPRINT");
    }
    Path file = path(words.get(0));
    ConfiguredJudge judge = rules.judge();
    TriagedVerdict verdict = judge.judge(file);
    try {
      explain(verdict, judge, words.get(1));
    } catch (IOException e) {
      throw Failure.input(file, e);
    }
    return judge.exitCode();
  }

  private void explain(TriagedVerdict triaged, ConfiguredJudge judge, String what)
      throws SQLException, IOException {
    Verdict verdict = triaged.verdict();
    List<Finding> named = what.length() < SHORTEST_PREFIX ? List.of() : named(verdict, what);
    Long seq = named.isEmpty() ? seq(what) : Long.valueOf(named.get(0).seq());
    if (seq == null) {
      throw UserError.usage(
          "no finding of "
              + verdict.facts().file()
              + " has fingerprint "
              + what
              + "; kstrace check --format json FILE names them");
    }
    Explanation explanation;
    try (Progress progress = progress()) {
      explanation = Explanation.of(verdict, seq, progress);
    }
    if (explanation == null) {
      throw UserError.usage(
          "there is no event "
              + what
              + " in "
              + verdict.facts().file()
              + ", which has "
              + Words.count(verdict.facts().events(), "event"));
    }
    Explained explained = new Explained(explanation, triaged, judge.rules().rules(), named);
    if (valueOr(format, Format.TEXT) == Format.JSON) {
      ExplainedJson.write(console.out(), explained);
    } else {
      new ExplainedText(console.out(), new Paint(colour())).print(explained);
    }
  }

  /** The findings of a fingerprint or of its beginning; they must be of one. */
  private static List<Finding> named(Verdict verdict, String beginning) {
    List<Finding> named =
        verdict.findings().stream()
            .filter(finding -> finding.fingerprint().startsWith(beginning))
            .toList();
    long different = named.stream().map(Finding::fingerprint).distinct().count();
    if (different > 1) {
      throw UserError.usage(
          beginning + " is the beginning of " + different + " fingerprints; give more of it");
    }
    return named;
  }

  private static @Nullable Long seq(String text) {
    try {
      return Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }
}
