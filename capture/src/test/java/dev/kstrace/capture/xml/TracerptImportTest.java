package dev.kstrace.capture.xml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kstrace.capture.Traces;
import dev.kstrace.capture.imports.ImportOptions;
import dev.kstrace.capture.imports.ImportReport;
import dev.kstrace.capture.imports.PoolTag;
import dev.kstrace.traces.MalformedTraceException;
import dev.kstrace.traces.ReadProgress;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceReader;
import dev.kstrace.traces.TraceText;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** XML in the shape of tracerpt's, blanks, zones and undecoded payloads included. */
class TracerptImportTest {
  private static final String PROBE = "{ce250ee2-6989-5888-fcfa-f2607fd730c7}";

  private static final String XML =
      "<Events>"
          + event(
              "{68fdd900-4a3e-11d1-84f4-0000f80464e3}",
              0,
              data("BufferSize", "   65536")
                  + data("LogFileMode", "       1")
                  + data("EventsLost", "       7")
                  + data("BuffersLost", "       0"))
          + event(
              PROBE,
              1,
              data("Seq", " 1")
                  + data("Schema", "1")
                  + data("PointerSize", "8")
                  + data("ProbeVersion", "1")
                  + data("QpcFreq", "10000000")
                  + data("Driver", "test.sys"))
          + event(
              PROBE,
              2,
              data("Seq", "       2")
                  + data("Context", "0xFFFFE00100000010")
                  + data("Pin", "0xFFFFE00300000000")
                  + data("PinId", "1")
                  + data("Kind", "0")
                  + data("OptionsFlags", "0x2")
                  + data("PoolType", "0")
                  + data("Frames", "4")
                  + data("FrameSize", "4096")
                  + data("FileAlignment", "0x3F")
                  + data("Status", "0x0")
                  + data("BeginQpc", "1")
                  + data("Irql", "0"))
          + event(
              PROBE,
              3,
              data("Seq", "3")
                  + data("Context", "0xFFFFE00100000010")
                  + data("Frame", "0xFFFFE00200000000")
                  + data("BeginQpc", "1")
                  + data("Irql", "2"))
          + event("{548c4417-ce45-41ff-99dd-528f01ce0fe1}", 4, data("pIrp", "0x1234"))
          + undecoded(5, "0400000000000000 10000000 01E0FFFF 00000000 02E0FFFF 00")
          + event(
              PROBE,
              6,
              data("Seq", "5")
                  + data("Context", "0xFFFFE00100000010")
                  + data("Outstanding", "0")
                  + data("Irql", "0"))
          + event(PROBE, 7, data("LastSeq", "5") + data("Emitted", "5") + data("WriteFailed", "0"))
          + "</Events>";

  /** Pool events as the kernel's MOF class names their fields, and one that was not decoded. */
  private static final String POOL_XML =
      "<Events>"
          + pool(1, 32, poolData("0x68535641", "       4096", "0xFFFFE00200000000"))
          + pool(2, 32, poolData("AVSh", "4096", "0xFFFFE00200001000"))
          + pool(3, 32, poolData("0x6C6F6F50", "64", "0xFFFFE00200002000"))
          + event("{548c4417-ce45-41ff-99dd-528f01ce0fe1}", 4, data("pIrp", "0x1234"))
          + pool(5, 34, "")
              .replace(
                  "<EventData></EventData>",
                  "<BinaryEventData>00020000 41565368 0010000000000000"
                      + " 0000000002E0FFFF</BinaryEventData>")
          + "</Events>";

  @TempDir Path folder;
  private Path xml;
  private Path trace;

  private static String data(String name, String value) {
    return "<Data Name=\"" + name + "\">" + value + "</Data>";
  }

  private static String event(String provider, int second, String data) {
    return """
        <Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>
        <Provider Guid="%s" /><EventID>202</EventID><TimeCreated
        SystemTime="2017-10-23T00:14:0%d.500000000+0159" /><Execution ProcessID="4" ThreadID="8"
        ProcessorID="0" /></System><EventData>%s</EventData></Event>
        """
        .formatted(provider, second, data);
  }

