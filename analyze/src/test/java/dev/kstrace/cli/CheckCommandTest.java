package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code kstrace check}. */
final class CheckCommandTest {
  /** An ESC sequence, a line's end, marks that turn text round and hide it, and 10 kB. */
  private static final String HOSTILE =
      "\\\\u001b[2J\\\\u001b]0;owned\\\\u0007\\\\nerror  all is well\\u202egnol\\u2066\\u200b"
          + "x".repeat(10_000);

  @TempDir Path folder;
  private Cli cli;

  @BeforeEach
  void makeCli() throws IOException {
    cli = new Cli(folder);
    Samples.write(cli.file("hit.arrow"), Samples.DOUBLE_FREE);
    Samples.write(cli.file("clean.arrow"), Samples.CLEAN);
  }

  @Test
  void tellsTheStoryOfAFinding() {
    assertThat(cli.run("check", "@hit.arrow").all())
        .isEqualTo(
            """
            exit 1
            hit.arrow: 1 error
              8 events, 1 pin, 1 allocator, 8.0 us, orderly end

            error    double-free  1 finding
              seq 5: frame 0x10000 is freed again; it was freed at seq 4
                allocator #1, pin capture 0x10, framing: NonPagedPool, Frames 4, FrameSize 4,096, \
            FileAlignment 0x3f, OptionsFlags 0
                       2           0.002 ms  thread 7     PASSIVE_LEVEL  initialize -> \
            STATUS_SUCCESS, context 0x20
                       3           0.003 ms  thread 7     PASSIVE_LEVEL  allocate -> 0x10000
                       4           0.004 ms  thread 7     DISPATCH_LEVEL free 0x10000
              >        5           0.005 ms  thread 8     DISPATCH_LEVEL free 0x10000
                       6           0.006 ms  thread 7     PASSIVE_LEVEL  delete
                advice: Give each frame back once; clear the pointer where it is freed.

              not applicable: system-memory-flag-missing (needs allocator_kind, framing_ex);
              incomplete-dispatch-table (needs dispatch); illegal-state-step,
              allocator-traffic-on-nonstandard-pin (needs flags); memory-type-pool-mismatch,
              size-outside-pin-range, frames-below-pin-request, invalid-range, \
            invalid-compression-ratio,
              framing-inconsistent (needs framing_ex); initialize-without-dispatch (needs \
            has_dispatch);
              allocator-never-used (needs has_dispatch, pin_state); pending-allocation-lost,
              waiter-not-served (needs irp_method); kernel-allocator-on-user-connection \
            (needs peer_mode);
              outstanding-growth, frames-outstanding-at-stop, frame-held-too-long, allocation-churn,
              allocate-in-stop, starvation (needs pin_state)

              kstrace rules show RULE explains a rule.
            """);
  }

  @Test
  void saysLittleOfACleanTrace() {
    assertThat(cli.run("check", "@clean.arrow").all())
        .isEqualTo(
            """
            exit 0
            clean.arrow: no findings
              8 events, 1 pin, 1 allocator, 8.0 us, orderly end

              not applicable: system-memory-flag-missing (needs allocator_kind, framing_ex);
              incomplete-dispatch-table (needs dispatch); illegal-state-step,
              allocator-traffic-on-nonstandard-pin (needs flags); memory-type-pool-mismatch,
              size-outside-pin-range, frames-below-pin-request, invalid-range, \
            invalid-compression-ratio,
              framing-inconsistent (needs framing_ex); initialize-without-dispatch (needs \
            has_dispatch);
              allocator-never-used (needs has_dispatch, pin_state); pending-allocation-lost,
              waiter-not-served (needs irp_method); kernel-allocator-on-user-connection \
            (needs peer_mode);
              outstanding-growth, frames-outstanding-at-stop, frame-held-too-long, allocation-churn,
              allocate-in-stop, starvation (needs pin_state)
            """);
  }

