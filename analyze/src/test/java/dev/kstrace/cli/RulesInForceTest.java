package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A finding is one in every command: rules of the user's, thresholds and suppressions count
 * wherever there is a verdict.
 */
final class RulesInForceTest {
  private static final String RULE =
      """
      -- rule:     many-frees
      -- severity: warning
      -- basis:    heuristic
      -- reads:    calls
      -- param:    most 1 count how many frees are fine
      -- why:      Frees are rare here.
      -- fix:      Free less.
      -- source:   the house rules
      -- limits:   None.
      WITH params AS (SELECT 1 AS most)
      SELECT
        min(c.seq) AS seq, []::UBIGINT[] AS related_seqs, min(c.pin) AS pin,
        min(c.context) AS context, NULL::UBIGINT AS frame, min(c.alloc_id) AS alloc_id,
        'free' AS site, 'warning' AS severity, 'certain' AS certainty, 'many frees' AS message
      FROM calls c, params p
      WHERE c.op = 'free'
      GROUP BY p.most
      HAVING count(*) > p.most
      """;

  @TempDir Path folder;
  private Cli cli;

  @BeforeEach
  void writeRules() throws IOException {
    cli = new Cli(folder);
    Files.createDirectories(cli.file("own"));
    Files.writeString(cli.file("own/many-frees.sql"), RULE);
    Files.writeString(
        cli.file("kstrace.toml"),
        """
        rule-dirs = ["own"]
        disable = ["free-null"]
        [[suppress]]
        rule = "double-free"
        reason = "erratum 12"
        """);
    Samples.write(cli.file("hit.arrow"), Samples.DOUBLE_FREE);
    Samples.write(cli.file("clean.arrow"), Samples.CLEAN);
  }

  @Test
  void aQueryHasTheFindingsOfTheRulesInForce() {
    String sql = "SELECT seq, rule, suppression FROM findings ORDER BY seq";
    assertThat(cli.run("query", "--format", "csv", "@hit.arrow", sql).all().lines())
        .containsExactly(
            "exit 0",
            "\"seq\",\"rule\",\"suppression\"",
            "4,\"many-frees\",",
            "5,\"double-free\",\"erratum 12\"");
    assertThat(
            cli.run("query", "--format", "csv", "--set", "many-frees.most=2", "@hit.arrow", sql)
                .out())
        .doesNotContain("many-frees");
    assertThat(cli.run("query", "--no-config", "--format", "csv", "@hit.arrow", sql).out().lines())
        .containsExactly("\"seq\",\"rule\",\"suppression\"", "5,\"double-free\",");
  }

  @Test
  void exportsHaveTheFindingsOfTheRulesInForce() throws IOException {
    cli.run("export", "@hit.arrow", "--format", "csv", "--table", "findings", "-o", "@all.csv");
    assertThat(Files.readString(cli.file("all.csv"))).contains("many-frees", "erratum 12");
    cli.run(
        "export",
        "@hit.arrow",
        "--format",
        "csv",
        "--table",
        "findings",
        "--set",
        "many-frees.most=2",
        "-o",
        "@fewer.csv");
    assertThat(Files.readString(cli.file("fewer.csv"))).doesNotContain("many-frees");
    cli.run("export", "@hit.arrow", "--format", "chrome", "-o", "@timeline.json");
    assertThat(Files.readString(cli.file("timeline.json"))).contains("many-frees");
    assertThat(
            cli.run("export", "@hit.arrow", "--format", "chrome", "--set", "x=1", "-o", "@no.json")
                .all())
        .startsWith("exit 2");
    assertThat(cli.file("no.json")).doesNotExist();
  }

  @Test
  void aRecordingThatIsToBeJudgedAsksForTheRulesFirst() throws IOException {
    Files.writeString(cli.file("kstrace.toml"), "disable = [\"no-such-rule\"]\n");
    String program = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    assertThat(cli.run("capture", "run", "--check", "-o", "@run.arrow", "--", program).all())
        .startsWith("exit 2")
        .contains("there is no rule no-such-rule");
    assertThat(cli.file("run.arrow")).doesNotExist();
  }

