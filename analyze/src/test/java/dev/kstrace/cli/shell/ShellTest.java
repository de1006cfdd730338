package dev.kstrace.cli.shell;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.analyze.Query;
import dev.kstrace.analyze.RulePack;
import dev.kstrace.cli.result.ResultFormat;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceText;
import dev.kstrace.traces.TraceWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the shell does, without a terminal. */
final class ShellTest {
  @TempDir Path folder;
  private Path trace;

  @BeforeEach
  void writeTrace() throws IOException {
    trace = write("t.arrow", "one");
  }

  private Path write(String name, String mark) throws IOException {
    Path file = folder.resolve(name);
    String text = "1 mark t=0 detail={\"text\":\"" + mark + "\"}\n2 trace_end t=1\n";
    TraceText.Parsed parsed = TraceText.parse(new StringReader(text), file);
    EventBatch batch = new EventBatch(4);
    for (TraceEvent event : parsed.events()) {
      batch.add(event);
    }
    try (TraceWriter writer = TraceWriter.create(file, parsed.metadata(), true)) {
      writer.write(batch);
    }
    return file;
  }

  /** A person who types some lines, and interrupts when told. */
  private static final class Script implements Lines {
    final Deque<String> lines;
    int width = Integer.MAX_VALUE;
    Runnable interrupt = () -> {};

    Script(String... lines) {
      this.lines = new ArrayDeque<>(List.of(lines));
    }

    @Override
    public @Nullable String read() {
      return lines.poll();
    }

    @Override
    public int width() {
      return width;
    }

    @Override
    public void onInterrupt(Runnable action) {
      interrupt = action;
    }

    @Override
    public void close() {}
  }

  private String run(String... lines) throws Exception {
    return run(new Script(lines));
  }

  private String run(Script script) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, false, StandardCharsets.UTF_8);
    Shell.Errors errors = (e, files) -> out.println("! " + e.getMessage() + " " + files.size());
    AtomicLong clock = new AtomicLong();
    new Shell(
            script,
            out,
            errors,
            () -> clock.addAndGet(1500),
            RulePack.builtIn(),
            Query::open,
            List.of(trace),
            ResultFormat.TABLE)
        .run();
    out.flush();
    return bytes
        .toString(StandardCharsets.UTF_8)
        .replace(System.lineSeparator(), "\n")
        .replace(folder + java.io.File.separator, "");
  }

  @Test
  void answersAndGoesOnAfterErrors() throws Exception {
    assertThat(run("SELECT text FROM marks;", "SELECT x;", "", ".nothing", "SELECT 7 AS n;"))
        .startsWith("text\n----\none\n! Binder Error: ")
        .endsWith(" 1\nthere is no .nothing; .help lists all\nn\n-\n7\n");
  }

  @Test
  void knowsTablesColumnsRulesAndFindings() throws Exception {
    assertThat(run(".tables").lines()).hasSameSizeAs(Query.tableNames());
    assertThat(run(".schema")).contains("\nallocators\n", "  peak_live  ");
    assertThat(run(".schema MARKS nope"))
        .startsWith("marks\n  seq                    UBIGINT   the mark\n")
        .endsWith("there is no table nope; .tables lists all\n");
    assertThat(run(".rules")).contains("double-free                              error\n");
    assertThat(run(".findings")).startsWith("seq  severity");
    assertThat(run(".help")).contains(".open FILE...", "Ctrl-D leaves");
  }

  @Test
  void foldsAtWordsWhereTheScreenEnds() throws Exception {
    Script narrow = new Script(".tables", ".schema calls");
    narrow.width = 70;

    assertThat(run(narrow).lines())
        .hasSizeGreaterThan(Query.tableNames().size() + 50)
        .contains("suspects               The calls that are not wholly ordinary: all")
        .contains("                       that a rule can have to judge, in a table that")
        .allMatch(line -> line.length() <= 70);
  }

  @Test
  void opensOtherTraces() throws Exception {
    Path other = write("u.arrow", "two");

    assertThat(
            run(
                ".open " + folder.resolve("none.arrow"),
                "SELECT text FROM marks;",
                ".open " + other,
                "SELECT text FROM marks;",
                ".open " + trace + " " + other,
                "SELECT count(*) AS n, count(DISTINCT trace) AS t FROM marks;",
                ".open"))
        .isEqualTo(
            """
            ! none.arrow 1
            text
            ----
            one
            text
            ----
            two
            n  t
            -  -
            2  2
            .open FILE...
            """);
  }

  @Test
  void changesTheFormatAndTellsTheTime() throws Exception {
    assertThat(
            run(
                ".format ndjson",
                "SELECT 1 AS n;",
                ".format parquet",
                ".timing",
                ".timing on",
                "SELECT 1;"))
        .matches(
            """
            \\{"n":1\\}
            \\.format table, csv, json, ndjson, markdown
            \\.timing on or \\.timing off
            \\{"1":1\\}
            took 1\\.5 us
            """);
  }

  @Test
  void leaves() throws Exception {
    assertThat(run(".quit", "SELECT 1;")).isEmpty();
    assertThat(run(".exit", "SELECT 1;")).isEmpty();
  }

  @Test
  @Timeout(60)
  void stopsAResultWithoutAnEnd() throws Exception {
    Script script =
        new Script("SELECT range AS n FROM range(1000000000000);", "SELECT 'on' AS it_goes;");
    Thread person =
        new Thread(
            () -> {
              while (script.lines.size() > 1) {
                Thread.onSpinWait();
              }
              for (int i = 0; i < 20 && script.lines.size() == 1; i++) {
                try {
                  Thread.sleep(200);
                } catch (InterruptedException e) {
                  return;
                }
                if (script.lines.size() == 1) {
                  script.interrupt.run();
                }
              }
            });
    person.start();

    assertThat(run(script)).contains("\ncancelled\n").endsWith("it_goes\n-------\non\n");
    person.join();
  }
}
