package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Findings say which test and phase they belong to, and are no others than without marks. */
class MarksInFindingsTest {
  /** Two tests in threads of their own; a third thread works for both. */
  private static final String TWO_TESTS =
      """
      @kstrace.complete_start=true
      @kstrace.origin=recorded
      1 initialize thread=7 pin=0x10 context=0x20 status=STATUS_SUCCESS \
      framing={pool=NonPagedPool frames=4 size=4096}
      2 mark t=2000 thread=7 detail={"text":"opens","test":"A"}
      3 mark t=3000 thread=8 detail={"text":"B"}
      4 free thread=7 context=0x20 frame=0x11000
      5 free thread=8 context=0x20 frame=0x12000
      6 mark t=6000 thread=7 detail={"text":"closes","test":"A"}
      7 free thread=9 context=0x20 frame=0x13000
      8 delete thread=7 context=0x20
      9 trace_end t=9000
      """;

  @TempDir Path folder;
  private Cli cli;

  @BeforeEach
  void makeCli() {
    cli = new Cli(folder);
  }

  private String marks(String text) throws IOException {
    Samples.write(cli.file("t.arrow"), text);
    return cli.run("query", "--format", "csv", "@t.arrow", "SELECT seq, test, mark FROM findings")
        .out()
        .replaceAll("[\r\"]", "");
  }

  @Test
  void anEventFallsUnderTheLastMarkOfItsThreadOrElseOfAny() throws IOException {
    assertThat(marks(TWO_TESTS)).isEqualTo("seq,test,mark\n4,A,opens\n5,,B\n7,A,closes\n");
  }

  @Test
  void oneThreadNamesWhatOthersDo() throws IOException {
    String oneNames = TWO_TESTS.replaceAll("(?m)^(\\d+ mark t=\\d+) thread=\\d", "$1 thread=7");
    assertThat(marks(oneNames)).isEqualTo("seq,test,mark\n4,,B\n5,,B\n7,A,closes\n");
    String nobodyKnown = TWO_TESTS.replaceAll("(?m)^(\\d+ mark t=\\d+) thread=\\d", "$1");
    assertThat(marks(nobodyKnown)).isEqualTo("seq,test,mark\n4,,B\n5,,B\n7,A,closes\n");
  }

  @Test
  void notesNameNothing() throws IOException {
    String imported = TWO_TESTS.replace("origin=recorded", "origin=imported");
    assertThat(marks(imported)).isEqualTo("seq,test,mark\n4,,\n5,,\n7,,\n");
    String remarks = TWO_TESTS.replace("\"text\":", "\"note\":\"kind\",\"text\":");
    assertThat(marks(remarks)).isEqualTo("seq,test,mark\n4,,\n5,,\n7,,\n");
  }

  @Test
  void aCutKnowsTheMarksOfEachThread() throws IOException {
    Samples.write(cli.file("t.arrow"), TWO_TESTS);
    assertThat(cli.run("cut", "@t.arrow", "--from", "4", "-o", "@cut.arrow").code()).isZero();
    assertThat(cli.run("query", "@cut.arrow", "SELECT seq, test, mark FROM findings").out())
        .isEqualTo(cli.run("query", "@t.arrow", "SELECT seq, test, mark FROM findings").out());
  }

  @Test
  void marksChangeNoFinding() throws IOException {
    Samples.write(cli.file("marked.arrow"), TWO_TESTS);
    Samples.write(
        cli.file("plain.arrow"), TWO_TESTS.replaceAll("(?m)^(\\d+) mark.*", "$1 mark t=$1000"));
    String sql = "SELECT * EXCLUDE (mark, test) FROM findings ORDER BY ALL";
    assertThat(cli.run("query", "@marked.arrow", sql).out())
        .isEqualTo(cli.run("query", "@plain.arrow", sql).out());
  }

  @Test
  void everyFormatSaysIt() throws IOException {
    Samples.write(cli.file("t.arrow"), TWO_TESTS);
    assertThat(cli.run("check", "-q", "@t.arrow").out())
        .contains("seq 4: address 0x11000 is freed")
        .contains("\n    during A: opens\n");
    for (String format : new String[] {"json", "sarif"}) {
      assertThat(cli.run("check", "--format", format, "@t.arrow").out())
          .containsPattern("\"mark\": \"opens\",\\s+\"test\": \"A\"")
          .contains("\"mark\": \"B\"");
    }
    assertThat(cli.run("check", "--format", "ndjson", "@t.arrow").out())
        .contains("\"mark\":\"opens\",\"test\":\"A\"}");
    assertThat(cli.run("check", "--format", "junit", "@t.arrow").out())
        .contains(", during A: opens");
    assertThat(cli.run("check", "--format", "markdown", "@t.arrow").out())
        .contains(", during `A: opens`");
    assertThat(cli.run("explain", "@t.arrow", "7").out()).contains("\n    during A: closes\n");
  }

  @Test
  void theTestOfAWholeTraceIsSaid() throws IOException {
    Samples.write(cli.file("t.arrow"), "@kstrace.test=PinTest.opens\n" + TWO_TESTS);
    assertThat(cli.run("check", "@t.arrow").out()).contains(", test PinTest.opens, orderly end\n");
    assertThat(cli.run("check", "--format", "json", "@t.arrow").out())
        .contains("\"test\": \"PinTest.opens\"");
  }

  @Test
  void countsByMarkAndSaysWhatToTypeNext() throws IOException {
    Samples.write(cli.file("t.arrow"), TWO_TESTS);
    assertThat(cli.run("check", "-q", "--by-mark", "@t.arrow").out())
        .endsWith(
            """

            mark       errors
            A: opens        1
            B               1
            A: closes       1
            3 marks, 3 with findings
              next: kstrace explain t.arrow 4
            """);
    Samples.write(cli.file("clean.arrow"), Samples.CLEAN);
    assertThat(cli.run("check", "-q", "--by-mark", "@clean.arrow", "@t.arrow").out())
        .contains("\nclean.arrow: a mark without text       0\nt.arrow: A: opens ")
        .endsWith("\n4 marks, 3 with findings\n  next: kstrace explain t.arrow 4\n");
    assertThat(cli.run("check", "--by-mark", "--format", "json", "@t.arrow").err())
        .isEqualTo(
            "kstrace: --by-mark needs the format table; others name the mark of each finding\n");
  }
}
