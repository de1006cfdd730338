package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kstrace.analyze.UserRules.Refused;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules that users bring along: what is taken, what is refused, and what they cannot do. */
class UserRulesTest {
  /** Lines 1 to 8 are the header. */
  static final String RULE =
      """
      -- rule:     ID
      -- severity: warning
      -- basis:    heuristic
      -- reads:    calls
      -- why:      A free was seen.
      -- fix:      Nothing.
      -- source:   the house rules
      -- limits:   None.
      SELECT
        seq,
        []::UBIGINT[] AS related_seqs,
        pin,
        context,
        frame,
        alloc_id,
        op AS site,
        'warning' AS severity,
        'certain' AS certainty,
        'a free; here' AS message
      FROM calls
      WHERE op = 'free'
      ORDER BY seq
      """;

  @TempDir Path folder;

  private UserRules read() throws IOException, SQLException {
    return UserRules.read(folder, Set.copyOf(RulePack.IDS), false);
  }

  private void write(String id, String text) throws IOException {
    Files.writeString(folder.resolve(id + ".sql"), text.replace("ID", id));
  }

  private Verdict judge(List<Rule> rules, boolean allowIo) throws IOException, SQLException {
    Path file =
        Traces.write(
            folder.resolve("trace.arrow"),
            """
            1 pin_create pin=0x10
            2 initialize pin=0x10 context=0x20 status=STATUS_SUCCESS framing={frames=4 size=4096}
            3 allocate context=0x20 frame=0x1000
            4 free context=0x20 frame=0x1000
            5 delete context=0x20
            6 trace_end
            """);
    return Judge.judge(
        TraceFacts.of(file), rules, new RuleLimits(allowIo, RuleLimits.DEFAULT_SECONDS));
  }

  @Test
  void aGoodRuleFindsWhatItLooksFor() throws Exception {
    write("my-free", RULE);

    UserRules read = read();

    assertThat(read.refused()).isEmpty();
    assertThat(read.rules()).extracting(Rule::file).containsExactly(folder.resolve("my-free.sql"));
    assertThat(judge(read.rules(), false).findings())
        .extracting(Finding::rule, Finding::seq, Finding::message)
        .containsExactly(org.assertj.core.groups.Tuple.tuple("my-free", 4L, "a free; here"));
  }

