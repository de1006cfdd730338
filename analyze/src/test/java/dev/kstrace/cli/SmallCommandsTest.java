package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.analyze.Rule;
import dev.kstrace.analyze.RulePack;
import dev.kstrace.capture.sim.Fault;
import dev.kstrace.capture.sim.Profile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kstrace info}, {@code text}, {@code rules}, {@code capture sim} and {@code demo}. */
final class SmallCommandsTest {
  @TempDir Path folder;
  private Cli cli;

  @BeforeEach
  void makeCli() {
    cli = new Cli(folder);
  }

  @Test
  void infoShowsWhatIsInATrace() throws IOException {
    Samples.write(cli.file("t.arrow"), Samples.DOUBLE_FREE);

    assertThat(cli.run("info", "@t.arrow").all())
        .isEqualTo(
            """
            exit 0
            t.arrow
              origin                       recorded
              producer                     hand
              events                       8: initialize 1, allocate 1, free 2, delete 1, \
            pin_create 1, pin_close 1, trace_end 1
              allocators                   1 made by 1 initialize call, 1 pin instance
              live at the end              0 frames
              duration                     8.0 us
              start                        complete
              end                          orderly (trace_end and footer)
              losses                       none
              checksums                    1 batch right
              kstrace.complete_start       true
              kstrace.version              1.0
            """);
  }

  @Test
  void infoSaysWhatIsMissing() throws IOException {
    String text =
        """
        1 initialize pin=0x10 context=0x20 status=0
        2 allocate context=0x20 frame=0x1000
        3 events_lost
        4 events_lost detail={"count":85,"cause":"buffer full"}
        """;
    Path file = Samples.writeWithoutFooter(cli.file("cut.arrow"), text);
    Files.write(file, new byte[7], java.nio.file.StandardOpenOption.APPEND);

    assertThat(cli.run("info", "@cut.arrow").all())
        .isEqualTo(
            """
            exit 0
            cut.arrow
              origin                       not said
              producer                     not said
              events                       4: initialize 1, allocate 1, events_lost 2
              allocators                   1 made by 1 initialize call, 1 pin instance
              live at the end              1 frame
              duration                     3.5 us
              start                        recording began later
              end                          cut (no footer, 7 bytes of an incomplete batch dropped)
              losses                       at least 85 events, and an unknown number (not said: unknown, buffer full: 85)
              checksums                    1 batch right
              kstrace.version              1.0
            """);
  }

  @Test
  void textMakesTheRoundTrip() throws IOException {
    assertThat(
            cli.run(
                    "capture",
                    "sim",
                    "--profile",
                    "mic-pcm-48k-10ms",
                    "--fault",
                    "double-free",
                    "-o",
                    "@a.arrow")
                .all())
        .isEqualTo(
            "exit 0\nrecorded 2,484 events into a.arrow (profile mic-pcm-48k-10ms, seed 1)\n");
    Cli.Result text = cli.run("text", "@a.arrow");
    Files.writeString(cli.file("a.txt"), text.out());

    Cli.Result back = cli.run("text", "@a.txt", "-o", "@b.arrow");
    cli.run("text", "@a.txt", "-o", "@c.arrow");

    assertThat(back.all()).isEqualTo("exit 0\n");
    assertThat(cli.run("text", "@b.arrow").all()).isEqualTo(text.all());
    assertThat(cli.file("c.arrow")).hasBinaryContent(Files.readAllBytes(cli.file("b.arrow")));
    assertThat(text.out()).contains("\n1 pin_create none t=0 ");
  }

  @Test
  void aTraceOfOneBatchComesBackByteForByte() throws IOException {
    Samples.write(cli.file("a.arrow"), Samples.DOUBLE_FREE);
    Files.writeString(cli.file("a.txt"), cli.run("text", "@a.arrow").out());

    cli.run("text", "@a.txt", "-o", "@b.arrow");

    assertThat(cli.file("b.arrow")).hasBinaryContent(Files.readAllBytes(cli.file("a.arrow")));
  }

  @Test
  void rulesListShowsEveryRuleOnce() {
    Cli.Result list = cli.run("rules", "list");

    assertThat(list.code()).isZero();
    assertThat(list.out().lines())
        .hasSameSizeAs(RulePack.builtIn())
        .contains("double-free                          error    derived")
        .allMatch(line -> line.matches("[a-z-]+ +(error|warning|info) +[a-z]+"));
  }

  @Test
  void rulesShowExplainsEveryRule() {
    for (Rule rule : RulePack.builtIn()) {
      Cli.Result shown = cli.run("rules", "show", rule.id());

      assertThat(shown.code()).isZero();
      assertThat(shown.out())
          .startsWith(rule.id() + " (" + rule.severity().label())
          .contains("\n\n  why\n    ", "\n\n  fix\n    ", "\n\n  source\n    ", "\nSELECT\n");
    }
  }

