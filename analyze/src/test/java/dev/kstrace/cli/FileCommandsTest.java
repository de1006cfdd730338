package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.traces.TraceReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** verify, recover, cut and merge as people see them. */
class FileCommandsTest {
  private static final String HEAD =
      """
      @kstrace.complete_start=true
      @kstrace.clock=nanotime
      """;
  private static final String FIRST =
      HEAD
          + """
          1 pin_create t=0 pin=0x10
          2 initialize pin=0x10 context=0x20 status=STATUS_SUCCESS framing={frames=4 size=4096}
          3 allocate context=0x20 frame=0x10000
          4 mark t=4000 detail={"text":"streaming"}
          5 allocate context=0x20 frame=0x20000
          """;
  private static final String SECOND =
      HEAD
          + """
          6 free context=0x20 frame=0x10000
          7 free context=0x20 frame=0x20000
          8 free context=0x20 frame=0x20000
          9 delete context=0x20
          10 trace_end t=10000
          """;
  private static final String WHOLE = FIRST + SECOND.substring(HEAD.length());

  @TempDir private Path folder;
  private Cli cli;

  @BeforeEach
  void setUp() {
    cli = new Cli(folder);
  }

  private String text(String file) {
    Cli.Result result = cli.run("text", file);
    assertThat(result.code()).isZero();
    return result.out();
  }

  @Test
  void verifyPassesAWholeTrace() throws IOException {
    Samples.write(cli.file("a.arrow"), WHOLE);

    assertThat(cli.run("verify", "@a.arrow").all())
        .isEqualTo(
            "exit 0\na.arrow: whole\n  1 batch can be read, 1 by checksum; 10 events, seq 1 to 10\n");
  }

  @Test
  void verifyTellsAMissingFooterFromDamage() throws IOException {
    Samples.writeWithoutFooter(cli.file("cut.arrow"), WHOLE);
    Samples.writePatched(cli.file("bad.arrow"), WHOLE, "streaming", "strEaming");

    Cli.Result cut = cli.run("verify", "-q", "@cut.arrow");
    assertThat(cut.out())
        .startsWith("cut.arrow: readable, 1 fault\n\n")
        .containsPattern("\n +byte +bytes  where +what\n +[0-9]+ +footer +there is no footer: ")
        .hasLineCount(4);
    assertThat(cut.code()).isEqualTo(ExitCode.FINDINGS);
    Cli.Result bad = cli.run("verify", "@bad.arrow");
    assertThat(bad.out())
        .contains("bad.arrow: damaged, 1 fault\n  0 batches can be read, 0 by checksum; 0 events\n")
        .containsPattern(" +[0-9]+ +[0-9]+  batch 0 +the checksum is wrong: kstrace\\.crc32c says");
    assertThat(bad.code()).isEqualTo(ExitCode.UNREADABLE);
    assertThat(cli.run("verify", "@cut.arrow", "@bad.arrow").code()).isEqualTo(3);
  }

  @Test
  void verifyWritesJson() throws IOException {
    Samples.writeWithoutFooter(cli.file("cut.arrow"), WHOLE);
    long bytes = Files.size(cli.file("cut.arrow"));

    assertThat(cli.run("verify", "--format", "json", "@cut.arrow", "@none.arrow").out())
        .contains(
            "\"verdict\": \"readable\",\n      \"bytes\": \"" + bytes + "\"",
            "\"footer\": false",
            "\"kind\": \"footer\",\n          \"damage\": false,\n          \"offset\": \"" + bytes,
            "\"error\": \"cannot read none.arrow: there is no such file\"");
  }

  @Test
  void recoverRescuesWhatIsWhole() throws IOException {
    Samples.writeWithoutFooter(cli.file("torn.arrow"), WHOLE);

    Cli.Result whole = cli.run("recover", "@torn.arrow", "-o", "@whole.arrow");
    assertThat(whole.all())
        .isEqualTo("exit 0\nwhole.arrow: rescued 10 events of 1 batch, nothing is lost\n");
    assertThat(cli.run("verify", "@whole.arrow").code()).isZero();

    Files.write(cli.file("torn.arrow"), new byte[77], StandardOpenOption.APPEND);
    Cli.Result torn = cli.run("recover", "@torn.arrow", "-o", "@rescued.arrow");
    assertThat(torn.out())
        .matches(
            "rescued\\.arrow: rescued 10 events of 1 batch\n"
                + "  lost: at least 0 events, 77 bytes\n"
                + "  byte [0-9]+: 77 bytes cannot be read, an unknown number of events lost, from"
                + " seq 11 on\n");
    assertThat(torn.code()).isEqualTo(ExitCode.FINDINGS);
    assertThat(text("@rescued.arrow")).contains("\n11 events_lost none t=10000 detail={\"cause\":");
  }