  @Test
  void writesFindingsAsJson() {
    assertThat(cli.run("check", "--format", "json", "@hit.arrow").all())
        .isEqualTo(
            """
            exit 1
            {
              "schema": "kstrace.findings/1",
              "tool": "kstrace development",
              "traces": [
                {
                  "path": "hit.arrow",
                  "events": "8",
                  "complete_start": true,
                  "clean_end": true,
                  "lost": "0",
                  "findings": [
                    {
                      "rule": "double-free",
                      "severity": "error",
                      "certainty": "certain",
                      "seq": "5",
                      "related_seqs": [
                        "4"
                      ],
                      "pin": "0x10",
                      "context": "0x20",
                      "frame": "0x10000",
                      "message": "frame 0x10000 is freed again; it was freed at seq 4",
                      "fingerprint": "a6289739b49ffaa7"
                    }
                  ],
                  "not_applicable": [
                    {
                      "rule": "incomplete-dispatch-table",
                      "missing": "dispatch"
                    },
                    {
                      "rule": "initialize-without-dispatch",
                      "missing": "has_dispatch"
                    },
                    {
                      "rule": "outstanding-growth",
                      "missing": "pin_state"
                    },
                    {
                      "rule": "frames-outstanding-at-stop",
                      "missing": "pin_state"
                    },
                    {
                      "rule": "frame-held-too-long",
                      "missing": "pin_state"
                    },
                    {
                      "rule": "allocation-churn",
                      "missing": "pin_state"
                    },
                    {
                      "rule": "system-memory-flag-missing",
                      "missing": "allocator_kind, framing_ex"
                    },
                    {
                      "rule": "memory-type-pool-mismatch",
                      "missing": "framing_ex"
                    },
                    {
                      "rule": "size-outside-pin-range",
                      "missing": "framing_ex"
                    },
                    {
                      "rule": "frames-below-pin-request",
                      "missing": "framing_ex"
                    },
                    {
                      "rule": "invalid-range",
                      "missing": "framing_ex"
                    },
                    {
                      "rule": "invalid-compression-ratio",
                      "missing": "framing_ex"
                    },
                    {
                      "rule": "framing-inconsistent",
                      "missing": "framing_ex"
                    },
                    {
                      "rule": "kernel-allocator-on-user-connection",
                      "missing": "peer_mode"
                    },
                    {
                      "rule": "illegal-state-step",
                      "missing": "flags"
                    },
                    {
                      "rule": "allocate-in-stop",
                      "missing": "pin_state"
                    },
                    {
                      "rule": "allocator-traffic-on-nonstandard-pin",
                      "missing": "flags"
                    },
                    {
                      "rule": "starvation",
                      "missing": "pin_state"
                    },
                    {
                      "rule": "pending-allocation-lost",
                      "missing": "irp_method"
                    },
                    {
                      "rule": "waiter-not-served",
                      "missing": "irp_method"
                    },
                    {
                      "rule": "allocator-never-used",
                      "missing": "has_dispatch, pin_state"
                    }
                  ]
                }
              ]
            }
            """);
  }

