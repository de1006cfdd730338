package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What makes {@code kstrace check} fail: baseline, suppressions, configuration, rules of users. */
final class CheckGateTest {
  private static final String TWICE =
      Samples.DOUBLE_FREE
          .replace("6 delete", "6 free context=0x20 frame=0x10000\n7 delete")
          .replace("7 pin_close", "8 pin_close")
          .replace("8 trace_end", "9 trace_end");

  @TempDir Path folder;
  private Cli cli;

  @BeforeEach
  void makeTraces() throws IOException {
    cli = new Cli(folder);
    Samples.write(cli.file("hit.arrow"), Samples.DOUBLE_FREE);
    Samples.write(cli.file("twice.arrow"), TWICE);
    Samples.write(cli.file("clean.arrow"), Samples.CLEAN);
  }

  private void config(String text) throws IOException {
    Files.writeString(cli.file("kstrace.toml"), text);
  }

  @Test
  void aBaselineIsTheSameTextForTheSameFindings() throws IOException {
    Cli.Result result = cli.run("check", "--write-baseline", "@b.json", "-q", "@hit.arrow");

    assertThat(result.code()).isZero();
    String text = Files.readString(cli.file("b.json"));
    assertThat(text)
        .matches(
            """
            \\{
              "schema": "kstrace.baseline/1",
              "findings": \\[
                \\{"rule": "double-free", "fingerprint": "[0-9a-f]{16}", "severity": "error", \
            "count": 1\\}
              \\]
            \\}
            """);
    cli.run("check", "--write-baseline", "@c.json", "-q", "@clean.arrow", "@hit.arrow");
    assertThat(cli.file("c.json")).hasContent(text);
  }

  @Test
  void aBaselineIsNotReplacedUnlessAsked() throws IOException {
    Files.writeString(cli.file("b.json"), "mine");

    assertThat(cli.run("check", "--write-baseline", "@b.json", "@hit.arrow").all())
        .isEqualTo(
            "exit 2\nkstrace: cannot write b.json: it exists already; choose another name, or -f"
                + " to replace it\n");
    assertThat(cli.file("b.json")).hasContent("mine");
    assertThat(cli.run("check", "-f", "--write-baseline", "@b.json", "@hit.arrow").all())
        .startsWith("exit 0\nkstrace: wrote 1 finding to b.json\nhit.arrow: 1 error\n");
  }

  @Test
  void aBaselineIsNotWrittenWhereNotAllCouldBeJudged() {
    Cli.Result result =
        cli.run("check", "-q", "--write-baseline", "@b.json", "@hit.arrow", "@none.arrow");

    assertThat(result.code()).isEqualTo(ExitCode.UNREADABLE);
    assertThat(result.err()).contains("b.json is not written, since not all could be judged");
    assertThat(folder.toFile().list()).noneMatch(name -> name.startsWith("b.json"));
  }

  @Test
  void onlyWhatTheBaselineDoesNotHaveFails() {
    cli.run("check", "--write-baseline", "@b.json", "-q", "@hit.arrow");

    assertThat(cli.run("check", "--baseline", "@b.json", "-q", "@hit.arrow").all())
        .isEqualTo("exit 0\nhit.arrow: no new findings, 1 known\n");
    // One more of the same is one too many, in one trace or in two.
    assertThat(cli.run("check", "--baseline", "@b.json", "-q", "@twice.arrow").all())
        .startsWith("exit 1\ntwice.arrow: 1 error, 1 known\n")
        .contains("double-free  1 finding\n  seq 6: ");
    assertThat(cli.run("check", "--baseline", "@b.json", "-q", "@hit.arrow", "@hit.arrow").code())
        .isEqualTo(1);
  }