  @Test
  void recoverSaysWhereNothingIsLeft() throws IOException {
    Files.write(cli.file("junk.arrow"), new byte[500]);

    assertThat(cli.run("recover", "@junk.arrow", "-o", "@out.arrow").all())
        .isEqualTo(
            "exit 3\nkstrace: nothing can be rescued of junk.arrow; kstrace verify shows why\n");
    assertThat(folder.toFile().list()).containsExactly("junk.arrow");
  }

  @Test
  void outputsAreNeitherReplacedUnaskedNorTheInput() throws IOException {
    Samples.write(cli.file("a.arrow"), WHOLE);
    Files.writeString(cli.file("mine"), "precious");
    for (String command : new String[] {"recover @a.arrow", "cut @a.arrow --from 3"}) {
      String[] words = command.split(" ");
      assertThat(cli.run(concat(words, "-o", "@mine")).all())
          .isEqualTo(
              "exit 2\nkstrace: cannot write mine: it exists already; choose another name, or -f"
                  + " to replace it\n");
      assertThat(cli.run(concat(words, "-f", "-o", "@a.arrow")).err())
          .contains("cannot write a.arrow: it is the input itself");
      assertThat(cli.run(concat(words, "-o", "@no/such/folder")).code()).isEqualTo(2);
    }
    assertThat(Files.readString(cli.file("mine"))).isEqualTo("precious");
    assertThat(folder.toFile().list()).containsExactlyInAnyOrder("a.arrow", "mine");
    assertThat(cli.run("cut", "@a.arrow", "--from", "3", "-f", "-o", "@mine").code()).isZero();
    assertThat(cli.run("verify", "@mine").code()).isZero();
  }

  private static String[] concat(String[] words, String... more) {
    return java.util.stream.Stream.concat(
            java.util.Arrays.stream(words), java.util.Arrays.stream(more))
        .toArray(String[]::new);
  }

  @Test
  void cutBringsAlongWhatWasLive() throws IOException {
    Samples.write(cli.file("a.arrow"), WHOLE);

    Cli.Result result =
        cli.run("cut", "@a.arrow", "--from", "mark:streaming", "--to", "8", "-o", "@part.arrow");

    assertThat(result.all())
        .isEqualTo(
            "exit 0\nwrote part.arrow: 5 events, seq 4 to 8, and 3 events of before that tell what was"
                + " live\n");
    assertThat(text("@part.arrow"))
        .contains("@kstrace.snapshot_rows=3", "@kstrace.cut.from=mark:streaming")
        .containsPattern("(?m)^1 pin_create .*\n2 initialize .*\n3 allocate .*\n4 mark ")
        .doesNotContain("9 delete", "trace_end");
    Cli.Result verdict = cli.run("check", "@part.arrow");
    assertThat(verdict.out())
        .contains("double-free", "seq 8:")
        .doesNotContain("leak", "initialize  ");
    assertThat(cli.run("check", "--format", "json", "@part.arrow").out())
        .containsOnlyOnce("\"certainty\": ")
        .contains("\"certainty\": \"certain\"");
  }

  @Test
  void cutKeepsTheEndOnlyIfItIsTheWholeTraces() throws IOException {
    Samples.write(cli.file("a.arrow"), WHOLE);
    cli.run("cut", "@a.arrow", "--from", "7us", "-o", "@tail.arrow");
    assertThat(text("@tail.arrow")).contains("snapshot_rows=6\n", "\n7 free", "\n10 trace_end");

    Samples.writeWithoutFooter(cli.file("torn.arrow"), WHOLE);
    cli.run("cut", "@torn.arrow", "--from", "7", "-o", "@torn-tail.arrow");
    assertThat(text("@torn-tail.arrow")).contains("\n9 delete").doesNotContain("trace_end");
  }

