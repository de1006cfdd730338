package dev.kstrace.capture.etl;

import static dev.kstrace.capture.etl.Session.CONTEXT;
import static dev.kstrace.capture.etl.Session.FRAME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kstrace.capture.etl.EtlWriter.Descriptor;
import dev.kstrace.capture.etl.EtlWriter.Settings;
import dev.kstrace.capture.imports.Guid;
import dev.kstrace.capture.imports.ImportReport;
import dev.kstrace.capture.imports.KsAllocTraceSchema;
import dev.kstrace.capture.imports.KsAllocTraceSchema.Event;
import dev.kstrace.capture.imports.LossLedger;
import dev.kstrace.traces.MalformedTraceException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ladder level T3: .etl files written from the schema of the probe, read back as traces. */
class T3SyntheticEtlTest {
  private static final String WHOLE =
      """
      1 mark none t=10000 thread=8 detail={"text":"ProbeStart","driver":"test.sys","probe_version":1,"pointer_size":8,"qpc_freq":10000000}
      2 initialize callback t=19500..20000 thread=8 irql=0>? pin=0xffffe00300000000 context=0xffffe00100000010 status=STATUS_SUCCESS framing={options=0x2 pool=NonPagedPool frames=4 size=4096 align=0x3f reserved=0x0} detail={"pin_id":1,"kind":"pin_dispatch"}
      3 allocate callback t=29800..30000 thread=8 irql=2>? context=0xffffe00100000010 frame=0xffffe00200000000
      4 allocate callback t=34800..35000 thread=8 irql=2>? context=0xffffe00100000010 frame=0xffffe00200001000
      5 free callback t=40000 thread=12 irql=2>? context=0xffffe00100000010 frame=0xffffe00200000000
      6 allocate callback t=40800..41000 thread=8 irql=2>? context=0xffffe00100000010 frame=0xffffe00200000000
      7 free callback t=50000 thread=12 irql=2>? context=0xffffe00100000010 frame=0xffffe00200000000
      8 free callback t=51000 thread=12 irql=2>? context=0xffffe00100000010 frame=0xffffe00200001000
      9 delete callback t=60000 thread=8 irql=0>? context=0xffffe00100000010 detail={"outstanding":0}
      10 trace_end none t=60000 detail={"lost_total":0}
      """;

  @TempDir Path folder;
  private Path etl;
  private Path trace;

  @BeforeEach
  void nameFiles() {
    etl = folder.resolve("s.etl");
    trace = folder.resolve("s.arrow");
  }

  private String imported(Settings settings, Consumer<EtlWriter> content) throws IOException {
    EtlWriter.write(etl, EtlWriter.buffers(settings, content));
    Session.run(etl, trace);
    return Session.text(trace);
  }

  private static List<String> ops(String text) {
    return numberedOps(text).stream().map(line -> line.substring(line.indexOf(' ') + 1)).toList();
  }

  /** Number and operation of each line. */
  private static List<String> numberedOps(String text) {
    return text.lines()
        .map(line -> line.substring(0, line.indexOf(' ', line.indexOf(' ') + 1)))
        .toList();
  }

  private static Settings settings() {
    return new Settings();
  }

  @Test
  void ordersTheEventsOfTwoProcessors() throws IOException {
    assertThat(imported(settings(), Session::whole)).isEqualTo(WHOLE);
    assertThat(Session.loss(trace, "seq_gaps")).isEqualTo("0");
    assertThat(Session.loss(trace, "head_missing")).isEqualTo("0");
    assertThat(Session.loss(trace, "tail_missing")).isEqualTo("0");
    assertThat(Session.metadata(trace).get("kstrace.order")).isEqualTo("seq");
    assertThat(Session.metadata(trace).get("kstrace.clock")).isEqualTo("qpc:10000000");
  }

  @Test
  void givesTheSameTraceOfAnyOrderOfBuffersAndFormOfFile() throws IOException {
    for (int pointerBytes : new int[] {4, 8}) {
      for (boolean windows7 : new boolean[] {false, true}) {
        for (boolean compressed : new boolean[] {false, true}) {
          Settings settings = settings();
          settings.bufferBytes = 1024;
          settings.pointerBytes = pointerBytes;
          settings.windows7 = windows7;
          settings.compressed = compressed;
          List<byte[]> buffers = EtlWriter.buffers(settings, Session::whole);
          assertThat(buffers).hasSizeGreaterThan(3);
          Collections.shuffle(buffers.subList(1, buffers.size()), new Random(7));
          EtlWriter.write(etl, buffers);
          Session.run(etl, trace);
          assertThat(Session.text(trace))
              .as("pointer %d, Windows 7 %s, compressed %s", pointerBytes, windows7, compressed)
              .isEqualTo(WHOLE);
        }
      }
    }
  }

