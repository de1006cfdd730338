package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code kstrace explain}. */
final class ExplainCommandTest {
  private static final String STORY =
      """
          allocator #1, pin capture 0x10, framing: NonPagedPool, Frames 4, FrameSize 4,096, \
      FileAlignment 0x3f, OptionsFlags 0
      """;

  @TempDir Path folder;
  private Cli cli;

  @BeforeEach
  void makeCli() throws IOException {
    cli = new Cli(folder);
    Samples.write(cli.file("t.arrow"), Samples.DOUBLE_FREE);
  }

  private String fingerprint() {
    String csv = cli.run("query", "@t.arrow", "SELECT fingerprint FROM findings LIMIT 1").out();
    return csv.split("\n", -1)[2];
  }

  @Test
  void tellsTheStoryOfAFrame() {
    String expected =
        """
        exit 0
        t.arrow: seq 5, free 0x10000
        STORY\
               2           0.002 ms  thread 7     PASSIVE_LEVEL  initialize -> STATUS_SUCCESS, \
        context 0x20
               3           0.003 ms  thread 7     PASSIVE_LEVEL  allocate -> 0x10000
               4           0.004 ms  thread 7     DISPATCH_LEVEL free 0x10000
          >    5           0.005 ms  thread 8     DISPATCH_LEVEL free 0x10000
               6           0.006 ms  thread 7     PASSIVE_LEVEL  delete

          0x10000 was handed out 1 time:
            frame #1 of allocator #1: seq 3 (thread 7) to seq 4 (thread 7), held 500 ns

        error    double-free  fingerprint FINGERPRINT
          frame 0x10000 is freed again; it was freed at seq 4
            advice: Give each frame back once; clear the pointer where it is freed.
        """
            .replace("STORY", STORY);
    assertThat(squeezed(cli.run("explain", "@t.arrow", "5").all()))
        .isEqualTo(squeezed(expected.replace("FINGERPRINT", fingerprint())));
    assertThat(cli.run("explain", "@t.arrow", fingerprint()).all())
        .isEqualTo(cli.run("explain", "@t.arrow", fingerprint().substring(0, 6)).all())
        .isEqualTo(cli.run("explain", "@t.arrow", "5").all());
  }

  private static String squeezed(String text) {
    return text.replaceAll(" +", " ");
  }

  @Test
  void namesTheFindingsThatComeFromAnEvent() {
    assertThat(cli.run("explain", "@t.arrow", "4").out())
        .contains("\nerror    double-free  at seq 5 because of this\n")
        .doesNotContain("No rule objects");
    assertThat(cli.run("explain", "@t.arrow", "3").out())
        .endsWith("\n\n  No rule objects to this event.\n");
  }

  @ParameterizedTest
  @CsvSource({
    "2, 'initialize,allocate,free,free,delete'",
    "6, 'initialize,allocate,free,free,delete'",
    "1, 'pin_create,initialize,pin_close'",
    "8, 'pin_create,initialize,allocate,free,free,delete,pin_close,trace_end'"
  })
  void tellsWhatBelongsToAnEventWithoutAFrame(String seq, String ops) {
    String[] lines = cli.run("explain", "@t.arrow", seq).out().split("\n", -1);

    StringBuilder told = new StringBuilder();
    for (String line : lines) {
      java.util.regex.Matcher event =
          java.util.regex.Pattern.compile("^  [ >].* ms  .*?([a-z]+(_[a-z]+)?)(?= |$)")
              .matcher(line.replaceFirst("thread \\d+ +[A-Z_]+", ""));
      if (event.find()) {
        told.append(told.isEmpty() ? "" : ",").append(event.group(1));
      }
    }
    assertThat(told).hasToString(ops);
    assertThat(lines).filteredOn(line -> line.startsWith("  > ")).hasSize(1);
  }

