package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kstrace capture etl}, {@code capture ftrace}, {@code capture xml}, {@code etl-info}. */
final class ImportCommandsTest {
  private static final String NO_FINDINGS = "exit 0\nv.arrow: no findings\n";

  @TempDir Path folder;
  private Cli cli;

  private static Path root() {
    Path path = Path.of("").toAbsolutePath();
    while (path.getParent() != null && !Files.isRegularFile(path.resolve("traces/pom.xml"))) {
      path = path.getParent();
    }
    return path;
  }

  @BeforeEach
  void copyRecordings() throws IOException {
    cli = new Cli(folder);
    Path stored = root().resolve("capture/src/test/resources/etl");
    for (String name : new String[] {"lossy.etl", "pool.etl"}) {
      Files.copy(stored.resolve(name), cli.file(name));
    }
  }

  @Test
  void t3ALossyFileEndsInFindingsThatKnowWhatWasLost() {
    assertThat(cli.run("capture", "etl", "@lossy.etl", "-o", "@l.arrow").all())
        .isEqualTo(
            """
            exit 0
            imported 15 events (11 allocator calls) of 15 records into l.arrow
              1 event has a time before that of the predecessor in Seq; the order is Seq's
              3 events lost by the session for want of a buffer (EventsLost)
              1 buffer lost by the session (BuffersLost)
              2 buffers missing in the file (holes in SequenceNumber)
              2 events missing in the probe's Seq
              1 event that the probe could not write (WriteFailed)
              1 record not understood
              the first bytes not understood are in the buffer at byte 1024
            """);
    assertThat(cli.run("check", "-q", "@l.arrow").all())
        .isEqualTo(
            """
            exit 1
            l.arrow: 1 error, 3 info

            error    double-free  1 finding (possible: events not recorded may explain it)
              seq 7: frame 0xffffe00200000000 is freed again; it was freed at seq 6

            info     events-lost  1 finding
              seq 9: 2 events are lost (hole in Seq: 8 to 9 missing)

            info     duplicate-live-address  1 finding (possible: events not recorded may explain it)
              seq 12: frame 0xffffe00200000000 is handed out again; it is live since seq 8

            info     free-of-unknown-frame  1 finding (possible: events not recorded may explain it)
              seq 13: address 0xffffe00200002000 is freed, but this allocator never handed it out
            """);
    assertThat(cli.run("info", "@l.arrow").out())
        .contains("  losses                       2 events (hole in Seq: 8 to 9 missing: 2)\n")
        .contains("  kstrace.loss.bad_buffers     0\n")
        .contains("  kstrace.loss.buffer_gaps     2\n")
        .contains("  kstrace.loss.buffers_lost    1\n")
        .contains("  kstrace.loss.events_lost     3\n")
        .contains("  kstrace.loss.head_missing    0\n")
        .contains("  kstrace.loss.seq_gaps        2\n")
        .contains("  kstrace.loss.tail_missing    0\n")
        .contains("  kstrace.loss.undecoded       1\n")
        .contains("  kstrace.loss.write_failed    1\n");
  }

  @Test
  void t3TheSameFileGivesTheSameBytes() throws IOException {
    cli.run("capture", "etl", "@lossy.etl", "-o", "@a.arrow");
    cli.run("capture", "etl", "@lossy.etl", "-o", "@b.arrow");
    assertThat(cli.file("b.arrow")).hasBinaryContent(Files.readAllBytes(cli.file("a.arrow")));
    assertThat(cli.run("etl-info", "--events", "@lossy.etl"))
        .isEqualTo(cli.run("etl-info", "--events", "@lossy.etl"));
  }

  @Test
  void t3PoolEventsAreJudgedLikeCalls() {
    assertThat(cli.run("capture", "etl", "@pool.etl", "--pool-tag", "AVSh", "-o", "@p.arrow").all())
        .isEqualTo(
            """
            exit 0
            imported 5 events (4 allocator calls) of 5 records into p.arrow
              the order is inferred from times; pool events carry no sequence number
              an unknown number of events missing at the end
            """);
    assertThat(cli.run("check", "-q", "@p.arrow").all())
        .isEqualTo(
            """
            exit 1
            p.arrow: 1 error

            error    double-free  1 finding (possible: events not recorded may explain it)
              seq 5: frame 0x1000 is freed again; it was freed at seq 4
            """);
    cli.run("capture", "etl", "@pool.etl", "--pool-tag", "AVSh", "--whole", "-o", "@w.arrow");
    assertThat(cli.run("check", "-q", "@w.arrow").out())
        .contains("frame-leak  1 finding\n  seq 3:");
  }

  @Test
  void summarizesAFile() {
    assertThat(cli.run("etl-info", "@lossy.etl").all())
        .isEqualTo(
            """
            exit 0
            lossy.etl
              session              test session
              system               Windows 10.0 build 19045, 4 processors, 64-bit
              clock                qpc:10000000
              started              2025-11-28T00:00:00Z
              duration             80.0 us
              file                 2,704 bytes, 6 buffers
              records              15: system 1, event 14
              losses               3 events lost by the session for want of a buffer (EventsLost); 1 buffer lost by the session (BuffersLost); 2 buffers missing in the file (holes in SequenceNumber); 1 record not understood
              not understood from  the buffer at byte 1024 on

              KsAllocTrace ce250ee2-6989-5888-fcfa-f2607fd730c7
                           5  FrameFree (Seq uint64, Context hex64, Frame hex64, Irql uint8)
                           4  FrameAllocate (Seq uint64, Context hex64, Frame hex64, BeginQpc int64, Irql uint8)
                           1  AllocatorDelete (Seq uint64, Context hex64, Outstanding int32, Irql uint8)
                           1  AllocatorInitialize (Seq uint64, Context hex64, Pin hex64, PinId uint32, Kind uint8, OptionsFlags hex32, PoolType uint32, Frames uint32, FrameSize uint32, FileAlignment hex32, Status hex32, BeginQpc int64, Irql uint8)
                           1  ProbeCounters (LastSeq uint64, Emitted uint64, WriteFailed uint64)
                           1  ProbeStart (Seq uint64, Schema uint16, PointerSize uint8, ProbeVersion uint32, QpcFreq int64, Driver counted_ansi)

              Microsoft-Windows-KernelStreaming 548c4417-ce45-41ff-99dd-528f01ce0fe1
                           1  KS_IoProbeandLock start

              kernel logger
                           1  group 0x00 opcode 0 version 2
            """);
  }