  /** In a trace where nothing is wrong there are no suspects. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "FROM trace_info t WHERE NOT EXISTS (SELECT 1 FROM suspects)",
        "FROM suspects s HAVING count(*) = 0",
        "FROM suspects s ORDER BY count(*)",
        "FROM trace_info t LEFT JOIN suspects s ON s.op = 'free' WHERE s.seq IS NULL",
      })
  void aRuleMayLookForWhatIsNotThere(String from) throws Exception {
    String select = RULE.substring(RULE.indexOf("SELECT"), RULE.indexOf("FROM calls"));
    String header = RULE.substring(0, RULE.indexOf("SELECT"));
    write(
        "my-rule",
        header.replace("calls", "suspects, trace_info")
            + select
                .replace("  seq,", "  9 AS seq,")
                .replaceAll("  (pin|context|frame|alloc_id),", "  NULL::UBIGINT AS $1,")
                .replace("op AS site", "'none' AS site")
            + from
            + "\n");

    assertThat(read().refused()).isEmpty();
    assertThat(judge(read().rules(), false).findings())
        .extracting(Finding::seq)
        .containsExactly(9L);
  }

  @Test
  void aBadRuleIsRefusedAndTheOthersStay() throws Exception {
    write("a-good", RULE);
    write("b-bad", RULE.replace("FROM calls", "FROM call"));
    write("c-good", RULE);
    write("double-free", RULE);
    Files.writeString(folder.resolve("notes.txt"), "no rule");

    UserRules read = read();

    assertThat(read.rules()).extracting(Rule::id).containsExactly("a-good", "c-good");
    assertThat(read.refused()).extracting(Refused::id).containsExactly("b-bad", "double-free");
    assertThat(read.refused().get(1).reason())
        .isEqualTo("there is a rule double-free already; choose another name");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "  seq,               |   seqs,              | 10 | Binder Error: Referenced column \"seqs\"",
        "  pin,~              | ``                   |  9 | the statement gives no column pin; a",
        "  pin,               |   pin, layer,        |  9 | a finding has no column layer; it has",
        "  seq,               |   seq::DOUBLE AS seq,|  9 | column seq is of type DOUBLE, expected",
        "  op AS site         |   1 AS site          |  9 | column site is of type INTEGER, expected",
        "[]::UBIGINT[]        | 'none'               |  9 | column related_seqs is of type VARCHAR, e",
        "ORDER BY seq         | ORDER BY seq;        | 22 | one statement without ';' is expected",
        "FROM calls           | FROM calls ; DROP x; | 20 | one statement without ';' is expected",
        "FROM calls           | FROM pins            | 20 | Catalog Error: Table with name pins does",
        "SELECT~  seq         | DELETE~  seq         |  9 | the statement must begin with SELECT or",
        "ORDER BY seq         | ORDR BY seq          | 22 | Parser Error: syntax error at or near",
        "heuristic            | opinion              |  3 | the header says basis=opinion, expected",
      })
  void theReasonAndTheLineAreGiven(String good, String bad, int line, String reason)
      throws Exception {
    write("my-rule", RULE.replace(lines(good), lines(bad)));

    assertThat(read().rules()).isEmpty();
    Refused refused = read().refused().get(0);
    assertThat(refused.reason()).startsWith(reason).doesNotContain("\n");
    assertThat(refused.line()).as(refused.reason()).isEqualTo(line);
  }

  private static String lines(String text) {
    return text.replace('~', '\n');
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "WITH x AS (SELECT 1) INSERT INTO t SELECT 1",
        "WITH x AS (SELECT 1) DELETE FROM t",
        "SELECT 1) UNION (SELECT 2",
        "SELECT 1 INTO x",
        "SELECT 1 /* and no end",
        "SELECT ''",
        "WITH",
      })
  void whatIsNoSelectOfAFindingIsRefused(String sql) throws Exception {
    write("my-rule", RULE.substring(0, RULE.indexOf("SELECT")) + sql + "\n");

    assertThat(read().rules()).isEmpty();
    assertThat(read().refused()).hasSize(1);
  }

  @Test
  void whatIsNoTextIsRefused() throws Exception {
    Files.write(folder.resolve("a-latin.sql"), "-- é".getBytes(StandardCharsets.ISO_8859_1));
    Files.writeString(folder.resolve("b-empty.sql"), "");
    Files.write(folder.resolve("c-large.sql"), new byte[(1 << 20) + 1]);

    assertThat(read().refused())
        .extracting(Refused::reason)
        .containsExactly(
            "it is no UTF-8 text",
            "the header says rule=null",
            "it is larger than a rule can be, expected at most 1 MiB");
  }

  @Test
  void aFolderThatIsMissingIsAnError() {
    assertThatThrownBy(() -> UserRules.read(folder.resolve("none"), Set.of(), false))
        .isInstanceOf(NoSuchFileException.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'warning' AS severity | op AS severity | it gives severity=free, expected error, warning or",
        "'certain' AS certainty | op AS certainty | it gives certainty=free, expected certain or pos",
        "  alloc_id, | seq AS alloc_id, | it gives alloc_id=4, which allocators does not have",
        "  seq, | NULL::UBIGINT AS seq, | it gives a NULL for seq",
        "'a free; here' | NULL::VARCHAR | it gives a NULL for message",
        "'a free; here' | error('no luck')::VARCHAR | Invalid Input Error: no luck",
      })
  void aRuleThatFailsOnATraceIsNamedAndTheOthersAreJudged(String good, String bad, String reason)
      throws Exception {
    write("a-bad", RULE.replace(good, bad));
    write("b-good", RULE);

    Verdict verdict = judge(read().rules(), false);

    assertThat(verdict.findings()).extracting(Finding::rule).containsExactly("b-good");
    assertThat(verdict.failed()).hasSize(1);
    assertThat(verdict.failed().get(0).rule().id()).isEqualTo("a-bad");
    assertThat(verdict.failed().get(0).reason()).startsWith(reason);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(SELECT content FROM read_text('PATH'))",
        "(SELECT count(*)::VARCHAR FROM glob('PATH'))",
        "(SELECT (size - 1)::VARCHAR FROM read_blob('PATH'))",
      })
  void rulesReachFilesOnlyWhereTheyMay(String expression) throws Exception {
    Path secret = Files.writeString(folder.resolve("secret.txt"), "1\n");
    String path = secret.toString().replace('\\', '/');
    write("my-rule", RULE.replace("'a free; here'", expression.replace("PATH", path)));

    assertThat(read().rules()).isEmpty();
    assertThat(read().refused().get(0).reason())
        .contains("file system operations are disabled by configuration");

    List<Rule> allowed = UserRules.read(folder, Set.of(), true).rules();
    assertThat(judge(allowed, true).findings())
        .extracting(finding -> finding.message().strip())
        .containsExactly("1");
    assertThat(judge(allowed, false).failed()).hasSize(1);
  }

  @Test
  void theConfigurationIsLockedUnlessTheCallerAllowsIo() throws Exception {
    try (TraceDatabase database = TraceDatabase.open()) {
      database.attachEmpty(List.of(Tables.named("calls")));
      assertThatThrownBy(() -> database.execute("SET enable_external_access = true"))
          .isInstanceOf(SQLException.class);
      assertThatThrownBy(() -> database.execute("SET threads = 1"))
          .hasMessageContaining("configuration has been locked");
      assertThatThrownBy(
              () -> database.execute("COPY (SELECT 1) TO '" + folder.resolve("out") + "'"))
          .hasMessageContaining("disabled by configuration");
    }
    try (TraceDatabase database = TraceDatabase.open(true)) {
      database.attachEmpty(List.of(Tables.named("calls")));
      database.execute("SET threads = 1");
    }
  }
}