  @Test
  void showsTheHoldersNextToTheEvent() throws IOException {
    StringBuilder text =
        new StringBuilder(
            "1 initialize pin=0x10 context=0x20 status=STATUS_SUCCESS framing={pool=NonPagedPool"
                + " frames=4 size=4096 align=0}\n");
    for (int seq = 2; seq < 200; seq += 2) {
      text.append(seq).append(" allocate context=0x20 frame=0x1000 thread=5\n");
      text.append(seq + 1).append(" free context=0x20 frame=0x1000\n");
    }
    text.append("200 allocate context=0x20 frame=0x1000\n");
    Samples.write(cli.file("many.arrow"), text.toString());

    String story = cli.run("explain", "@many.arrow", "100").out();

    assertThat(story)
        .contains(
            "  0x1000 was handed out 100 times, of which\n    frame #43 of allocator #1: seq 86 ",
            "    frame #58 of allocator #1: seq 116 (thread 5) to seq 117, held 500 ns\n\n")
        .doesNotContain("frame #42 ", "frame #59 ");
    assertThat(cli.run("explain", "@many.arrow", "200").out())
        .contains("frame #100 of allocator #1: seq 200, never freed (live at the end)\n");
  }

  @Test
  void keepsNamesHarmless() throws IOException {
    Samples.write(
        cli.file("evil.arrow"), Samples.DOUBLE_FREE.replace("\"capture\"", "\"\\\\u001b[31mred\""));

    for (String seq : new String[] {"1", "3", "5"}) {
      assertThat(cli.run("explain", "@evil.arrow", seq).out()).doesNotContain("\u001b");
    }
    assertThat(cli.run("diff", "@evil.arrow", "@t.arrow").out()).doesNotContain("\u001b");
  }

  @Test
  void coloursOnlyWhereItMay() {
    assertThat(cli.run("explain", "@t.arrow", "5", "--color", "always").out())
        .contains("\u001b[1m");
    assertThat(cli.onTerminal(Map.of("NO_COLOR", "1")).run("explain", "@t.arrow", "5").out())
        .doesNotContain("\u001b");
  }

  @ParameterizedTest
  @CsvSource({
    "99, 'there is no event 99 in t.arrow, which has 8 events'",
    "abcd, 'no finding of t.arrow has fingerprint abcd; kstrace check --format json FILE names"
        + " them'",
  })
  void saysWhatIsNotThere(String what, String message) {
    assertThat(cli.run("explain", "@t.arrow", what).all())
        .isEqualTo("exit 2\nkstrace: " + message + "\n");
  }

  @Test
  void wantsBothArguments() {
    assertThat(cli.run("explain", "@t.arrow").all())
        .isEqualTo(
            "exit 2\nkstrace: a trace and what to explain are needed: kstrace explain FILE SEQ, or"
                + " FINGERPRINT\n");
  }

  @Test
  void tellsProgramsTheSame() throws IOException {
    String json = cli.run("explain", "--format", "json", "@t.arrow", "5").out();
    assertThat(json)
        .startsWith("{\n  \"schema\": \"kstrace.explain/1\",\n")
        .contains(
            "\"path\": \"t.arrow\"",
            "\"rule\": \"double-free\"",
            "\"advice\": \"Give each frame back once; clear the pointer where it is freed.\"",
            "\"held_ns\": \"500\"",
            "\"status\": \"STATUS_SUCCESS\"")
        .contains("\"same_fingerprint\": [ ]\n}\n");
    // Every field is in the documentation, or is a column of events or a field of check's JSON.
    String page = Files.readString(root().resolve("docs/explain.md"));
    String columns = Files.readString(root().resolve("docs/tables.md"));
    String check = cli.run("check", "--format", "json", "@t.arrow").out();
    Matcher key = Pattern.compile("\"(\\w+)\":").matcher(json);
    int keys = 0;
    while (key.find()) {
      keys++;
      String name = key.group(1);
      assertThat(page + columns + check)
          .as(name)
          .containsPattern("`" + name + "`|\"" + name + "\":");
    }
    assertThat(keys).isGreaterThan(60);
  }

  private static Path root() {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.isRegularFile(root.resolve("traces/pom.xml"))) {
      root = root.getParent();
    }
    return root;
  }
}
