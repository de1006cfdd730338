package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.analyze.SqlScript.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SqlScriptTest {
  private static List<String> texts(String sql) {
    return SqlScript.statements(sql).stream().map(Statement::sql).toList();
  }

  @Test
  void keepsEachStatementAtItsPlace() {
    assertThat(texts("SELECT 1;\n  SELECT\n2 ;; "))
        .containsExactly("SELECT 1", "         \n  SELECT\n2");
    assertThat(texts(" ; -- nothing\n /* at all */ ")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT ';''; $a ?'",
        "SELECT \"; $a ?\"\" ;\"",
        "SELECT E'\\'; $a ?'",
        "SELECT $$ ; $a ? ' $$",
        "SELECT $x$ ; $a $$ ? $x$",
        "SELECT a$b FROM t",
      })
  void looksIntoNoTextAndNoName(String sql) {
    assertThat(SqlScript.statements(sql)).containsExactly(new Statement(sql, List.of(), false));
  }

  @Test
  void blanksComments() {
    assertThat(texts("SELECT 1 -- ; $a ?\n+ /* ;\n' */ 2"))
        .containsExactly("SELECT 1          \n+     \n     2");
  }

  @Test
  void numbersParametersWithoutMovingAnything() {
    Statement statement = SqlScript.statements("SELECT $frame + $n + $frame::INT").get(0);

    assertThat(statement.sql()).isEqualTo("SELECT $1     + $2 + $1    ::INT");
    assertThat(statement.parameters()).containsExactly("frame", "n");
    assertThat(statement.named("LINE 1: SELECT $1     + $2"))
        .isEqualTo("LINE 1: SELECT $frame + $n");
  }

  @Test
  void numbersTheParametersOfEachStatementFromOneOn() {
    List<Statement> statements = SqlScript.statements("SELECT $a; SELECT $b");

    assertThat(statements.get(0).parameters()).containsExactly("a");
    assertThat(statements.get(1).parameters()).containsExactly("b");
    assertThat(statements.get(1).sql()).endsWith("SELECT $1");
  }

  @Test
  void noticesParametersWithoutAName() {
    assertThat(SqlScript.statements("SELECT ?").get(0).positional()).isTrue();
    assertThat(SqlScript.statements("SELECT $1").get(0).positional()).isTrue();
    assertThat(SqlScript.statements("SELECT $a").get(0).positional()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  ", "SELECT 1;", "SELECT ';';\n", "SELECT 1; -- done", "-- x"})
  void isCompleteAtASemicolon(String sql) {
    assertThat(SqlScript.isComplete(sql)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"SELECT 1", "SELECT 1; SELECT", "SELECT ';", "/* ;", "SELECT $$;", "SELECT \";"})
  void isIncompleteBeforeOne(String sql) {
    assertThat(SqlScript.isComplete(sql)).isFalse();
  }
}
