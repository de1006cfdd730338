package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code kstrace diff}. */
final class DiffCommandTest {
  @TempDir Path folder;
  private Cli cli;

  @BeforeEach
  void makeCli() throws IOException {
    cli = new Cli(folder);
    Samples.write(cli.file("bad.arrow"), Samples.DOUBLE_FREE);
    Samples.write(cli.file("good.arrow"), Samples.CLEAN);
  }

  private String fingerprint() {
    String table = cli.run("query", "@bad.arrow", "SELECT fingerprint FROM findings").out();
    return table.split("\n", -1)[2];
  }

  @ParameterizedTest
  @ValueSource(strings = {"bad.arrow", "good.arrow"})
  void saysNothingOfATraceAndItself(String file) {
    assertThat(cli.run("diff", "@" + file, "@" + file).all()).isEqualTo("exit 0\n");
  }

  @Test
  void showsWhatIsNew() {
    assertThat(cli.run("diff", "@good.arrow", "@bad.arrow").all())
        .isEqualTo(
            """
            exit 1
            findings: 1 new, 0 fixed, 0 remaining

            new    error    double-free  1 finding, fingerprint FINGERPRINT
              seq 5: frame 0x10000 is freed again; it was freed at seq 4

            events               A               B  change
            free                 1               2  +1
            mark                 1               0  -1
            """
                .replace("FINGERPRINT", fingerprint()));
  }

  @Test
  void showsWhatIsFixed() {
    Cli.Result result = cli.run("diff", "@bad.arrow", "@good.arrow");

    assertThat(result.code()).isZero();
    assertThat(result.out())
        .startsWith("findings: 0 new, 1 fixed, 0 remaining\n\nfixed  error    double-free  1 ");
  }

  @Test
  void countsFindingsOfOneFingerprint() throws IOException {
    String again = " free thread=9 irql=2 context=0x20 frame=0x10000\n";
    String worse =
        Samples.DOUBLE_FREE
            .replace("6 delete", "6" + again + "7" + again + "8 delete")
            .replace("7 pin_close", "9 pin_close")
            .replace("8 trace_end", "10 trace_end");
    Samples.write(cli.file("worse.arrow"), worse);

    assertThat(cli.run("diff", "@bad.arrow", "@worse.arrow").out())
        .startsWith(
            "findings: 2 new, 0 fixed, 1 remaining\n\nnew    error    double-free  2 findings, ");
    assertThat(cli.run("diff", "@worse.arrow", "@bad.arrow").out())
        .startsWith("findings: 0 new, 2 fixed, 1 remaining\n");
  }

  @ParameterizedTest
  @CsvSource({"error,1", "warning,1", "info,1", "never,0"})
  void obeysTheGate(String gate, int code) {
    assertThat(cli.run("diff", "@good.arrow", "@bad.arrow", "--fail-on", gate).code())
        .isEqualTo(code);
    assertThat(cli.run("diff", "@bad.arrow", "@bad.arrow", "--fail-on", gate).code()).isZero();
  }

  @Test
  void measuresEveryPin() throws IOException {
    String slow =
        """
        @kstrace.complete_start=true
        1 pin_create t=0 pin=0x10 detail={"name":"capture"}
        2 initialize t=0..5 pin=0x10 context=0x20 status=STATUS_SUCCESS \
        framing={pool=NonPagedPool frames=4 size=4096 align=0}
        3 allocate t=10..30 context=0x20 frame=0x1000
        4 allocate t=40..90 context=0x20 frame=0x2000
        5 free t=1000..1001 context=0x20 frame=0x1000
        6 free t=3000..3007 context=0x20 frame=0x2000
        7 delete t=4000..4001 context=0x20
        8 trace_end t=5000
        """;
    Samples.write(cli.file("slow.arrow"), slow);
    Samples.write(
        cli.file("fast.arrow"),
        slow.replace("t=40..90", "t=40..50").replace("t=3000..3007", "t=1500..1507"));

    assertThat(cli.run("diff", "@slow.arrow", "@fast.arrow").all())
        .isEqualTo(
            """
            exit 0
            findings: 0 new, 0 fixed, 0 remaining

            pin      what                           A               B  change
            capture  lifetime_p95              2.9 us          1.5 us  x 0.50
            capture  lifetime_p99              2.9 us          1.5 us  x 0.50
            capture  lifetime_max              2.9 us          1.5 us  x 0.50
            capture  allocate_p50               20 ns           10 ns  x 0.50
            capture  allocate_p95               50 ns           20 ns  x 0.40
            capture  allocate_p99               50 ns           20 ns  x 0.40
            capture  allocate_max               50 ns           20 ns  x 0.40
            """);
  }

  @Test
  void namesPinsThatOnlyOneTraceHas() throws IOException {
    Samples.write(cli.file("other.arrow"), Samples.CLEAN.replace("capture", "preview"));

    assertThat(cli.run("diff", "@good.arrow", "@other.arrow").out())
        .contains("\ncapture  peak_outstanding               1               -  only in A\n")
        .contains("\npreview  peak_outstanding               -               1  only in B\n");
  }

  @Test
  void writesJson() {
    assertThat(cli.run("diff", "@good.arrow", "@bad.arrow", "--format", "json").out())
        .isEqualTo(
            """
            {
              "schema": "kstrace.diff/1",
              "tool": "TOOL",
              "a": {
                "path": "good.arrow",
                "events": "8"
              },
              "b": {
                "path": "bad.arrow",
                "events": "8"
              },
              "findings": {
                "new": [
                  {
                    "rule": "double-free",
                    "severity": "error",
                    "fingerprint": "FINGERPRINT",
                    "count": 1,
                    "seq": "5",
                    "message": "frame 0x10000 is freed again; it was freed at seq 4"
                  }
                ],
                "fixed": [ ],
                "remaining": [ ]
              },
              "events": [
                {
                  "op": "free",
                  "a": "1",
                  "b": "2"
                },
                {
                  "op": "mark",
                  "a": "1",
                  "b": "0"
                }
              ],
              "pins": [ ]
            }
            """
                .replace("TOOL", Version.producer())
                .replace("FINGERPRINT", fingerprint()));
  }

  @Test
  void namesATraceThatCannotBeRead() {
    assertThat(cli.run("diff", "@good.arrow", "@none.arrow").all())
        .isEqualTo("exit 3\nkstrace: cannot read none.arrow: there is no such file\n");
    assertThat(cli.run("diff", "@good.arrow").all())
        .isEqualTo("exit 2\nkstrace: two traces are compared: kstrace diff A B\n");
  }
}
