package dev.kstrace.capture.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.capture.OnFull;
import dev.kstrace.traces.Compression;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The C probe; T1 and T2 are the levels of the ladder in {@code docs/instrument-your-driver.md}.
 * Each test needs what it names, and is skipped where that is not installed.
 */
final class ProbeTest {
  private static final String MINGW = "x86_64-w64-mingw32-gcc";
  private static final Path DDK = Path.of("/usr/share/mingw-w64/include/ddk");

  @TempDir Path folder;

  private static Path compileForWindows(Path program, String source, String... options)
      throws IOException, InterruptedException {
    Assumptions.assumeTrue(Files.isDirectory(DDK), "skipped: no open DDK headers in " + DDK);
    String[] all = new String[options.length + 3];
    all[0] = "-Wno-multichar"; // a pool tag is one
    all[1] = "-DNTDDI_VERSION=0x06010000";
    all[2] = "-I" + DDK;
    System.arraycopy(options, 0, all, 3, options.length);
    return CPrograms.compile(program, MINGW, source, all);
  }

  @Test
  void t1CompilesToAnObjectAndADriver() throws Exception {
    compileForWindows(folder.resolve("driver.obj"), "probe_driver.c", "-c");
    Path driver =
        compileForWindows(
            folder.resolve("driver.sys"),
            "probe_driver.c",
            "-nostdlib",
            "-shared",
            "-Wl,--subsystem,native",
            "-Wl,-e,DriverEntry",
            "-lntoskrnl",
            "-lhal");

    String imports =
        CPrograms.run(Map.of(), "x86_64-w64-mingw32-objdump", "-p", driver.toString()).output();
    assertThat(imports)
        .contains("(NT native)")
        .contains("EtwRegister", "EtwWriteTransfer", "EtwUnregister", "KeQueryPerformanceCounter")
        .doesNotContain("KERNEL32", "msvcrt");
  }

  @Test
  void t2RunsAsAWindowsProgramWithFourThreads() throws Exception {
    CPrograms.requireProgram("wine");
    Path program = compileForWindows(folder.resolve("threads.exe"), "probe_threads.c");
    Path trace = folder.resolve("wine.arrow");
    try (RunRecording recording = start(trace)) {
      CPrograms.Result result =
          CPrograms.run(
              Map.of(
                  RunRecording.VARIABLE,
                  recording.ring().toString(),
                  "WINEPREFIX",
                  folder.resolve("wine").toString(),
                  "WINEDEBUG",
                  "-all"),
              "wine",
              program.toString(),
              "4",
              "5000");
      assertThat(result.exitCode()).as(result.output()).isZero();
    }

    assertFramesAreFreedOnceAndLive(trace, 4 * 5000);
  }

  @Test
  void recordsFourThreadsOfAnyOtherSystem() throws Exception {
    Path program = CPrograms.compile(folder, "probe_threads.c");
    Path trace = folder.resolve("here.arrow");
    try (RunRecording recording = start(trace)) {
      CPrograms.Result result =
          CPrograms.run(
              Map.of(RunRecording.VARIABLE, recording.ring().toString()),
              program.toString(),
              "4",
              "20000");
      assertThat(result.exitCode()).as(result.output()).isZero();
    }

    assertFramesAreFreedOnceAndLive(trace, 4 * 20_000);
  }

  @Test
  void changesNothingThatPassesThrough() throws Exception {
    Path program = CPrograms.compile(folder, "probe_etw.c");

    CPrograms.Result result =
        CPrograms.run(Map.of(), program.toString(), folder.resolve("events").toString());

    assertThat(result)
        .isEqualTo(new CPrograms.Result(0, "4216 seqs, 4217 emitted, 1 failed, 4219 calls\n"));
  }

  private static RunRecording start(Path trace) throws IOException {
    return RunRecording.start(
        trace,
        TraceMetadata.of(Map.of()),
        RunRecording.options()
            .withBufferRows(1 << 16)
            .withOnFull(OnFull.BLOCK)
            .withFlushMillis(50)
            .withCompression(Compression.ZSTD));
  }

  /** In the order of seq no frame is handed out twice, and none is freed that is not live. */
  private static void assertFramesAreFreedOnceAndLive(Path trace, int allocates)
      throws IOException {
    Set<Long> live = new HashSet<>();
    int seen = 0;
    try (TraceReader reader = TraceReader.open(trace)) {
      EventBatch batch = new EventBatch(4096);
      while (reader.read(batch)) {
        for (int row = 0; row < batch.rows(); row++) {
          if (batch.op(row) == Op.ALLOCATE.code()) {
            assertThat(live.add(batch.frame(row))).as("allocate %d", batch.seq(row)).isTrue();
            seen++;
          } else if (batch.op(row) == Op.FREE.code()) {
            assertThat(live.remove(batch.frame(row))).as("free %d", batch.seq(row)).isTrue();
          }
        }
      }
    }
    assertThat(seen).isEqualTo(allocates);
    assertThat(live).isEmpty();
  }
}