  @Test
  void writesJsonThatParses() throws IOException {
    Samples.write(cli.file("evil.arrow"), hostile());
    String json =
        cli.run("check", "--format", "json", "@hit.arrow", "@evil.arrow", "@none.arrow").out();

    int traces = 0;
    try (JsonParser parser = new JsonFactory().createParser(json)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        traces += token == JsonToken.VALUE_STRING && "path".equals(parser.currentName()) ? 1 : 0;
        assertThat(token.isNumeric()).as("numbers are strings").isFalse();
      }
    }
    assertThat(traces).isEqualTo(3);
  }

  @Test
  void callsAFindingPossibleAfterALoss() throws IOException {
    Samples.write(
        cli.file("lossy.arrow"),
        Samples.DOUBLE_FREE
            .replace("8 trace_end", "9 trace_end")
            .replace("7 pin_close", "8 pin_close")
            .replace("6 delete", "7 delete")
            .replace("5 free", "5 events_lost detail={\"count\":3}\n6 free"));

    Cli.Result json = cli.run("check", "--format", "json", "@lossy.arrow");

    assertThat(json.out())
        .contains("\"rule\": \"double-free\"", "\"certainty\": \"possible\"", "\"lost\": \"3\"");
    assertThat(cli.run("check", "@lossy.arrow").out())
        .contains("double-free  1 finding (possible: events not recorded may explain it)")
        .contains("3 events lost");
  }

  @ParameterizedTest
  @CsvSource({
    "error,hit,1", "warning,hit,1", "info,hit,1", "never,hit,0",
    "error,warn,0", "warning,warn,1", "info,warn,1", "never,warn,0",
    "error,lost,0", "warning,lost,0", "info,lost,1", "never,lost,0",
    "info,clean,0", "ERROR,hit,1"
  })
  void failsFromTheSeverityThatIsAskedFor(String failOn, String trace, int code)
      throws IOException {
    Samples.write(
        cli.file("warn.arrow"),
        Samples.CLEAN.replace("5 mark t=5000", "5 free thread=7 irql=0 context=0x20 frame=0"));
    Samples.write(
        cli.file("lost.arrow"),
        Samples.CLEAN.replace("5 mark t=5000", "5 events_lost detail={\"count\":3}"));

    for (String format : new String[] {"table", "json"}) {
      Cli.Result result =
          cli.run("check", "--format", format, "--fail-on", failOn, "@" + trace + ".arrow");
      assertThat(result.code()).as(result.all()).isEqualTo(code);
    }
  }

  @Test
  void leavesOutDisabledRules() {
    Cli.Result result =
        cli.run("check", "--disable", "double-free, illegal-state-step", "@hit.arrow");

    assertThat(result.code()).isZero();
    assertThat(result.out())
        .startsWith("hit.arrow: no findings\n")
        .doesNotContain("double-free", "illegal-state-step")
        .contains("kernel-allocator-on-user-connection");
  }

  @Test
  void judgesTheOtherTracesWhenOneIsBad() {
    Cli.Result result = cli.run("check", "-q", "@hit.arrow", "@none.arrow", "@clean.arrow");

    assertThat(result.all().replaceAll("trace +errors", "trace        errors"))
        .isEqualTo(
            """
            exit 3
            kstrace: cannot read none.arrow: there is no such file
            hit.arrow: 1 error

            error    double-free  1 finding
              seq 5: frame 0x10000 is freed again; it was freed at seq 4
            clean.arrow: no findings

            trace        errors
            hit.arrow         1
            none.arrow   unreadable
            clean.arrow       0
            2 traces: 1 error
            """);
  }

  @Test
  void countsWhatLivesAtTheEndOfACutTrace() throws IOException {
    Samples.write(
        cli.file("cut.arrow"), Samples.CLEAN.substring(0, Samples.CLEAN.indexOf("4 free")));

    Cli.Result result = cli.run("check", "@cut.arrow");

    assertThat(result.code()).isZero();
    assertThat(result.out())
        .startsWith(
            """
            cut.arrow: no findings
              3 events, 1 pin, 1 allocator, 3.5 us, cut, live at the end: 1 frame
            """);
  }

  @Test
  void coloursOnlyWhereItHelps() {
    Cli terminal = cli.onTerminal(Map.of("TERM", "xterm"));
    String coloured = "\u001b[1;31merror  \u001b[0m";

    assertThat(cli.run("check", "@hit.arrow").out()).doesNotContain("\u001b");
    assertThat(cli.run("check", "--color", "always", "@hit.arrow").out()).contains(coloured);
    assertThat(terminal.run("check", "@hit.arrow").out()).contains(coloured);
    assertThat(terminal.run("check", "--color", "never", "@hit.arrow").out())
        .doesNotContain("\u001b");
    assertThat(cli.onTerminal(Map.of("NO_COLOR", "1")).run("check", "@hit.arrow").out())
        .doesNotContain("\u001b");
    assertThat(cli.onTerminal(Map.of("NO_COLOR", "")).run("check", "@hit.arrow").out())
        .contains(coloured);
    assertThat(cli.onTerminal(Map.of("TERM", "dumb")).run("check", "@hit.arrow").out())
        .doesNotContain("\u001b");
    assertThat(
            cli.onTerminal(Map.of("NO_COLOR", "1"))
                .run("check", "--color", "always", "@hit.arrow")
                .out())
        .contains(coloured);
  }

  @Test
  void drawsFramesOutstandingForPeopleOnly() {
    Cli terminal = cli.onTerminal(Map.of("NO_COLOR", "1", "COLUMNS", "80", "LANG", "C.UTF-8"));
    String chart = "\n  frames outstanding\n    #1 capture  ▁";

    assertThat(terminal.run("check", "@hit.arrow").out()).contains(chart);
    assertThat(terminal.run("info", "@hit.arrow").out()).contains(chart);
    for (String word : new String[] {"-q", "--format=markdown"}) {
      assertThat(terminal.run("check", word, "@hit.arrow").out()).doesNotContain("outstanding\n");
    }
    assertThat(terminal.run("check", "@hit.arrow", "-o", "@hit.txt").out()).isEmpty();
    assertThat(cli.file("hit.txt")).content().doesNotContain("▁");
    assertThat(cli.run("check", "@hit.arrow").out()).doesNotContain("outstanding\n");
    assertThat(cli.run("info", "@hit.arrow").out()).doesNotContain("outstanding\n");
  }

  @Test
  void saysTheSameWithColourAndWithout() {
    String coloured = cli.run("check", "--color", "always", "@hit.arrow").out();

    assertThat(coloured.replaceAll("\u001b\\[[0-9;]*m", ""))
        .isEqualTo(cli.run("check", "@hit.arrow").out());
  }

  private static String hostile() {
    return Samples.DOUBLE_FREE
        .replace("\"name\":\"capture\"", "\"name\":\"" + HOSTILE + "\"")
        .replace("@kstrace.producer=hand", "@kstrace.producer=\\u001b[2J\\u202e")
        .replace("trace_end t=8000", "mark t=8000 detail={\"text\":\"\\\\u001b[2J\\u202e\"}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "check @evil.arrow",
        "check -q @evil.arrow",
        "check --format json @evil.arrow",
        "info @evil.arrow",
        "text @evil.arrow",
        "query @evil.arrow --file @all.sql",
        "query --format json @evil.arrow --file @all.sql",
        "query @evil.arrow --file @pivot.sql",
        "replay @evil.arrow --target sim:default",
        "replay @evil.arrow --target java:dev.kstrace.cli.StingyAllocator"
      })
  void keepsHostileNamesOffTheTerminal(String line) throws IOException {
    Samples.write(cli.file("evil.arrow"), hostile());
    java.nio.file.Files.writeString(
        cli.file("all.sql"),
        "SELECT p.*, m.text, m.detail, t.producer FROM pins p, marks m, trace_info t");
    java.nio.file.Files.writeString(
        cli.file("pivot.sql"), "PIVOT pins ON name USING count(*) GROUP BY pin");

    String shown = cli.run(line.split(" ", -1)).all();

    assertThat(shown.chars().filter(c -> c != '\n' && Character.isISOControl(c))).isEmpty();
    assertThat(shown).doesNotContain("\u202e", "\u2066", "\u200b", "\nerror  all is well");
  }

  @Test
  void cutsLongNamesWherePeopleRead() throws IOException {
    Samples.write(cli.file("evil.arrow"), hostile());

    assertThat(cli.run("check", "@evil.arrow").out())
        .contains("x\u2026")
        .doesNotContain("x".repeat(500));
    assertThat(cli.run("query", "--format", "json", "@evil.arrow", "FROM pins").out())
        .contains("x".repeat(10_000));
  }

  @Test
  void givesTheSameBytesForTheSameInput() {
    for (String format : new String[] {"table", "json"}) {
      String first = cli.run("check", "--format", format, "@hit.arrow", "@clean.arrow").out();
      for (int i = 0; i < 3; i++) {
        assertThat(cli.run("check", "--format", format, "@hit.arrow", "@clean.arrow").out())
            .isEqualTo(first);
      }
    }
  }

  @Test
  void groupsFindingsOfOneCause() throws IOException {
    StringBuilder text = new StringBuilder(Samples.DOUBLE_FREE);
    int at = text.indexOf("6 delete");
    StringBuilder frees = new StringBuilder();
    for (int seq = 6; seq < 20; seq++) {
      frees.append(seq).append(" free thread=8 irql=2 context=0x20 frame=0x10000\n");
    }
    text.replace(at, text.length(), frees + "20 delete context=0x20\n21 trace_end\n");
    Samples.write(cli.file("many.arrow"), text.toString());

    assertThat(cli.run("check", "@many.arrow").out())
        .contains("error    double-free  15 findings\n  seq 5: ")
        .contains("    also at seq 6, 7, 8, 9, 10, 11, 12, 13 and 6 more\n");
  }
}