  @Test
  void explainKnowsThemToo() {
    assertThat(cli.run("explain", "@hit.arrow", "4").out())
        .contains("many-frees", "advice: Free less.");
    assertThat(cli.run("explain", "@hit.arrow", "5").out())
        .contains("left:   erratum 12 (kstrace.toml:3)");
    assertThat(cli.run("explain", "--no-config", "@hit.arrow", "4").out())
        .doesNotContain("many-frees");
  }

  @Test
  void theReportShowsWhatTheyFind() throws IOException {
    assertThat(cli.run("report", "@hit.arrow", "-o", "@hit.html").all()).isEqualTo("exit 0\n");
    JsonNode groups = ReportText.data(cli.file("hit.html")).get("traces").get(0).get("groups");

    assertThat(groups).hasSize(1);
    assertThat(groups.get(0).get("rule").asText()).isEqualTo("many-frees");
    assertThat(groups.get(0).get("advice").asText()).isEqualTo("Free less.");
  }

  @Test
  void whatIsSuppressedMakesNoTraceWorse() {
    assertThat(cli.run("diff", "@clean.arrow", "@hit.arrow").code()).isZero();
    assertThat(cli.run("diff", "--fail-on", "warning", "@clean.arrow", "@hit.arrow").code())
        .isEqualTo(ExitCode.FINDINGS);
    assertThat(cli.run("diff", "--no-config", "@clean.arrow", "@hit.arrow").code())
        .isEqualTo(ExitCode.FINDINGS);
  }

  @Test
  void minimizeKeepsAFindingOfAnOwnRule() {
    Cli.Result result =
        cli.run("minimize", "@hit.arrow", "--rule", "many-frees", "-o", "@small.arrow");
    assertThat(result.code()).as(result.all()).isZero();
    String sql = "SELECT rule FROM findings WHERE rule = 'many-frees'";
    assertThat(cli.run("query", "@small.arrow", sql).out()).contains("many-frees");
    assertThat(cli.run("minimize", "@hit.arrow", "--rule", "many-free", "-o", "@no.arrow").err())
        .isEqualTo(
            "kstrace: there is no rule many-free; did you mean many-frees? (kstrace rules list)\n");
  }

  @Test
  void aRuleThatIsNoneIsToldEverywhereAndInTheExitCode() throws IOException {
    Files.writeString(cli.file("own/broken.sql"), "SELECT 1\n");
    String told = "broken.sql:1 is no rule and left out: ";
    for (String[] command :
        new String[][] {
          {"query", "@clean.arrow", "SELECT count(*) FROM findings"},
          {"explain", "@clean.arrow", "4"},
          {"diff", "@clean.arrow", "@clean.arrow"},
        }) {
      Cli.Result result = cli.run(command);
      assertThat(result.err()).as(command[0]).contains(told);
      assertThat(result.code()).as(command[0]).isEqualTo(ExitCode.USAGE);
    }
  }

  @Test
  @Timeout(60)
  void aRuleThatNeverEndsIsStoppedAndTheOthersRun() throws IOException {
    Files.writeString(
        cli.file("own/many-frees.sql"),
        RULE.replace(
            "FROM calls c, params p",
            "FROM calls c, params p, range(1000000000) x(i), range(1000000000) y(j)"));

    Cli.Result result = cli.run("check", "--rule-timeout", "1", "--format", "ndjson", "@hit.arrow");

    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err())
        .isEqualTo(
            "kstrace: rule many-frees failed on hit.arrow: it did not end within 1 s and was"
                + " stopped; make it read less, or give it longer (--rule-timeout)\n");
    assertThat(result.out()).contains("\"rule\":\"double-free\"");
    assertThat(cli.run("check", "--rule-timeout", "-1", "@hit.arrow").all())
        .isEqualTo("exit 2\nkstrace: --rule-timeout -1: expected seconds, or 0 for no limit\n");
  }
}
