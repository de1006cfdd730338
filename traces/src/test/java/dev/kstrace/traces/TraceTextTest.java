package dev.kstrace.traces;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The text form: there and back, by hand, and wrong. */
class TraceTextTest {
  private static final Path NAME = Path.of("hand.txt");

  @TempDir Path folder;

  private static TraceText.Parsed parse(String text) throws IOException {
    return TraceText.parse(new StringReader(text), NAME);
  }

  private static TraceEvent one(String line) throws IOException {
    return parse(line).events().get(0);
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void readsWhatItWrote(long seed) throws IOException {
    List<TraceEvent> events = RandomEvents.of(seed, 400);
    String text = events.stream().map(TraceText::format).collect(Collectors.joining("\n"));
    assertThat(text.lines()).hasSameSizeAs(events);
    assertThat(parse(text).events()).isEqualTo(events);
  }

  @Test
  void writesAWholeTraceAndReadsItAgain() throws IOException {
    TraceMetadata metadata =
        TraceMetadata.of(Map.of("kstrace.host", " a\nb ", "a=b", "c=d", "#", "", "@x ", "\\"));
    List<TraceEvent> events = RandomEvents.mixed(3, 100);
    Path file = folder.resolve("a.arrow");
    try (TraceWriter writer = TraceWriter.create(file, metadata, false)) {
      writer.write(TraceFiles.batch(events));
    }
    StringBuilder text = new StringBuilder();
    try (TraceReader reader = TraceReader.open(file)) {
      TraceText.write(reader, text);
    }
    assertThat(parse(text.toString())).isEqualTo(new TraceText.Parsed(metadata, events));
  }

  /** The text of every column, by hand: a change of the form shows here. */
  @Test
  void keepsTheFormOfEveryColumn() throws IOException {
    TraceEvent full =
        TraceEvent.of(-1, Op.INITIALIZE, Layer.CALLBACK, -5)
            .tExit(350)
            .thread(-1)
            .irqlEntry(0)
            .irqlExit(2)
            .pin(0x10)
            .context(0)
            .frame(0xFFFF9A0000001000L)
            .size(-1)
            .status(NtStatus.INSUFFICIENT_RESOURCES)
            .framing(new Framing(2, 512, 8, -1, 0x3F, 0))
            .detail("{\"a\": 1}")
            .build();
    assertThat(TraceText.format(full))
        .isEqualTo(
            "18446744073709551615 initialize callback t=-5..350 thread=4294967295 irql=0>2"
                + " pin=0x10 context=0x0 frame=0xffff9a0000001000 size=18446744073709551615"
                + " status=STATUS_INSUFFICIENT_RESOURCES framing={options=0x2 pool=NonPagedPoolNx"
                + " frames=8 size=4294967295 align=0x3f reserved=0x0} detail={\"a\": 1}");
    TraceEvent bare = TraceEvent.ofCodes(0, 200, 9, 7).status(0xC0001234).build();
    assertThat(TraceText.format(bare)).isEqualTo("0 op#200 layer#9 t=7 status=0xC0001234");
    assertThat(one(TraceText.format(full))).isEqualTo(full);
    assertThat(one(TraceText.format(bare))).isEqualTo(bare);
  }

  @ParameterizedTest
  @CsvSource({"0>2, 0, 2", "1, 1, 1", "?>2, , 2", "2>?, 2, "})
  void writesTheIrqlAtEntryAndExit(String text, Integer entry, Integer exit) throws IOException {
    TraceEvent found = one("1 free callback t=0 irql=" + text);
    assertThat(found.irqlEntry()).isEqualTo(entry);
    assertThat(found.irqlExit()).isEqualTo(exit);
    assertThat(TraceText.format(found)).endsWith(" irql=" + text);
  }

  @Test
  void guessesWhatALineByHandLeavesOut() throws IOException {
    TraceText.Parsed parsed =
        parse(
            """
            # a comment
              @kstrace.origin = recorded

            1 initialize pin=0x10\tcontext=32 framing={frames=3 pool=1 size=0x1000}
            \t2   allocate   context=0x20   frame=4096
            3 free irp_method
            4 delete t=9 status=STATUS_PENDING
            5 pin_state detail={"to":1}
            6 op#0
            7 op#5
            """);
    assertThat(parsed.metadata().values())
        .isEqualTo(Map.of("kstrace.version", "1.0", "kstrace.origin ", " recorded"));
    assertThat(parsed.events())
        .containsExactly(
            TraceEvent.of(1, Op.INITIALIZE, Layer.CALLBACK, 1000)
                .tExit(1500)
                .pin(16)
                .context(32)
                .framing(new Framing(0, 1, 3, 4096, 0, 0))
                .build(),
            TraceEvent.of(2, Op.ALLOCATE, Layer.CALLBACK, 2000)
                .tExit(2500)
                .context(32)
                .frame(4096)
                .build(),
            TraceEvent.of(3, Op.FREE, Layer.IRP_METHOD, 3000).tExit(3500).build(),
            TraceEvent.of(4, Op.DELETE, Layer.CALLBACK, 9).status(NtStatus.PENDING).build(),
            TraceEvent.of(5, Op.PIN_STATE, Layer.NONE, 5000)
                .tExit(5500)
                .detail("{\"to\":1}")
                .build(),
            TraceEvent.ofCodes(6, 0, 0, 6000).tExit(6500).build(),
            TraceEvent.ofCodes(7, 5, 0, 7000).tExit(7500).build());
  }

  @Test
  void keepsAVersionThatTheTextNames() throws IOException {
    assertThat(parse("@kstrace.version=1.3").metadata().get("kstrace.version")).isEqualTo("1.3");
    assertThat(parse("").metadata().values()).isEqualTo(Map.of("kstrace.version", "1.0"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "x mark | seq=x is not a number, expected 12 or 0xc",
        "-1 mark | seq=-1 is not a number, expected 12 or 0xc",
        "18446744073709551616 mark | seq=18446744073709551616 is not a number, expected 12 or 0xc",
        "1 | the line ends early, expected seq, operation, key=value",
        "1 op#256 | op=256 is above 255",
        "1 mark nowhere | unknown layer nowhere, expected none, callback, irp_method or"
            + " function_table",
        "1 mark layer#999 | layer=999 is above 255",
        "1 mark t=soon | t=soon is not a time in ns",
        "1 mark t=1.. | t= is not a time in ns",
        "1 mark none t=1 pin | expected key=value at 'pin'",
        "1 mark none t=1 pin context=1 | expected key=value at 'pin context=1'",
        "1 mark none t=1 pin=0xg | pin=0xg is not a number, expected 12 or 0xc",
        "1 mark none t=1 pin=1 pin=2 | pin appears twice",
        "1 mark pin=1 t=2 | unknown key t, expected t, thread, irql, pin, context, frame, size,"
            + " status, framing or detail",
        "1 mark color=red | unknown key color, expected t, thread, irql, pin, context, frame, size,"
            + " status, framing or detail",
        "1 mark thread=4294967296 | thread=4294967296 is above 4294967295",
        "1 mark irql=256 | irql=256 is above 255",
        "1 mark status=STATUS_FINE | status=STATUS_FINE is not a number, expected 12 or 0xc",
        "1 mark status=0x100000000 | status=0x100000000 is above 4294967295",
        "1 mark framing=frames=1 | expected {...} at 'frames=1'",
        "1 mark framing={frames=1 | expected {...} at '{frames=1'",
        "1 mark framing={count=1} | unknown member count of framing, expected options, pool,"
            + " frames, size, align or reserved",
        "1 mark framing={pool=Big} | pool=Big is not a number, expected 12 or 0xc",
        "1 mark framing={size} | size= is not a number, expected 12 or 0xc",
        "1 mark detail=\\x | unknown escape \\x, expected \\\\, \\n or \\uXXXX",
        "1 mark detail=\\u12 | broken escape, expected \\u and four hexadecimal digits",
        "1 mark detail=\\u12G4 | broken escape, expected \\u and four hexadecimal digits",
        "@key | expected @key=value",
        "@=value | expected @key=value"
      })
  void namesTheLineAndWhatItExpected(String line, String reason) {
    assertThatThrownBy(() -> parse("# first\n\n" + line + "\n1 mark"))
        .isInstanceOf(MalformedTraceException.class)
        .hasMessage("%s", "hand.txt: line 3: " + reason);
  }

  @Test
  void listsTheOperationsWhereItKnowsNoneOfThatName() {
    assertThatThrownBy(() -> parse("1 alloc"))
        .hasMessage(
            "hand.txt: line 1: unknown operation alloc, expected initialize, allocate, free,"
                + " delete, pin_create, pin_close, pin_state, pin_reset, driver_unload, mark,"
                + " events_lost, trace_end or op#N");
  }

  @Test
  void saysThatALineEndsInsideAnEscape() {
    assertThatThrownBy(() -> parse("1 mark detail=\\"))
        .hasMessage(
            "hand.txt: line 1: the line ends inside an escape, expected \\\\, \\n or \\uXXXX");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\\b", "\\", "\\\\", "\\n", "\\u0041"})
  void escapesBackslashes(String text) {
    assertThat(Escapes.escape(text)).isEqualTo(text.replace("\\", "\\\\"));
    assertThat(Escapes.unescape(Escapes.escape(text))).isEqualTo(text);
  }

  @Test
  void keepsAnyTextOnOneLineThatATerminalShowsAsItIs() {
    Map<String, String> escaped = new TreeMap<>();
    for (int c = 0; c < 0x10000; c++) {
      String text = "a" + (char) c + "b";
      String shown = Escapes.escape(text);
      assertThat(Escapes.unescape(shown)).isEqualTo(text);
      if (!shown.equals(text)) {
        escaped.put(String.format("%04x", c), shown.substring(1, shown.length() - 1));
      }
    }
    for (String mustBe :
        "0000 0007 0008 0009 000b 000d 001b 007f 0085 009b 00ad 061c 200b 200e 200f 2028 2029 202a"
            .concat(" 202e 2060 2066 2069 feff d800 dfff e000 ffff")
            .split(" ", -1)) {
      assertThat(escaped).containsEntry(mustBe, "\\u" + mustBe);
    }
    assertThat(escaped).containsEntry("000a", "\\n").containsEntry("005c", "\\\\");
    for (int c = ' '; c < 0x7F; c++) {
      if (c != '\\') {
        assertThat(escaped).doesNotContainKey(String.format("%04x", c));
      }
    }
    assertThat(escaped).doesNotContainKeys("00a0", "00e9", "4e2d", "3000");
  }

  @ParameterizedTest
  @ValueSource(ints = {' ', '\t', 0xA0, 0x2003, 0x3000})
  void keepsSpacesAtBothEnds(int space) throws IOException {
    String text = Character.toString(space) + "a b" + Character.toString(space);
    TraceEvent event = TraceEvent.of(1, Op.MARK, Layer.NONE, 0).detail(text).build();
    String line = TraceText.format(event);
    assertThat(line.strip()).isEqualTo(line);
    assertThat(one(line)).isEqualTo(event);
  }

  @Test
  void keepsAnEmptyDetailApartFromNone() throws IOException {
    TraceEvent empty = TraceEvent.of(1, Op.MARK, Layer.NONE, 0).detail("").build();
    assertThat(one(TraceText.format(empty))).isEqualTo(empty);
    assertThat(one("1 mark").detail()).isNull();
  }

  /** Rewritten by -Dgolden.update=true, which fails the run. */
  @Test
  void writesTheGoldenText() throws Exception {
    Path golden = Path.of("src/test/resources/golden/small.txt");
    String text = Files.readString(golden, StandardCharsets.UTF_8);
    TraceText.Parsed parsed = parse(text);
    Path file = folder.resolve("a.arrow");
    try (TraceWriter writer = TraceWriter.create(file, parsed.metadata(), false)) {
      writer.write(TraceFiles.batch(parsed.events()));
    }
    StringBuilder found = new StringBuilder();
    try (TraceReader reader = TraceReader.open(file)) {
      TraceText.write(reader, found);
    }
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(golden, found);
      throw new AssertionError("rewrote " + golden);
    }
    assertThat(found).hasToString(text);
  }
}
