package dev.kstrace.analyze;

import dev.kstrace.analyze.Macros.MacroDef;
import dev.kstrace.analyze.TableDef.ColumnDef;
import java.util.List;
import java.util.function.Function;

/** Writes docs/tables.md from the definitions of tables and functions. */
public final class TablesPage {
  /** The questions that the page asks, with why one asks them. */
  private static final List<List<String>> EXAMPLES =
      List.of(
          List.of(
              "What is in the trace?",
              "SELECT op, layer, count(*) AS n FROM events GROUP BY ALL ORDER BY n DESC, op LIMIT 5"),
          List.of(
              "What did each allocator promise, and how many frames were out at most?",
              """
              SELECT alloc_id, pin_name, ntstatus(status) AS status, pool_type(pool_type) AS pool,
                frames, frame_size, peak_live
              FROM allocators ORDER BY alloc_id"""),
          List.of(
              "How long are frames held?",
              """
              SELECT p.name AS pin, count(*) AS frames, ms(median(f.held_ns)) AS median_ms,
                ms(max(f.held_ns)) AS longest_ms
              FROM frames f JOIN pins p USING (pin_id) GROUP BY p.name ORDER BY p.name"""),
          List.of(
              "Who calls at raised IRQL?",
              """
              SELECT op, irql(irql_entry) AS level, count(*) AS n, count(DISTINCT thread) AS threads
              FROM calls WHERE irql_entry > 0 GROUP BY ALL ORDER BY op, level"""),
          List.of(
              "How did a pin move through its states?",
              """
              SELECT seq, ms(t_entry) AS at_ms, pin_state(from_state) AS before,
                pin_state(to_state) AS after
              FROM pin_states WHERE pin_name = 'preview' ORDER BY seq LIMIT 4"""),
          List.of(
              "What do the rules say, and of which allocator?",
              """
              SELECT f.rule, f.severity, f.seq, a.pin_name
              FROM findings f LEFT JOIN allocators a USING (alloc_id) ORDER BY f.seq"""));

  private TablesPage() {}

  /**
   * The page.
   *
   * @param answer what kstrace query prints for a statement about the trace that the page names
   */
  public static String text(Function<String, String> answer) {
    StringBuilder page = new StringBuilder();
    page.append(
        """
        # Tables and functions of `kstrace query`

        This page is written from the definitions in the code, and a test holds it to them. `kstrace
        query FILE... SQL` answers [DuckDB's SQL](https://duckdb.org/docs/current/sql/introduction)
        over the tables below; so do the rules. With several traces every table begins with a column
        `trace`, the file's name. Tables are read from the file when a statement asks for them, and
        only as far as it does: `events` and `metadata` cost no more than reading, `calls` and
        `frames` a pass over the trace, `findings` also the rules.

        Columns `pin`, `context`, `frame` and `base_frame` are addresses and are shown as 0x-hex;
        `WHERE frame = 0x10000` works as well. NULL means not known or not applicable.

        SQL cannot reach files or the network, unless `--allow-io` is given.

        ## Values from outside

        `--param NAME=VALUE` fills in `$NAME`. A value that looks like a number (57, -1, 0x2f, 1.50,
        1e9) or like true or false is one; anything else is a text, and so is what stands in single
        quotes: `--param name="'57'"`. A parameter without a value, or a value without a parameter,
        is refused.

        ## Formats

        `--format` chooses; without it the name after `-o FILE` does.

        | format | what to know |
        | --- | --- |
        | table | for people: aligned, one line a row; control characters and backslashes are escaped |
        | csv | RFC 4180; texts are always quoted, numbers never, NULL is empty, `""` is an empty text |
        | json | an array of objects; numbers of 64 bits and more are strings |
        | ndjson | the same, one object a line |
        | markdown | a table for GitHub; texts are code, so that nothing in them is a link or a mention |
        | parquet | needs `-o FILE`; every type is kept, addresses are numbers |

        A trace may come from a stranger. In csv a text that begins with `=`, `+`, `-` or `@`, blanks
        aside, gets an apostrophe in front, so that no spreadsheet takes it for a formula, and
        control characters are written as `\\uXXXX`, so that a record is one line. Who needs every
        character as it was takes json, ndjson or parquet.

        ## Questions

        Asked of `kstrace-demo/faulty.arrow`, which `kstrace demo` writes.
        """);
    for (List<String> example : EXAMPLES) {
      String sql = example.get(1);
      page.append("\n").append(example.get(0)).append("\n\n```sql\n").append(sql);
      page.append("\n```\n\n```\n").append(answer.apply(sql)).append("```\n");
    }
    page.append("\n## Functions\n\nNumbers with Microsoft's names; NULL gives NULL.\n\n");
    page.append("| function | gives | example |\n| --- | --- | --- |\n");
    for (MacroDef macro : Macros.ALL) {
      String call = macro.name() + "(" + macro.example() + ")";
      String value = answer.apply("SELECT " + call + " AS x").split("\n", -1)[2].strip();
      page.append("| `").append(macro.name()).append("(x)` | ").append(macro.doc()).append(" | `");
      page.append(call).append("` = `").append(value.replace("|", "\\|")).append("` |\n");
    }
    page.append("\n## Tables\n");
    for (TableDef table : Tables.QUERIED) {
      page.append("\n### ").append(table.name()).append("\n\n").append(table.doc()).append("\n\n");
      page.append("| column | type | meaning |\n| --- | --- | --- |\n");
      for (ColumnDef column : table.columns()) {
        page.append("| `").append(column.name()).append("` | ").append(column.type().shown());
        page.append(" | ").append(column.doc().replace("|", "\\|")).append(" |\n");
      }
    }
    return page.toString();
  }
}