  @Test
  void readsTheBuffersOfAProcessorInTheOrderOfTheirFilling() throws IOException {
    Settings settings = settings();
    settings.bufferBytes = 1024;
    List<byte[]> buffers =
        EtlWriter.buffers(
            settings,
            to -> {
              for (int i = 1; i <= 300; i++) {
                to.kernel(i % 3, Session.us(i), 0x11, 5, 6, 2, new byte[16]);
              }
            });
    Collections.reverse(buffers.subList(1, buffers.size()));
    EtlWriter.write(etl, buffers);
    try (EtlReader reader = EtlReader.open(etl, new LossLedger())) {
      for (int i = 0; i <= 300; i++) {
        assertThat(reader.next()).isTrue();
        assertThat(reader.record().ticks()).isEqualTo(Session.us(i));
      }
      assertThat(reader.next()).isFalse();
    }
  }

  @Test
  void ordersBySeqAndCountsWhereTimeContradicts() throws IOException {
    String text =
        imported(
            settings(),
            to -> {
              Session.start(to, 0, 1, 10);
              Session.initialize(to, 0, 2, 20, CONTEXT);
              Session.allocate(to, 0, 4, 30, FRAME);
              Session.free(to, 1, 3, 31, FRAME + 0x1000);
              Session.delete(to, 0, 5, 60, CONTEXT);
              Session.counters(to, 0, 70, 5, 0);
            });
    assertThat(ops(text))
        .containsExactly("mark", "initialize", "free", "allocate", "delete", "trace_end");
    assertThat(Session.metadata(trace).get("kstrace.time_contradicts_seq")).isEqualTo("1");
    assertThat(Session.run(etl, trace).notes()).anyMatch(note -> note.startsWith("1 event has"));
  }

  @Test
  void announcesHolesInSeqWithTheirSize() throws IOException {
    String text =
        imported(
            settings(),
            to -> {
              Session.start(to, 0, 1, 10);
              Session.initialize(to, 0, 2, 20, CONTEXT);
              Session.allocate(to, 0, 6, 30, FRAME);
              Session.free(to, 1, 7, 31, FRAME);
              Session.delete(to, 0, 8, 60, CONTEXT);
              Session.counters(to, 0, 70, 10, 1);
            });
    assertThat(text)
        .contains("3 events_lost none t=29800 detail={\"count\":3,\"cause\":\"hole in Seq: 3 to 5")
        .contains("\n7 allocate callback")
        .contains("\n8 free callback")
        .contains("10 events_lost none t=60000 detail={\"count\":2,\"cause\":\"end: Seq 9 to 10")
        .contains("trace_end none t=60000 detail={\"lost_total\":5}");
    assertThat(Session.loss(trace, "seq_gaps")).isEqualTo("3");
    assertThat(Session.loss(trace, "tail_missing")).isEqualTo("2");
    Session.runWhole(etl, trace);
    assertThat(Session.loss(trace, "write_failed")).isEqualTo("1");
  }