  @Test
  void cutExplainsPlacesThatAreNone() throws IOException {
    Samples.write(cli.file("a.arrow"), WHOLE);
    assertThat(cli.run("cut", "@a.arrow", "--from", "soon", "-o", "@b.arrow").all())
        .isEqualTo(
            "exit 2\nkstrace: 'soon' is no place in a trace; expected a seq, a time such as 1.5s,"
                + " or mark:TEXT\n");
    assertThat(cli.run("cut", "@a.arrow", "--from", "mark:none", "-o", "@b.arrow").all())
        .isEqualTo(
            "exit 2\nkstrace: no event of a.arrow lies from mark:none on; kstrace text shows its"
                + " events\n");
    assertThat(cli.run("cut", "@a.arrow", "-o", "@b.arrow").err()).contains("where to cut?");
    assertThat(folder.toFile().list()).containsExactly("a.arrow");
  }

  @Test
  void mergePutsFilesOfOneCounterTogether() throws IOException {
    Samples.write(cli.file("whole.arrow"), WHOLE);
    Samples.write(cli.file("a.arrow"), FIRST);
    Samples.write(cli.file("b.arrow"), SECOND);

    Cli.Result result = cli.run("merge", "@b.arrow", "@a.arrow", "-o", "@both.arrow");

    assertThat(result.all()).isEqualTo("exit 0\nwrote both.arrow: 10 events, by seq\n");
    assertThat(events(text("@both.arrow"))).isEqualTo(events(text("@whole.arrow")));
    assertThat(text("@both.arrow"))
        .contains("@kstrace.merged=2", "@kstrace.merged.order=seq", "complete_start=true");
  }

  private static String events(String text) {
    return text.replaceAll("(?m)^@.*\n", "");
  }

  @Test
  void mergeNumbersProducersWithCountersOfTheirOwnAnew() throws IOException {
    String other =
        WHOLE.replace("0x10 ", "0x11 ").replace("pin=0x10\n", "pin=0x11\n").replace("0x20", "0x30");
    Samples.write(cli.file("a.arrow"), WHOLE.replace("4 mark t=4000", "4 mark t=4100"));
    Samples.write(
        cli.file("b.arrow"), other.replaceAll("(?m)^4 mark.*\n", "").replace("0000", "8000"));

    Cli.Result result = cli.run("merge", "@a.arrow", "@b.arrow", "-o", "@both.arrow");

    assertThat(result.all())
        .isEqualTo("exit 0\nwrote both.arrow: 20 events, by time, with a seq of its own\n");
    try (TraceReader trace = TraceReader.open(cli.file("both.arrow"))) {
      assertThat(trace.hasFooter()).isTrue();
    }
    assertThat(text("@both.arrow")).containsPattern("(?m)^\\d+ events_lost .*\"count\":1");
    assertThat(cli.run("verify", "@both.arrow").out()).contains("20 events, seq 1 to 20\n");
  }

  @Test
  void mergeRefusesWhatIsNotOfOneRun() throws IOException {
    Samples.write(cli.file("a.arrow"), WHOLE);
    Samples.write(cli.file("b.arrow"), WHOLE.replace("nanotime", "tsc"));
    Samples.write(cli.file("c.arrow"), WHOLE);

    assertThat(cli.run("merge", "@a.arrow", "@b.arrow", "-o", "@x.arrow").all())
        .isEqualTo(
            "exit 2\nkstrace: cannot merge a.arrow and b.arrow: kstrace.clock is nanotime in the"
                + " first and tsc in the second, so their times cannot be compared\n");
    assertThat(cli.run("merge", "@a.arrow", "@c.arrow", "-o", "@x.arrow").err())
        .isEqualTo(
            "kstrace: cannot merge a.arrow and c.arrow: both have a pin or context 0x10 although"
                + " their seq is not of one counter; judge them one by one\n");
    assertThat(cli.run("merge", "@a.arrow", "-o", "@x.arrow").err()).contains("at least two");
    assertThat(cli.file("x.arrow")).doesNotExist();
  }
}