  private static String pool(int second, int opcode, String data) {
    return event("{9e814aad-3204-11d2-9a82-006008a86939}", second, data)
        .replace("<EventID>202</EventID>", "<EventID>0</EventID><Opcode>" + opcode + "</Opcode>")
        .replace(
            "</Event>\n",
            """
            <RenderingInfo Culture="en-US"><Opcode>Pool</Opcode></RenderingInfo>
            <ExtendedTracingInfo xmlns="http://schemas.microsoft.com/win/2004/08/events/trace">
            <EventGuid>{0268a8b6-74fd-4302-9dd0-6e8f1795c0cf}</EventGuid>
            </ExtendedTracingInfo></Event>
            """);
  }

  private static String poolData(String tag, String bytes, String entry) {
    return data("Type", "0x200")
        + data("Tag", tag)
        + data("NumberOfBytes", bytes)
        + data("Entry", entry);
  }

  private static String undecoded(int second, String hex) {
    return event(PROBE, second, "")
        .replace(
            "<EventData></EventData>",
            "<BinaryEventData>" + hex + "</BinaryEventData><ExtendedTracingInfo/>");
  }

  @BeforeEach
  void nameFiles() {
    xml = folder.resolve("t.xml");
    trace = folder.resolve("t.arrow");
  }

  private ImportReport run() throws IOException {
    return TracerptImport.run(
        xml, trace, new ImportOptions(true, false, "test"), ReadProgress.NONE);
  }

  @Test
  void readsNamedValuesAndUndecodedBytes() throws IOException {
    for (Charset charset : List.of(StandardCharsets.UTF_8, StandardCharsets.UTF_16)) {
      Files.writeString(xml, XML, charset);
      ImportReport report = run();
      StringBuilder text = new StringBuilder();
      for (TraceEvent event : Traces.read(trace)) {
        text.append(TraceText.format(event)).append('\n');
      }
      assertThat(text)
          .hasToString(
              """
              1 mark none t=1000000000 thread=8 detail={"text":"ProbeStart","driver":"test.sys","probe_version":1,"pointer_size":8,"qpc_freq":10000000}
              2 initialize callback t=2000000000..2000000000 thread=8 irql=0>? pin=0xffffe00300000000 context=0xffffe00100000010 status=STATUS_SUCCESS framing={options=0x2 pool=NonPagedPool frames=4 size=4096 align=0x3f reserved=0x0} detail={"pin_id":1,"kind":"pin_dispatch"}
              3 allocate callback t=3000000000..3000000000 thread=8 irql=2>? context=0xffffe00100000010 frame=0xffffe00200000000
              4 mark none t=4000000000 thread=8 detail={"text":"KS_StreamingRequest start","provider":"Microsoft-Windows-KernelStreaming","pIrp":"0x1234"}
              5 free callback t=5000000000 thread=8 irql=0>? context=0xffffe00100000010 frame=0xffffe00200000000
              6 delete callback t=6000000000 thread=8 irql=0>? context=0xffffe00100000010 detail={"outstanding":0}
              7 trace_end none t=6000000000 detail={"lost_total":0}
              """);
      assertThat(report.notes())
          .containsExactly("7 events lost by the session for want of a buffer (EventsLost)");
      try (TraceReader reader = TraceReader.open(trace)) {
        assertThat(reader.metadata().get("kstrace.loss.events_lost")).isEqualTo("7");
      }
    }
  }

  private ImportReport runPool() throws IOException {
    List<PoolTag> tags = List.of(PoolTag.parse("AVSh"));
    return TracerptImport.run(
        xml, trace, new ImportOptions(true, false, tags, "test"), ReadProgress.NONE);
  }