  @Test
  void countsEachLossApart() throws IOException {
    Settings settings = settings();
    settings.eventsLost = 11;
    settings.buffersLost = 2;
    settings.bufferBytes = 1024;
    List<byte[]> buffers =
        EtlWriter.buffers(
            settings,
            to -> {
              Session.whole(to);
              to.loseBuffers(3);
              to.garbage(2, new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
            });
    byte[] torn = new byte[700];
    System.arraycopy(buffers.get(1), 0, torn, 0, torn.length);
    buffers.add(torn);
    EtlWriter.write(etl, buffers);
    ImportReport report = Session.run(etl, trace);
    assertThat(Session.text(trace)).isEqualTo(WHOLE);
    assertThat(Session.loss(trace, "events_lost")).isEqualTo("11");
    assertThat(Session.loss(trace, "buffers_lost")).isEqualTo("2");
    assertThat(Session.loss(trace, "buffer_gaps")).isEqualTo("3");
    assertThat(Session.loss(trace, "undecoded")).isEqualTo("1");
    assertThat(Session.loss(trace, "torn_bytes")).isEqualTo("700");
    assertThat(report.notes())
        .contains("11 events lost by the session for want of a buffer (EventsLost)")
        .anyMatch(note -> note.startsWith("the first bytes not understood are in the buffer at"));
  }

  @Test
  void aCircularFileLacksItsBeginningAndNotBuffers() throws IOException {
    Settings settings = settings();
    settings.logFileMode = 2;
    List<byte[]> buffers =
        EtlWriter.buffers(
            settings,
            to -> {
              to.loseBuffers(40);
              Session.allocate(to, 0, 1000, 30, FRAME);
              Session.free(to, 1, 1001, 31, FRAME);
            });
    EtlWriter.write(etl, buffers);
    Session.run(etl, trace);
    assertThat(Session.loss(trace, "buffer_gaps")).isEqualTo("0");
    assertThat(Session.loss(trace, "head_missing")).isEqualTo("unknown");
    assertThat(Session.loss(trace, "tail_missing")).isEqualTo("unknown");
    assertThat(Session.text(trace))
        .startsWith(
            "1 events_lost none t=29800 detail={\"cause\":\"beginning: no ProbeStart\"}\n2 ")
        .doesNotContain("trace_end");
  }

  @Test
  void anAllocatorThatIsStillThereLeavesTheEndOpenUnlessTheSessionWasWhole() throws IOException {
    Consumer<EtlWriter> content =
        to -> {
          Session.start(to, 0, 1, 10);
          Session.initialize(to, 0, 2, 20, CONTEXT);
          Session.counters(to, 0, 70, 2, 0);
        };
    assertThat(imported(settings(), content)).doesNotContain("trace_end");
    Session.runWhole(etl, trace);
    assertThat(Session.text(trace)).contains("trace_end");
    assertThat(Session.metadata(trace).completeStart()).isTrue();
  }

  @Test
  void aSecondStartFromOneIsTheDriverLoadedAnew() throws IOException {
    String text =
        imported(
            settings(),
            to -> {
              Session.start(to, 0, 1, 10);
              Session.initialize(to, 0, 2, 20, CONTEXT);
              Session.delete(to, 0, 3, 25, CONTEXT);
              Session.counters(to, 0, 26, 3, 0);
              Session.start(to, 0, 1, 30);
              Session.initialize(to, 0, 2, 40, CONTEXT);
              Session.delete(to, 0, 3, 45, CONTEXT);
              Session.counters(to, 0, 46, 3, 0);
            });
    assertThat(numberedOps(text))
        .containsExactly(
            "1 mark",
            "2 initialize",
            "3 delete",
            "4 driver_unload",
            "5 mark",
            "6 initialize",
            "7 delete",
            "8 trace_end");
  }

  @Test
  void aRundownMakesKnownWhatWasThereBeforeAndNothingTwice() throws IOException {
    String text =
        imported(
            settings(),
            to -> {
              Session.start(to, 0, 100, 10);
              rundown(to, 101, CONTEXT);
              Session.initialize(to, 0, 102, 30, CONTEXT + 16);
              rundown(to, 103, CONTEXT + 16);
              Session.counters(to, 0, 70, 103, 0);
            });
    assertThat(ops(text)).containsExactly("mark", "initialize", "initialize", "mark");
    assertThat(text).contains("\"text\":\"AllocatorRundown\",\"outstanding\":3");
  }

  private static void rundown(EtlWriter to, long seq, long context) {
    to.probe(
        0,
        Session.us(seq),
        8,
        Event.ALLOCATOR_RUNDOWN,
        new long[] {seq, context, Session.PIN, 1, 0, 2, 0, 4, 0x1000, 0x3f, 0, 0, 0, 3});
  }

  @Test
  void unknownEventsAndFieldsOfLaterProbesDoNoHarm() throws IOException {
    ByteArrayOutputStream fields = new ByteArrayOutputStream();
    EtlWriter.text(fields, "Novelty");
    fields.write(22);
    EtlWriter.text(fields, "Seq");
    fields.write(10);
    for (String name : new String[] {"Context", "Frame"}) {
      EtlWriter.text(fields, name);
      fields.write(21);
    }
    EtlWriter.text(fields, "Irql");
    fields.write(4);
    EtlWriter.text(fields, "More");
    fields.write(0x40 | 8);
    byte[] free = EtlWriter.schema("FrameFree", fields.toByteArray());
    byte[] other = EtlWriter.schema("SomethingNew", new byte[0]);
    byte[] data =
        EtlWriter.buffer(37)
            .putShort((short) 2)
            .putShort((short) 'x')
            .putLong(3)
            .putLong(CONTEXT)
            .putLong(FRAME)
            .put((byte) 1)
            .putShort((short) 1)
            .putInt(9)
            .array();
    Descriptor descriptor = new Descriptor(0, 0, 11, 4, 0, 1);
    String text =
        imported(
            settings(),
            to -> {
              Session.start(to, 0, 1, 10);
              Session.allocate(to, 0, 2, 11, FRAME);
              Guid guid = KsAllocTraceSchema.GUID;
              to.event(0, Session.us(20), 8, guid, descriptor, free, null, data, data.length);
              to.event(0, Session.us(30), 8, guid, descriptor, other, null, data, 0);
              Session.counters(to, 0, 70, 3, 0);
            });
    assertThat(text)
        .contains("\n3 free callback t=20000 thread=8 irql=1>? context=0xffffe00100000010")
        .contains("\n4 mark none t=30000 thread=8 detail={\"text\":\"SomethingNew\"}");
  }

  @Test
  void passesOverStacksAndRelatedActivities() throws IOException {
    byte[] schema = EtlWriter.schemaOf(Event.FRAME_FREE);
    ByteArrayOutputStream items = new ByteArrayOutputStream();
    item(items, 1, true, new byte[16]);
    item(items, 6, true, new byte[8 + 3 * 8]);
    item(items, 5, true, new byte[12]);
    item(items, 11, false, schema);
    byte[] data =
        EtlWriter.buffer(25).putLong(3).putLong(CONTEXT).putLong(FRAME).put((byte) 0).array();
    String text =
        imported(
            settings(),
            to -> {
              Session.start(to, 0, 1, 10);
              Session.allocate(to, 0, 2, 11, FRAME);
              to.eventWithItems(
                  0, Session.us(20), KsAllocTraceSchema.GUID, items.toByteArray(), data);
            });
    assertThat(text).contains("\n3 free callback t=20000");
    assertThat(Session.loss(trace, "undecoded")).isEqualTo("0");
  }

  private static void item(ByteArrayOutputStream to, int type, boolean more, byte[] data) {
    byte[] head = EtlWriter.buffer(8).putShort((short) 0).putShort((short) type).array();
    head[4] = (byte) (more ? 1 : 0);
    head[6] = (byte) data.length;
    head[7] = (byte) (data.length >>> 8);
    to.writeBytes(head);
    to.writeBytes(data);
    to.writeBytes(new byte[-data.length & 7]);
  }

  @Test
  void twoDriversInOneFileAreRefusedByName() {
    byte[] schema = EtlWriter.schemaOf(Event.PROBE_START);
    byte[] data =
        EtlWriter.buffer(28)
            .putLong(1)
            .putShort((short) 1)
            .put((byte) 8)
            .putInt(1)
            .putLong(1)
            .putShort((short) 3)
            .put(new byte[] {'b', '.', 's'})
            .array();
    EtlWriter.write(
        etl,
        EtlWriter.buffers(
            settings(),
            to -> {
              Session.start(to, 0, 1, 10);
              Descriptor descriptor = new Descriptor(0, 0, 11, 4, 0, 1);
              Guid guid = KsAllocTraceSchema.GUID;
              to.event(0, Session.us(20), 8, guid, descriptor, schema, null, data, 28);
            }));
    assertThatThrownBy(() -> Session.run(etl, trace))
        .isInstanceOf(MalformedTraceException.class)
        .hasMessageStartingWith(etl + ": holds events of two probes, drivers test.sys and b.s,");
    assertThat(folder).isDirectoryNotContaining("glob:**/*.{arrow,part}");
  }

  @Test
  void marksWhatWindowsStreamingProvidersSay() throws IOException {
    byte[] data = EtlWriter.buffer(8).putInt(1).putInt(4096).array();
    Descriptor lock = new Descriptor(211, 0, 16, 4, 1, 0);
    Descriptor buffer = new Descriptor(7, 0, 16, 5, 0, 0);
    byte[] proxy = EtlWriter.buffer(16).putLong(0xffff8000L).putLong(-5).array();
    String text =
        imported(
            settings(),
            to -> {
              Session.start(to, 0, 1, 10);
              to.event(
                  0, Session.us(20), 8, ContextEvents.KERNEL_STREAMING, lock, null, null, data, 8);
              to.event(1, Session.us(21), 8, ContextEvents.KS_PROXY, buffer, null, null, proxy, 16);
              Session.allocate(to, 0, 2, 30, FRAME);
            });
    assertThat(text)
        .contains(
            "\n2 mark none t=20000 thread=8 detail={\"text\":\"KS_IoProbeandLock start\","
                + "\"provider\":\"Microsoft-Windows-KernelStreaming\",\"process\":4,"
                + "\"PinId\":\"0x1\",\"BufSize\":4096}\n")
        .contains("\"text\":\"KSProxyBuffer\"")
        .contains("\"Buffer\":\"0xffff8000\",\"TimeStamp\":\"-5\"}")
        .contains("\n4 allocate callback");
  }

  @Test
  void poolEventsOfATagBecomeATraceOfTheirOwn() throws IOException {
    Settings settings = settings();
    Consumer<EtlWriter> content =
        to -> {
          pool(to, 0, 0x11, 32, 30, "AVSh", 4096, 0x1000);
          pool(to, 1, 0x02, 32, 31, "AVSh", 100, 0x8000);
          pool(to, 1, 0x04, 32, 32, "Othr", 1, 0x9000);
          pool(to, 1, 0x11, 34, 40, "AVSh", 4096, 0x1000);
        };
    EtlWriter.write(etl, EtlWriter.buffers(settings, content));
    ImportReport report = Session.runPool(etl, trace, false, "AVSh");
    assertThat(Session.text(trace))
        .isEqualTo(
            """
            1 initialize callback t=30000 context=0x68535641 status=STATUS_SUCCESS framing={options=0x0 pool=NonPagedPool frames=0 size=0 align=0x0 reserved=0x0} detail={"pool_tag":"AVSh","pool_type":512}
            2 allocate callback t=30000 context=0x68535641 frame=0x1000 size=4096
            3 allocate callback t=31000 thread=77 context=0x68535641 frame=0x8000 size=100
            4 free callback t=40000 context=0x68535641 frame=0x1000
            """);
    assertThat(Session.metadata(trace).get("kstrace.pool_derived")).isEqualTo("true");
    assertThat(Session.metadata(trace).get("kstrace.order")).isEqualTo("inferred");
    assertThat(Session.metadata(trace).unplacedLosses()).isFalse();
    assertThat(report.calls()).isEqualTo(3);

    Session.runPool(etl, trace, true, "AVSh");
    assertThat(Session.text(trace)).contains("\n5 delete callback").contains("\n6 trace_end");

    settings.eventsLost = 3;
    EtlWriter.write(etl, EtlWriter.buffers(settings, content));
    Session.runPool(etl, trace, false, "AVSh");
    assertThat(Session.metadata(trace).unplacedLosses()).isTrue();
    assertThat(Session.text(trace)).contains("5 events_lost none t=40000 detail={\"count\":3,");

    assertThatThrownBy(() -> Session.runPool(etl, trace, false, "None"))
        .hasMessage(
            etl
                + ": holds no pool events with tag [None], and 4 with others; kstrace etl-info shows"
                + " what it holds");
  }

  private static void pool(
      EtlWriter to, int cpu, int type, int opcode, long us, String tag, long bytes, long address) {
    byte[] data =
        EtlWriter.buffer(24)
            .putInt(512)
            .put(tag.getBytes(java.nio.charset.StandardCharsets.US_ASCII))
            .putLong(bytes)
            .putLong(address)
            .array();
    to.kernel(cpu, Session.us(us), type, 0x0E, opcode, 2, data);
  }

  @Test
  void readsEveryKindOfRecord() throws IOException {
    byte[] data = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    EtlWriter.write(
        etl,
        EtlWriter.buffers(
            settings(),
            to -> {
              long us = 0;
              for (int type : new int[] {1, 2, 3, 4, 0x10, 0x11}) {
                to.kernel(0, Session.us(us++), type, 5, 6, 2, data);
                to.kernel(0, Session.us(us++), type, 5, 6, 0x8202, data);
              }
              for (int type : new int[] {0x0A, 0x14, 0x0B, 0x15}) {
                to.classic(0, Session.us(us++), type, ContextEvents.KS_PROXY, 6, data);
              }
              to.message(0, Session.us(us++), ContextEvents.KS_PROXY, 6, data);
            }));
    List<String> records = new ArrayList<>();
    try (EtlReader reader = EtlReader.open(etl, new LossLedger())) {
      assertThat(reader.next()).isTrue();
      while (reader.next()) {
        EtlRecord record = reader.record();
        assertThat(record.payload()).isEqualTo(data);
        assertThat(reader.clock().ns(record.ticks())).isEqualTo(1000L * records.size());
        records.add(record.kind() + " " + record.version() + " " + record.hasThread());
      }
    }
    assertThat(records)
        .containsExactly(
            "SYSTEM 2 true",
            "SYSTEM 2 true",
            "SYSTEM 2 true",
            "SYSTEM 2 true",
            "COMPACT 2 true",
            "COMPACT 2 true",
            "COMPACT 2 true",
            "COMPACT 2 true",
            "PERFINFO 2 false",
            "PERFINFO 2 false",
            "PERFINFO 2 false",
            "PERFINFO 2 false",
            "CLASSIC 2 true",
            "CLASSIC 2 true",
            "INSTANCE 2 true",
            "INSTANCE 2 true",
            "MESSAGE 0 true");
  }

  @Test
  void everyCutFileIsReadAsFarAsItGoesOrRefusedByName() throws IOException {
    Settings settings = settings();
    settings.bufferBytes = 1024;
    byte[] whole = EtlWriter.join(EtlWriter.buffers(settings, Session::whole));
    for (int length = 0; length <= whole.length; length += length < 1200 ? 1 : 37) {
      Files.write(etl, Arrays.copyOf(whole, length));
      try {
        Session.run(etl, trace);
        assertThat(Session.loss(trace, "torn_bytes")).isEqualTo(Integer.toString(length % 1024));
      } catch (MalformedTraceException e) {
        assertThat(e).hasMessageStartingWith(etl + ": ");
        assertThat(length).isLessThan(2048);
      }
    }
  }

  @Test
  void saysWhatIsWrongAndWhere() throws IOException {
    Files.write(etl, new byte[0]);
    assertRefused(": is empty; expected an .etl file");
    Files.writeString(etl, "no etl ".repeat(40));
    assertRefused(
        ": is no readable .etl file: the buffer at byte 0 has BufferSize=1696624494, expected 72 to"
            + " 16777216");
    byte[] file = EtlWriter.join(EtlWriter.buffers(settings(), Session::whole));
    file[0x48 + 7] = 9;
    Files.write(etl, file);
    assertRefused(
        ": is no .etl file: the record at byte 72 is no log-file header; expected a file that an"
            + " event tracing session wrote");
    EtlWriter.write(etl, EtlWriter.buffers(settings(), to -> {}));
    assertThatThrownBy(() -> Session.run(etl, trace))
        .hasMessageStartingWith(
            etl + ": holds no events of the probe (provider KsAllocTrace, ce25");
    assertThat(folder).isDirectoryNotContaining("glob:**/*.{arrow,part}");
  }

  private void assertRefused(String message) {
    assertThatThrownBy(() -> Session.run(etl, trace))
        .isInstanceOf(MalformedTraceException.class)
        .hasMessage(etl + message);
  }

  @Test
  void systemTimeAndCyclesAreClocksToo() throws IOException {
    Settings settings = settings();
    settings.clock = LogHeader.CLOCK_SYSTEM_TIME;
    assertThat(imported(settings, Session::whole))
        .contains("\n3 allocate callback t=30000..30000 ");
    assertThat(Session.metadata(trace).get("kstrace.clock")).isEqualTo("system_time");
    settings.clock = LogHeader.CLOCK_CYCLES;
    assertThat(imported(settings, Session::whole)).contains("\n3 allocate callback t=125..125 ");
    assertThat(Session.metadata(trace).get("kstrace.clock")).isEqualTo("cycles:2400000000");
  }
}
