package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.analyze.Rule;
import dev.kstrace.analyze.RuleExamples;
import dev.kstrace.analyze.RulePack;
import dev.kstrace.cli.findings.RuleText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/rules.md} says what the rules say; {@code -Dgolden.update=true} writes it anew and
 * fails.
 */
class RulesPageTest {
  private static Path page() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("traces/pom.xml"))) {
      folder = folder.getParent();
    }
    return folder.resolve("docs/rules.md");
  }

  private static String example(Rule rule) {
    try {
      String example = RuleExamples.of(rule);
      assertThat(example).as(rule.id()).isNotNull().contains("# expect: ");
      return example;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void thePageIsCurrent() throws IOException {
    String expected = RuleText.page(RulePack.builtIn(), RulesPageTest::example);
    if (Boolean.getBoolean("golden.update")) {
      Files.createDirectories(page().getParent());
      Files.writeString(page(), expected);
    }
    assertThat(Files.readString(page()).replace("\r\n", "\n"))
        .as("docs/rules.md; write it anew with -Dgolden.update=true")
        .isEqualTo(expected);
    assertThat(Boolean.getBoolean("golden.update")).as("written anew, now look at it").isFalse();
  }
}