  @Test
  void poolEventsOfATagBecomeOneAllocator() throws IOException {
    Files.writeString(xml, POOL_XML);
    ImportReport report = runPool();
    assertThat(report.calls()).isEqualTo(3);
    assertThat(Traces.read(trace).stream().map(TraceText::format))
        .containsExactly(
            "1 initialize callback t=0 context=0x68535641 status=STATUS_SUCCESS framing={options=0x0"
                + " pool=NonPagedPool frames=0 size=0 align=0x0 reserved=0x0}"
                + " detail={\"pool_tag\":\"AVSh\",\"pool_type\":512}",
            "2 allocate callback t=0 thread=8 context=0x68535641 frame=0xffffe00200000000 size=4096",
            "3 allocate callback t=1000000000 thread=8 context=0x68535641"
                + " frame=0xffffe00200001000 size=4096",
            "4 mark none t=3000000000 thread=8 detail={\"text\":\"KS_StreamingRequest start\","
                + "\"provider\":\"Microsoft-Windows-KernelStreaming\",\"pIrp\":\"0x1234\"}",
            "5 free callback t=4000000000 thread=8 context=0x68535641 frame=0xffffe00200000000");
    assertThat(report.notes().get(0)).startsWith("the order is inferred from times");

    Files.writeString(xml, POOL_XML.replace("AVSh", "Other").replace("0x68535641", "0x1FFFFFFFF"));
    assertThat(runPool().notes()).anyMatch(note -> note.startsWith("2 records"));
    Files.writeString(xml, XML);
    assertThatThrownBy(this::runPool)
        .hasMessage(
            xml
                + ": holds no pool events with tag [AVSh] among 8 events; expected XML of tracerpt");
  }

  @Test
  void entitiesAndDocumentTypesAreRefused() throws IOException {
    Path secret = Files.writeString(folder.resolve("secret"), "secret");
    Files.writeString(
        xml,
        "<!DOCTYPE Events [<!ENTITY s SYSTEM \""
            + secret.toUri()
            + "\">]>"
            + XML.replace("test.sys", "&s;"));
    assertThatThrownBy(this::run)
        .isInstanceOf(MalformedTraceException.class)
        .hasMessageStartingWith(
            xml + ": has a document type or an entity, which tracerpt does not");
    Files.writeString(xml, XML.replace("test.sys", "&s;"));
    assertThatThrownBy(this::run)
        .isInstanceOf(MalformedTraceException.class)
        .hasMessageMatching(
            ".*: is no readable XML at line \\d+, column \\d+ \\(character \\d+\\); .*");
  }

  @Test
  void saysWhatIsWrongAndWhere() throws IOException {
    Files.writeString(xml, "no xml");
    assertThatThrownBy(this::run)
        .hasMessage(
            xml
                + ": is no readable XML at line 1, column 1 (character 4); expected XML of tracerpt");
    Files.writeString(xml, "<Events><Event><Data Name=\"a\">" + "x".repeat(300_000));
    assertThatThrownBy(this::run).hasMessageContaining("has a value longer than 262144 characters");
    Files.writeString(xml, "<Events/>");
    assertThatThrownBy(this::run).hasMessageContaining("holds no events of the probe");
    assertThat(folder).isDirectoryNotContaining("glob:**/*.{arrow,part}");
  }

  /** The long form is described at EtlFuzzTest. */
  @Test
  void anyDamageIsReadOrRefused() throws IOException {
    int runs = Integer.getInteger("kstrace.fuzz.runs", 150);
    long first = Long.getLong("kstrace.fuzz.seed", 1);
    int refused = 0;
    for (long seed = first; seed < first + runs; seed++) {
      Random random = new Random(seed);
      boolean pool = random.nextInt(4) == 0;
      StringBuilder damaged = new StringBuilder(pool ? POOL_XML : XML);
      for (int i = random.nextInt(4); i >= 0; i--) {
        int at = random.nextInt(damaged.length());
        switch (random.nextInt(3)) {
          case 0 -> damaged.setCharAt(at, (char) random.nextInt(256));
          case 1 -> damaged.delete(at, Math.min(damaged.length(), at + random.nextInt(400)));
          default -> damaged.setCharAt(at, Character.forDigit(random.nextInt(10), 10));
        }
      }
      Files.writeString(xml, damaged);
      try {
        if (pool) {
          runPool();
        } else {
          run();
        }
      } catch (MalformedTraceException e) {
        refused++;
      } catch (IOException | RuntimeException e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
    System.out.printf(
        "TracerptImportTest: seeds %d to %d: %d refused%n", first, first + runs - 1, refused);
  }
}
