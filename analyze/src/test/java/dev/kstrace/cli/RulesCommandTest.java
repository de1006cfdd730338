package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code kstrace rules} with rules of one's own, as docs/own-rules.md shows it. */
final class RulesCommandTest {
  @TempDir java.nio.file.Path folder;
  private Cli cli;

  /** The rule of the page is the rule of the test. */
  @BeforeEach
  void writeTheRuleOfThePage() throws IOException {
    cli = new Cli(folder);
    String page = Files.readString(ReadmeTest.ROOT.resolve("docs/own-rules.md"));
    Files.createDirectories(cli.file("my-rules/long-hold"));
    Files.writeString(cli.file("my-rules/long-hold.sql"), block(page, "sql"));
    Files.writeString(cli.file("my-rules/long-hold/hit.txt"), block(page, "text"));
    Files.writeString(
        cli.file("my-rules/long-hold/clean.txt"),
        block(page, "text").replaceAll("# expect.*\n", "").replace("t=5000000", "t=2500"));
  }

  private static String block(String page, String language) {
    int begin = page.indexOf("```" + language + "\n") + language.length() + 4;
    return page.substring(begin, page.indexOf("```", begin)).replace("\r\n", "\n");
  }

  private void replace(String file, String what, String by) throws IOException {
    String text = Files.readString(cli.file(file));
    assertThat(text).contains(what);
    Files.writeString(cli.file(file), text.replace(what, by));
  }

  @Test
  void theRuleOfThePagePassesItsTest() {
    assertThat(cli.run("rules", "test", "@my-rules").all())
        .isEqualTo("exit 0\nlong-hold: 1 hit, 1 clean, all as expected\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "hit.txt | seq=3 | seq=4 | not found: warning seq=4; found but not expected: warning seq=3",
        "hit.txt | # expect: warning seq=3 | # nothing | it expects nothing; write '# expect: seq=",
        "hit.txt | warning seq=3 | seq=x | it cannot be read: line 3: expected '# expect: SEVERITY",
        "hit.txt | 4 free | 4 fre | it cannot be read:",
        "clean.txt | t=2500 | t=9000000 | found but not expected: warning seq=3 certain",
      })
  void aTraceThatIsJudgedOtherwiseFails(String file, String what, String by, String problem)
      throws IOException {
    replace("my-rules/long-hold/" + file, what, by);

    Cli.Result result = cli.run("rules", "test", "@my-rules");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.out())
        .startsWith(
            "long-hold: 1 hit, 1 clean, 1 wrong\n  my-rules/long-hold/" + file + ": " + problem);
  }

  @Test
  void aRuleWithoutTracesIsNotTested() throws IOException {
    Files.delete(cli.file("my-rules/long-hold/clean.txt"));

    assertThat(cli.run("rules", "test", "@my-rules").all())
        .isEqualTo(
            "exit 1\nlong-hold: 1 hit, 0 clean\n  expected at least one hit*.txt and one clean*.txt"
                + " in my-rules/long-hold\n");
  }

  @Test
  void aTraceFileSaysBesideItWhatItExpects() throws IOException {
    cli.run("text", "@my-rules/long-hold/hit.txt", "-o", "@my-rules/long-hold/hit-2.arrow");
    Files.writeString(cli.file("my-rules/long-hold/hit-2.expect"), "expect: seq=3\n");

    assertThat(cli.run("rules", "test", "@my-rules").all())
        .isEqualTo("exit 0\nlong-hold: 2 hits, 1 clean, all as expected\n");
    Files.writeString(cli.file("my-rules/long-hold/hit-2.expect"), "expect: error seq=3\n");
    assertThat(cli.run("rules", "test", "@my-rules").code()).isEqualTo(1);
  }

  @Test
  void aBadRuleIsRefusedAndTheOthersAreTested() throws IOException {
    Files.writeString(cli.file("my-rules/bad.sql"), "SELECT 1");

    Cli.Result result = cli.run("rules", "test", "@my-rules");

    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err())
        .isEqualTo(
            "kstrace: my-rules/bad.sql:1 is no rule and left out: the header says rule=null\n");
    assertThat(result.out()).isEqualTo("long-hold: 1 hit, 1 clean, all as expected\n");
  }

  @Test
  void aRuleOfOnesOwnIsListedAndExplained() {
    assertThat(cli.run("rules", "list", "--rules", "@my-rules").out())
        .contains("double-free  ", "long-hold                            warning  heuristic\n");
    assertThat(
            cli.run(
                    "rules",
                    "show",
                    "--rules",
                    "@my-rules",
                    "--set",
                    "long-hold.most_ns=7",
                    "long-hold")
                .out())
        .contains(
            "long-hold (warning, heuristic)",
            "long-hold.most_ns = 7 ns (default 1000000), 1 or more: how long",
            "example, as text",
            "    4 free ",
            "SELECT 7 AS most_ns");
  }

  @Test
  void aBuiltInRuleShowsItsPageAndExample() {
    assertThat(cli.run("rules", "show", "double-free").out())
        .startsWith("double-free (error, derived)\n\n  why\n    The last thing")
        .contains(
            "https://learn.microsoft.com/windows-hardware/drivers/ddi/ks/nc-ks-pfnksdefaultfree",
            "    # expect: error seq=5 certain\n    5 free context=0x20 frame=0x1000\n",
            "\n  needs\n    nothing\n");
    assertThat(cli.run("rules", "show", "double-fre").err())
        .isEqualTo(
            "kstrace: there is no rule double-fre; did you mean double-free? (kstrace rules list)\n");
  }
}
