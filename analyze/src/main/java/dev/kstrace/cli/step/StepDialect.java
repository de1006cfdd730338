package dev.kstrace.cli.step;

import dev.kstrace.analyze.RulePack;
import dev.kstrace.cli.shell.Dialect;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The commands of {@link Stepper}, one a line. */
public final class StepDialect implements Dialect {
  /** The commands. */
  public StepDialect() {}

  @Override
  public String prompt() {
    return "replay> ";
  }

  @Override
  public boolean isComplete(String line) {
    return true;
  }

  @Override
  public List<String> complete(String before, String word) {
    String line = before.strip();
    Stream<String> candidates =
        switch (line) {
          case "" -> StepCommand.ALL.stream().map(StepCommand::word).distinct();
          case "break" -> Stream.of("rule", "context", "frame", "seq", "divergence");
          case "break rule" -> RulePack.ids().stream();
          case "goto" -> Stream.of("start", "end");
          default -> Stream.empty();
        };
    String beginning = word.toLowerCase(Locale.ROOT);
    return candidates.filter(candidate -> candidate.startsWith(beginning)).sorted().toList();
  }

  @Override
  public boolean isWordPart(char c) {
    return c == '-' || Dialect.super.isWordPart(c);
  }

  @Override
  public String historyName() {
    return "replay-history";
  }
}
