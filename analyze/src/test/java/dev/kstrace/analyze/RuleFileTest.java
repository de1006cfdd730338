package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Headers of rules, their parameters above all. */
class RuleFileTest {
  private static final String RULE =
      """
      -- rule:     slow-free
      -- severity: warning
      -- basis:    heuristic
      -- reads:    frames
      -- needs:    t_exit
      -- param:    held_ns 1000000 ns [1..5000000000] how long a frame may be held, longer
      --           for a slow device
      -- param:    share 0.5 ratio [0..1] of the frames
      -- why:      It was held long.
      -- fix:      Free it.
      -- source:   no page states it
      -- limits:   None.
      WITH params AS (SELECT 1000000 AS held_ns, 0.5 AS share)
      SELECT 1 FROM frames, params WHERE held_ns > 1000000
      """;

  @Test
  void parametersHaveDefaultUnitRangeAndMeaning() {
    List<RuleParameter> parameters = RuleFile.parse(null, "slow-free", RULE).parameters();

    assertThat(parameters).extracting(RuleParameter::name).containsExactly("held_ns", "share");
    assertThat(parameters.get(0).meaning())
        .isEqualTo("how long a frame may be held, longer for a slow device");
    assertThat(parameters.get(0).unit()).isEqualTo("ns");
    assertThat(parameters.get(0).value()).isEqualTo("1000000");
    assertThat(parameters.get(1).most()).isEqualTo("1");
  }

  @Test
  void aValueReplacesTheDefaultInTheStatementAndNothingElse() {
    Rule rule = RuleFile.parse(null, "slow-free", RULE).with("held_ns", "5").with("share", "0.25");

    assertThat(rule.sql())
        .isEqualTo(
            """
            WITH params AS (SELECT 5 AS held_ns, 0.25 AS share)
            SELECT 1 FROM frames, params WHERE held_ns > 1000000""");
    assertThat(rule.with("held_ns", "7").sql()).contains("SELECT 7 AS held_ns");
    assertThat(rule.parameters().get(0).preset()).isEqualTo("1000000");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "held_ns | 1.5 | held_ns=1.5 is no whole number, expected ns",
        "held_ns | '' | held_ns= is no whole number, expected ns",
        "held_ns | 1 OR 1 | held_ns=1 OR 1 is no whole number, expected ns",
        "held_ns | 0 | held_ns=0 is out of range, expected 1 to 5000000000 ns",
        "held_ns | 5000000001 | held_ns=5000000001 is out of range, expected 1 to 5000000000 ns",
        "share | 1e3 | share=1e3 is no number, expected ratio",
        "share | 1.01 | share=1.01 is out of range, expected 0 to 1 ratio",
      })
  void aValueThatDoesNotFitIsRefused(String name, String value, String message) {
    Rule rule = RuleFile.parse(null, "slow-free", RULE);

    assertThatThrownBy(() -> rule.with(name, value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "t_exit | t_exits | 5 | the header says needs=t_exits, expected allocator_kind, dispatch,",
        "reads:    frames | reads:    frame | 4 | the header says reads=frame, expected allocators,",
        "heuristic | guess | 3 | the header says basis=guess, expected contract, derived,",
        "basis: | rule: | 3 | the header has two entries rule",
        "held_ns 1000000 ns | held_ns ns | 6 | param: expected NAME DEFAULT UNIT",
        "0.5 ratio | 2 ratio | 8 | share=2 is out of range, expected 0 to 1 ratio",
        "0.5 AS share | 0.5 AS part | 8 | param: the statement must say once 0.5 AS share",
        "held_ns 1000000 ns | held_ns 3 ns | 6 | param: the statement must say once 3 AS held_ns",
        "share 0.5 ratio [0..1] | held_ns 1000000 ns | 8 | param: there are two of name=held_ns",
      })
  void aBadHeaderIsRefusedWithItsLine(String good, String bad, int line, String message) {
    assertThatThrownBy(() -> RuleFile.parse(null, "slow-free", RULE.replace(good, bad)))
        .isInstanceOfSatisfying(RuleException.class, e -> assertThat(e.line()).isEqualTo(line))
        .hasMessageStartingWith(message);
  }

  @Test
  void aNameMustBePlain() {
    assertThatThrownBy(() -> RuleFile.parse(null, "Slow_Free", RULE))
        .hasMessage("a rule's name is of small letters, digits and hyphens, name=Slow_Free");
  }
}