  @Test
  void captureListsEveryProfileAndFault() {
    Cli.Result list = cli.run("capture", "sim", "--list");

    assertThat(list.code()).isZero();
    assertThat(list.out())
        .startsWith(
            """
            Profiles (frames, bytes of a frame, alignment mask, format):
              avshws-rgb24-qvga      2      230400  0x000  RGB24 320x240
            """)
        .contains(
            """

            Faults (and the rules that find them):
              skip-free              skips one free
                                     finds: frame-leak, frames-outstanding-at-delete
            """)
        .contains("  misalign               returns one frame off its alignment (9 profiles)\n");
    for (Profile profile : Profile.values()) {
      assertThat(list.out()).contains("\n  " + profile.id() + " ");
    }
    for (Fault fault : Fault.values()) {
      assertThat(list.out()).contains("\n  " + fault.id() + " ");
    }
  }

  @Test
  void captureIsQuietWhereAsked() {
    assertThat(cli.run("capture", "sim", "--profile", "bda-ts-50", "-q", "-o", "@x.arrow").all())
        .isEqualTo("exit 0\n");
  }

  @Test
  void demoTellsTheWholeStoryAgainAndAgain() throws IOException {
    Cli.Result first = cli.run("demo", "-o", "@d");
    byte[] recorded = Files.readAllBytes(cli.file("d/faulty.arrow"));
    Cli.Result second = cli.run("demo", "-o", "@d");

    assertThat(first.code()).as(first.all()).isZero();
    assertThat(first.out())
        .contains("\n5. The same calls on the repaired allocator: the bug is gone.\n")
        .contains("fixed.arrow: no findings\n")
        .contains("The traces are in ");
    assertThat(second.all()).isEqualTo(first.all());
    assertThat(cli.file("d/faulty.arrow")).hasBinaryContent(recorded);
    for (String file : List.of("faulty", "reproduced", "fixed")) {
      assertThat(cli.run("info", "@d/" + file + ".arrow").code()).isZero();
    }
  }

  @Test
  void demoKeepsWhatIsNotItsOwn() throws IOException {
    Files.createDirectory(cli.file("d"));
    for (String content : List.of("x", "a letter of some length")) {
      Files.writeString(cli.file("d/fixed.arrow"), content);

      assertThat(cli.run("demo", "-o", "@d").all())
          .isEqualTo(
              "exit 2\nkstrace: cannot write d/fixed.arrow: it exists and is no earlier demo's;"
                  + " give -o DIR, or -f\n");
      assertThat(cli.file("d/fixed.arrow")).hasContent(content);
      assertThat(cli.file("d/faulty.arrow")).doesNotExist();
    }
  }

  @Test
  void demoNeedsAFolder() throws IOException {
    Files.writeString(cli.file("file"), "text");

    assertThat(cli.run("demo", "-o", "@file").err())
        .isEqualTo(
            "kstrace: cannot write file: it exists already; choose another name, or -f to replace"
                + " it\n");
  }

  @Test
  void everyExampleInTheHelpRuns() throws IOException {
    Samples.write(cli.file("mic.arrow"), Samples.CLEAN);
    List<String> commands =
        List.of("demo", "capture sim", "info", "check", "rules show", "query", "replay", "text");
    for (String command : commands) {
      String help = cli.run((command + " --help").split(" ", -1)).out();
      List<String> examples =
          help.lines()
              .filter(line -> line.matches("(Examples?:)? +kstrace .*"))
              .map(line -> line.replaceFirst("^.*?kstrace ", ""))
              .toList();
      assertThat(examples).as(command).isNotEmpty();
      for (String example : examples) {
        assertThat(example).startsWith(command);
        runExample(example);
      }
    }
  }

  private void runExample(String example) throws IOException {
    String[] redirected = example.split(" > ", -1);
    List<String> args = new java.util.ArrayList<>();
    var words = java.util.regex.Pattern.compile("\"([^\"]*)\"|(\\S+)").matcher(redirected[0]);
    while (words.find()) {
      String word = words.group(1) != null ? words.group(1) : words.group(2);
      args.add(word.matches("\\w+\\.(arrow|txt)") ? "@" + word : word);
    }
    if (args.contains("capture")) {
      args.add("-f");
    } else if (args.contains("demo")) {
      args.addAll(List.of("-o", "@demo"));
    }
    Cli.Result result = cli.run(args.toArray(String[]::new));
    assertThat(result.code())
        .as(example + "\n" + result.err())
        .isIn(ExitCode.OK, ExitCode.FINDINGS);
    if (redirected.length > 1) {
      Files.writeString(cli.file(redirected[1].strip()), result.out());
    }
  }
}