  @Test
  void printsRecordsAsLinesOfJson() {
    Cli.Result result = cli.run("etl-info", "--events", "-q", "@lossy.etl");
    assertThat(result.err()).isEmpty();
    assertThat(result.out().lines()).hasSize(15);
    assertThat(result.out().lines().skip(3).limit(1))
        .containsExactly(
            "{\"time\":\"2025-11-28T00:00:00.000030Z\",\"ns\":\"30000\",\"processor\":2,"
                + "\"process\":4,\"thread\":8,\"kind\":\"event\",\"provider\":\"KsAllocTrace\","
                + "\"guid\":\"ce250ee2-6989-5888-fcfa-f2607fd730c7\",\"id\":0,\"level\":4,"
                + "\"task\":0,\"keyword\":\"0x1\",\"event\":\"FrameAllocate\",\"version\":0,"
                + "\"opcode\":0,\"fields\":{\"Seq\":\"3\",\"Context\":\"0xffffe00100000010\","
                + "\"Frame\":\"0xffffe00200000000\",\"BeginQpc\":\"1000298\",\"Irql\":2}}");
  }

  @Test
  void t5ARealDriversTraceIsJudgedQueriedAndReplayed() throws IOException {
    Path vivid = root().resolveSibling("shared").resolve("data/ftrace/vivid-ftrace.txt");
    assumeTrue(Files.isRegularFile(vivid), "no real recording, expected " + vivid);
    Files.copy(vivid, cli.file("v.txt"));
    assertThat(cli.run("capture", "ftrace", "@v.txt", "-o", "@v.arrow").all())
        .isEqualTo(
            """
            exit 0
            imported 629 events (28 allocator calls) of 650 records into v.arrow
            """);
    assertThat(cli.run("check", "-q", "@v.arrow").all()).isEqualTo(NO_FINDINGS);
    String sql =
        "SELECT alloc_id, a.frames, frame_size, count(*) AS freed FROM frames f JOIN allocators a"
            + " USING (alloc_id) WHERE free_seq IS NOT NULL GROUP BY ALL ORDER BY 1";
    assertThat(cli.run("query", "@v.arrow", sql, "--format", "csv").out().lines())
        .containsExactly(
            "\"alloc_id\",\"frames\",\"frame_size\",\"freed\"", "1,4,462848,4", "2,8,462848,8");
    assertThat(cli.run("replay", "@v.arrow", "--target", "sim:default", "-o", "@r.arrow").all())
        .startsWith("exit 0\n")
        .contains("replayed 28 calls on sim:default: all as recorded\n");
    assertThat(cli.run("check", "-q", "@r.arrow").all()).isEqualTo(NO_FINDINGS.replace("v.", "r."));
  }

  @Test
  void refusesInOneSentence() throws IOException {
    Files.writeString(
        cli.file("text.etl"), "this is no event trace log of Windows at all".repeat(9));
    Files.writeString(cli.file("old.arrow"), "old");
    assertThat(cli.run("capture", "etl", "@text.etl", "-o", "@x.arrow").all())
        .isEqualTo(
            """
            exit 3
            kstrace: text.etl: is no readable .etl file: the buffer at byte 0 has \
            BufferSize=1936287860, expected 72 to 16777216
            """);
    assertThat(cli.run("etl-info", "@text.etl", "@lossy.etl").code()).isEqualTo(3);
    assertThat(cli.run("capture", "etl", "@none.etl", "-o", "@x.arrow").all())
        .isEqualTo("exit 3\nkstrace: cannot read none.etl: there is no such file\n");
    assertThat(cli.run("capture", "etl", "@lossy.etl", "-o", "@old.arrow").all())
        .isEqualTo(
            """
            exit 2
            kstrace: cannot write old.arrow: it exists already; choose another name, or -f to replace it
            """);
    assertThat(cli.file("old.arrow")).hasContent("old");
    assertThat(cli.run("capture", "etl", "@lossy.etl", "-o", "@lossy.etl", "-f").all())
        .isEqualTo(
            "exit 2\nkstrace: cannot write lossy.etl: it is the input itself; choose another name\n");
    assertThat(cli.run("capture", "etl", "@lossy.etl").all())
        .isEqualTo("exit 2\nkstrace: where to? give -o FILE\n");
    assertThat(
            cli.run("capture", "etl", "@pool.etl", "--pool-tag", "AVShx", "-o", "@x.arrow").err())
        .isEqualTo("kstrace: pool tag=AVShx, expected one to four ASCII characters such as AVSh\n");
    assertThat(cli.run("capture", "ftrace", "@text.etl", "-o", "@x.arrow").code()).isEqualTo(3);
    assertThat(cli.run("capture", "xml", "@text.etl", "-o", "@x.arrow").code()).isEqualTo(3);
    assertThat(folder).isDirectoryNotContaining("glob:**/{x.arrow,*.part}");
  }
}
