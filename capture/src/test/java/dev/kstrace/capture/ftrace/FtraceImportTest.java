package dev.kstrace.capture.ftrace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kstrace.capture.Traces;
import dev.kstrace.capture.imports.ImportOptions;
import dev.kstrace.capture.imports.ImportReport;
import dev.kstrace.traces.MalformedTraceException;
import dev.kstrace.traces.ReadProgress;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FtraceImportTest {
  private static final String TWO_BUFFERS =
      """
      # tracer: nop
      # entries-in-buffer/entries-written: 9/9   #P:2
           my cap-[3]-107   (    100) [001] ..... 3.000001: p1: (vb2_dma_sg_alloc+0x0/0x9 [m]) size=0x1000
           my cap-[3]-107   (    100) [001] ..... 3.000002: r1: (q+0x1/0x2 [m] <- vb2_dma_sg_alloc) arg1=0xff10
           my cap-[3]-107   (    100) [001] ..... 3.000003: p1: (vb2_dma_sg_alloc+0x0/0x9 [m]) size=0x1000
           my cap-[3]-107   (    100) [001] ..... 3.000004: r1: (q+0x1/0x2 [m] <- vb2_dma_sg_alloc) arg1=0xfffffffffffffff4
                  other-9   [000] d..2. 3.000005: p2: (vb2_dma_sg_put+0x0/0x9 [m]) mem=0xff10
                  other-9   [000] d..2. 3.000006: vb2_qbuf: owner = 00ab, index = 1, timestamp = 0
                  other-9   [000] d..2. 3.000007: p2: (vb2_dma_sg_put+0x0/0x9 [m]) mem=0xff10
      CPU:1 [LOST 5 EVENTS]
                  other-9   [000] d..2. 3.000008: p2: (vb2_dma_sg_put+0x0/0x9 [m]) mem=0xff99
      """;

  @TempDir Path folder;
  private Path text;
  private Path trace;

  @BeforeEach
  void nameFiles() {
    text = folder.resolve("trace.txt");
    trace = folder.resolve("trace.arrow");
  }

  private ImportReport run(boolean whole) throws IOException {
    return FtraceImport.run(text, trace, new ImportOptions(true, whole, "test"), ReadProgress.NONE);
  }

  private String imported(String lines) throws IOException {
    Files.writeString(text, lines);
    run(false);
    StringBuilder all = new StringBuilder();
    for (TraceEvent event : Traces.read(trace)) {
      all.append(TraceText.format(event)).append('\n');
    }
    return all.toString();
  }

  @Test
  void goesByFunctionsAndTakesTheLastPutAsTheFree() throws IOException {
    assertThat(imported(TWO_BUFFERS))
        .isEqualTo(
            """
            1 initialize callback t=3000001000..3000001000 thread=107 context=0x1 status=STATUS_SUCCESS framing={options=0x0 pool=NonPagedPool frames=1 size=4096 align=0x0 reserved=0x0} detail={"text":"p1","size":"0x1000"}
            2 allocate callback t=3000001000..3000002000 thread=107 context=0x1 frame=0xffffc90000000000 size=4096 detail={"mem":"0xff10"}
            3 allocate callback t=3000003000..3000004000 thread=107 context=0x1 frame=0x0
            4 mark none t=3000005000 thread=9 detail={"text":"p2","mem":"0xff10"}
            5 mark none t=3000006000 thread=9 detail={"text":"vb2_qbuf","owner":"00ab","index":1,"timestamp":"0"}
            6 free callback t=3000007000 thread=9 context=0x1 frame=0xffffc90000000000
            7 delete callback t=3000007000 thread=9 context=0x1
            8 events_lost none t=3000007000 detail={"count":5,"cause":"ftrace: CPU:1 [LOST 5 EVENTS]"}
            9 mark none t=3000008000 thread=9 detail={"text":"p2","mem":"0xff99"}
            10 trace_end none t=3000008000 detail={}
            """);
  }

  @Test
  void aBufferThatIsNotPutLeavesTheEndOpenUnlessTheRecordingWasWhole() throws IOException {
    String leaking = TWO_BUFFERS.replace("mem=0xff10", "mem=0xff20");
    assertThat(imported(leaking)).doesNotContain("trace_end").doesNotContain("delete");
    run(true);
    assertThat(Traces.read(trace).stream().map(TraceText::format))
        .anyMatch(line -> line.contains(" delete callback"))
        .last()
        .asString()
        .contains("trace_end");
  }

  @Test
  void saysWhatIsWrongAndWhere() throws IOException {
    Files.writeString(text, "no\nftrace\0");
    assertThatThrownBy(() -> run(false))
        .isInstanceOf(MalformedTraceException.class)
        .hasMessage(text + ": is no text of ftrace: the line at byte 3 holds a zero byte");
    Files.writeString(text, "x".repeat(70_000));
    assertThatThrownBy(() -> run(false))
        .hasMessage(text + ": is no text of ftrace: the line at byte 0 is longer than 65536 bytes");
    Files.writeString(text, "# tracer: nop\n");
    assertThatThrownBy(() -> run(false))
        .hasMessageStartingWith(text + ": holds no events of the videobuf2 allocator; expected");
    assertThat(folder).isDirectoryNotContaining("glob:**/*.{arrow,part}");
  }

  /** The long form is described at EtlFuzzTest. */
  @Test
  void anyDamageIsReadOrRefused() throws IOException {
    int runs = Integer.getInteger("kstrace.fuzz.runs", 200);
    long first = Long.getLong("kstrace.fuzz.seed", 1);
    int refused = 0;
    for (long seed = first; seed < first + runs; seed++) {
      Random random = new Random(seed);
      StringBuilder damaged = new StringBuilder(TWO_BUFFERS);
      for (int i = random.nextInt(8); i >= 0; i--) {
        int at = random.nextInt(damaged.length());
        switch (random.nextInt(3)) {
          case 0 -> damaged.setCharAt(at, (char) random.nextInt(128));
          case 1 -> damaged.delete(at, Math.min(damaged.length(), at + random.nextInt(60)));
          default -> damaged.insert(at, damaged.substring(at, Math.min(damaged.length(), at + 90)));
        }
      }
      Files.writeString(text, damaged);
      try {
        run(random.nextBoolean());
      } catch (MalformedTraceException e) {
        refused++;
      } catch (IOException | RuntimeException e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
    System.out.printf(
        "FtraceImportTest: seeds %d to %d: %d refused%n", first, first + runs - 1, refused);
  }
}