  @Test
  void whatIsFixedIsTold() {
    cli.run("check", "--write-baseline", "@b.json", "-q", "@twice.arrow");

    assertThat(cli.run("check", "--baseline", "@b.json", "-q", "@hit.arrow").out())
        .startsWith("hit.arrow: no new findings, 1 known\n")
        .contains("fixed, of the findings in the baseline:")
        .containsPattern("\n  error {4}double-free  1 finding, fingerprint [0-9a-f]{16}\n");
    assertThat(cli.run("check", "--baseline", "@b.json", "--format", "json", "@clean.arrow").out())
        .contains("\"fixed\": [", "\"count\": \"2\"");
    // A rule that was not asked cannot say that it is fixed, and a lost trace neither.
    assertThat(
            cli.run("check", "--baseline", "@b.json", "--disable", "double-free", "@hit.arrow")
                .out())
        .doesNotContain("fixed");
    assertThat(cli.run("check", "--baseline", "@b.json", "@clean.arrow", "@none.arrow").out())
        .doesNotContain("fixed");
  }

  @Test
  void aGraverFindingIsNew() throws IOException {
    cli.run("check", "--write-baseline", "@b.json", "-q", "@hit.arrow");
    Files.writeString(
        cli.file("info.json"),
        Files.readString(cli.file("b.json")).replace("\"error\"", "\"info\""));

    assertThat(cli.run("check", "--baseline", "@info.json", "-q", "@hit.arrow").code())
        .isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "no json | b.json:1 is no baseline: Unrecognized token 'no'",
        "[] | b.json:1 is no baseline: it has no JSON object; expected what kstrace check --write-",
        "`` | b.json:1 is no baseline: it has no JSON object;",
        "{} | b.json:1 is no baseline: it has no schema at its beginning;",
        "{\"schema\": \"kstrace.findings/1\"} | b.json:1 is no baseline: it has schema=kstrace.find",
        "{\"schema\": \"kstrace.baseline/1\", \"findings\": [1]} | b.json:1 is no baseline: it has som",
        "{\"schema\": \"kstrace.baseline/1\", \"findings\": [{}]} | b.json:1 is no baseline: it has a f",
        "{\"schema\": \"kstrace.baseline/1\", \"findings\": []} 1 | b.json:1 is no baseline: it has so",
        "{\"schema\": \"kstrace.baseline/1\", \"findings\": [], \"x\": 1} | b.json:1 is no baseline: it",
        "{\"schema\": \"kstrace.baseline/1\", \"findings\": [{\"count\": 0}]} | b.json:1 is no baseline",
        "{\"schema\": \"kstrace.baseline/1\", \"findings\": [{\"count\": 1e99}]} | b.json:1 is no base",
      })
  void whatIsNoBaselineIsRefused(String text, String message) throws IOException {
    Files.writeString(cli.file("b.json"), text);

    Cli.Result result = cli.run("check", "--baseline", "@b.json", "@hit.arrow");

    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).startsWith("kstrace: " + message);
    assertThat(result.err().lines()).hasSize(1);
    assertThat(result.out()).isEmpty();
  }

  @Test
  void aMissingBaselineIsRefused() {
    assertThat(cli.run("check", "--baseline", "@b.json", "@hit.arrow").all())
        .isEqualTo("exit 2\nkstrace: cannot read b.json: there is no such file (the baseline)\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rule = 'double-free'",
        "rule = 'double-*'",
        "pin = 'capt*'",
        "trace = 'hit.arrow'",
        "trace = '**/h?t.arrow'",
        "rule = 'double-free'\npin = 'capture'\nuntil = 2026-03-01",
      })
  void aSuppressionCoversWhatFitsAllItsConditions(String conditions) throws IOException {
    config("[[suppress]]\n" + conditions + "\nreason = 'erratum'\n");

    assertThat(cli.run("check", "-q", "@hit.arrow").all())
        .isEqualTo("exit 0\nhit.arrow: no new findings, 1 suppressed\n");
    assertThat(cli.run("check", "-q", "--no-config", "@hit.arrow").code()).isEqualTo(1);
    assertThat(cli.run("check", "--format", "json", "@hit.arrow").out())
        .contains("\"status\": \"suppressed\"", "\"reason\": \"erratum\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rule = 'double-delete'",
        "pin = 'Capture'",
        "trace = 'clean.arrow'",
        "rule = 'double-free'\npin = 'other'",
        "fingerprint = '0123456789abcdef'",
      })
  void aSuppressionThatCoversNothingIsTold(String conditions) throws IOException {
    config("[[suppress]]\n" + conditions + "\nreason = 'erratum'\n");

    Cli.Result result = cli.run("check", "@hit.arrow");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err())
        .isEqualTo("kstrace: kstrace.toml:1: the suppression covers no finding: erratum\n");
    assertThat(cli.run("check", "-q", "@hit.arrow").err()).isEmpty();
  }

  @Test
  void aSuppressionEnds() throws IOException {
    config("\n[[suppress]]\nrule = 'double-free'\nreason = 'erratum'\nuntil = 2026-02-28\n");

    Cli.Result result = cli.run("check", "@hit.arrow");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err())
        .isEqualTo(
            "kstrace: kstrace.toml:2: the suppression ended on 2026-02-28 (today is 2026-03-01"
                + " UTC): erratum\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "fail_on = 'info' | kstrace.toml:1: there is no key fail_on; did you mean fail-on? (expecte",
        "~fail-on = 3 | kstrace.toml:2: fail-on must be a text in quotes",
        "fail-on = 'bad' | kstrace.toml:1: fail-on=bad, expected error, warning, info or never",
        "disable = ['double-fre'] | kstrace.toml:1: there is no rule double-fre; did you mean doub",
        "disable = 'x' | kstrace.toml:1: disable must be a list",
        "x = | kstrace.toml:1 is no TOML: Unexpected end of",
        "[[suppress]]~rule = 'x*' | kstrace.toml:1: a suppression needs a reason = \"...\"",
        "[[suppress]]~reason = 'x' | kstrace.toml:1: a suppression of everything; expected rule, f",
        "[[suppress]]~reason = 'x'~ruel = 'y' | kstrace.toml:3: there is no key ruel; did you mean",
        "[[suppress]]~reason = 'x'~rule = 'free-nul' | kstrace.toml:1: there is no rule free-nul; d",
        "[[suppress]]~reason = 'x'~rule = 'free-null'~until = '2026' | kstrace.toml:4: until must",
        "[[suppress]]~reason = 'x'~fingerprint = 'a' | kstrace.toml:3: fingerprint must be 16 hexa",
        "[rules.double-free]~grace = 5 | kstrace.toml:2: rule double-free has no parameter grace; i",
        "[rules.double-free]~grace = 'x' | kstrace.toml:2: grace must be a number",
        "[rules]~double-free = 1 | kstrace.toml:2: double-free must be a table",
        "rule-dirs = ['none'] | cannot list the rules in none: there is no such folder",
        "baseline = 'b.json' | cannot read b.json: there is no such file (the baseline)",
      })
  void aConfigurationThatIsNotUnderstoodIsRefused(String text, String message) throws IOException {
    config(text.replace('~', '\n') + "\n");

    Cli.Result result = cli.run("check", "@hit.arrow");

    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).startsWith("kstrace: " + message);
    assertThat(result.err().lines()).hasSize(1);
  }

  @Test
  void theConfigurationIsFoundUpwardAndOptionsComeFirst() throws IOException {
    config("fail-on = 'never'\ndisable = ['free-null']\n");
    Path deep = Files.createDirectories(cli.file("a/b"));
    Cli below = new Cli(deep);
    Samples.write(below.file("hit.arrow"), Samples.DOUBLE_FREE);

    assertThat(below.run("check", "-q", "@hit.arrow").code()).isZero();
    assertThat(below.run("check", "-q", "--fail-on", "error", "@hit.arrow").code()).isEqualTo(1);
    assertThat(below.run("check", "-q", "--no-config", "@hit.arrow").code()).isEqualTo(1);
    Files.writeString(cli.file("a/kstrace.toml"), "fail-on = 'error'\n");
    assertThat(below.run("check", "-q", "@hit.arrow").code()).isEqualTo(1);
    assertThat(cli.run("check", "-q", "--config", "@a/kstrace.toml", "@hit.arrow").code())
        .isEqualTo(1);
    assertThat(cli.run("check", "--config", "@none.toml", "@hit.arrow").all())
        .isEqualTo(
            "exit 2\nkstrace: cannot read none.toml: there is no such file (the configuration)\n");
    assertThat(cli.run("check", "--no-config", "--config", "@x", "@hit.arrow").err())
        .startsWith("kstrace: --config and --no-config contradict each other");
  }

  private static String userRule(String id) {
    return """
        -- rule:     ID
        -- severity: warning
        -- basis:    heuristic
        -- reads:    calls
        -- param:    most 1 count how many frees are fine
        -- why:      Frees are rare here.
        -- fix:      Nothing.
        -- source:   the house rules
        -- limits:   None.
        WITH params AS (SELECT 1 AS most)
        SELECT
          min(c.seq) AS seq, []::UBIGINT[] AS related_seqs, c.pin, c.context,
          NULL::UBIGINT AS frame, c.alloc_id, 'free' AS site, 'warning' AS severity,
          'certain' AS certainty, 'many frees' AS message
        FROM calls c, params p
        WHERE c.op = 'free'
        GROUP BY c.pin, c.context, c.alloc_id, p.most
        HAVING count(*) > p.most
        ORDER BY 1
        """
        .replace("ID", id);
  }

  @Test
  void rulesOfUsersJoinAndTheirThresholdsCanBeSet() throws IOException {
    Files.createDirectory(cli.file("my"));
    Files.writeString(cli.file("my/many-frees.sql"), userRule("many-frees"));
    String[] line = {"check", "-q", "--rules", "@my", "@hit.arrow"};

    assertThat(cli.run(line).out()).contains("warning  many-frees  1 finding\n  seq 4: many frees");
    assertThat(cli.run("check", "--rules", "@my", "--set", "many-frees.most=2", "@hit.arrow").out())
        .doesNotContain("many-frees");
    config("rule-dirs = ['my']\n[rules.many-frees]\nmost = 2\n");
    assertThat(cli.run("check", "@hit.arrow").out()).doesNotContain("many-frees");
    assertThat(cli.run("check", "--set", "many-frees.most=1", "@hit.arrow").out())
        .contains("many-frees");
    assertThat(cli.run("check", "--set", "many-frees.mots=1", "@hit.arrow").err())
        .isEqualTo(
            "kstrace: --set: rule many-frees has no parameter mots; did you mean most? (it has"
                + " most)\n");
    assertThat(cli.run("check", "--set", "many-frees.most=x", "@hit.arrow").err())
        .isEqualTo("kstrace: --set: many-frees.most=x is no whole number, expected count\n");
    assertThat(cli.run("check", "--set", "most=1", "@hit.arrow").err())
        .isEqualTo("kstrace: --set most=1: expected RULE.PARAMETER=VALUE\n");
  }

  @Test
  void aBadRuleIsLeftOutAndTheExitCodeSaysSo() throws IOException {
    Files.createDirectory(cli.file("my"));
    Files.writeString(cli.file("my/a-bad.sql"), userRule("a-bad").replace("HAVING", "HAVIN"));
    Files.writeString(cli.file("my/b-good.sql"), userRule("b-good"));
    Files.writeString(
        cli.file("my/c-late.sql"),
        userRule("c-late").replace("'many frees'", "error('too late')::VARCHAR"));

    Cli.Result result =
        cli.run("check", "-q", "--rules", "@my", "--disable", "a-bad", "@hit.arrow");

    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err().lines().toList())
        .satisfiesExactly(
            line -> assertThat(line).startsWith("kstrace: my/a-bad.sql:").contains(" left out: "),
            line ->
                assertThat(line)
                    .isEqualTo(
                        "kstrace: rule c-late failed on hit.arrow: Invalid Input Error: too late"));
    assertThat(result.out()).contains("double-free", "b-good");
    assertThat(cli.run("check", "--rules", "@none", "@hit.arrow").all())
        .isEqualTo("exit 2\nkstrace: cannot list the rules in none: there is no such folder\n");
    assertThat(cli.run("check", "--rules", "@.", "@hit.arrow").err())
        .endsWith(", expected files *.sql\n");
  }
}
