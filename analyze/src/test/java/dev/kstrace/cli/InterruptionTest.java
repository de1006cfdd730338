package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceText;
import dev.kstrace.traces.TraceWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Ctrl-C while a command writes: nothing that is half there stays, what was there before does, and
 * no temporary file is left.
 */
@Timeout(120)
final class InterruptionTest {
  private static final int EVENTS = 400_000;
  private static final String OLD = "what was there before";

  /** A build in the background of a shell ignores Ctrl-C, and so would whatever it starts. */
  private static final String LISTENING = "--default-signal=INT";

  /** Long inputs, made once. */
  @TempDir static Path inputs;

  @TempDir Path folder;

  private record Ended(int code, String err) {}

  @BeforeAll
  static void writeInputs() throws IOException, InterruptedException {
    assumeThat(Path.of("/dev/full")).as("Linux").exists();
    Process env = new ProcessBuilder("env", LISTENING, "true").start();
    assumeThat(env.waitFor()).as("env of coreutils 8.31 or newer").isZero();
    writeTrace(inputs.resolve("long.arrow"));
    Samples.write(inputs.resolve("other.arrow"), "@kstrace.clock=qpc\n1 mark t=1\n2 mark t=2\n");
    Cli cli = new Cli(inputs);
    Files.writeString(inputs.resolve("long.txt"), cli.run("text", "@long.arrow").out());
    byte[] etl = Files.readAllBytes(stored("capture/src/test/resources/etl", "lossy.etl"));
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.write(etl, 0, 1024); // the head; then the other buffers, again and again
    for (int i = 0; i < 15_000; i++) {
      all.write(etl, 1024, etl.length - 1024);
    }
    Files.write(inputs.resolve("long.etl"), all.toByteArray());
    Files.writeString(inputs.resolve("long-ftrace.txt"), ftrace());
    Files.writeString(inputs.resolve("long.xml"), xml());
  }

  private static Path stored(String place, String name) {
    Path root = Path.of("").toAbsolutePath();
    while (root.getParent() != null && !Files.isRegularFile(root.resolve("traces/pom.xml"))) {
      root = root.getParent();
    }
    return root.resolve(place).resolve(name);
  }

  /** One frame that comes and goes, and goes once more. */
  private static void writeTrace(Path file) throws IOException {
    TraceText.Parsed start =
        TraceText.parse(
            new StringReader(
                """
                @kstrace.complete_start=true
                @kstrace.clock=qpc
                1 pin_create t=0 pin=0x10
                2 initialize pin=0x10 context=0x20 status=STATUS_SUCCESS framing={frames=4 size=64}
                3 allocate context=0x20 frame=0x10000
                4 free context=0x20 frame=0x10000
                """),
            file);
    try (TraceWriter writer = TraceWriter.create(file, start.metadata(), true)) {
      EventBatch two = new EventBatch(4);
      start.events().subList(0, 2).forEach(two::add);
      writer.write(two);
      two.clear();
      start.events().subList(2, 4).forEach(two::add);
      EventBatch batch = new EventBatch(TraceWriter.BATCH_ROWS);
      for (int seq = 3; seq < EVENTS; seq += 2) {
        batch.copy(batch.rows(), two, 0);
        batch.setRows(batch.rows() + 1);
        batch.copy(batch.rows(), two, 1);
        batch.setRows(batch.rows() + 1);
        batch.setSeq(batch.rows() - 2, seq);
        batch.setSeq(batch.rows() - 1, seq + 1);
        if (batch.isFull()) {
          writer.write(batch);
          batch.clear();
        }
      }
      batch.copy(batch.rows(), two, 1); // freed twice at the end
      batch.setRows(batch.rows() + 1);
      batch.setSeq(batch.rows() - 1, EVENTS + 1);
      writer.write(batch);
    }
  }

  private static String ftrace() {
    StringBuilder text = new StringBuilder("# tracer: nop\n");
    for (int i = 0; i < 150_000; i++) {
      String head =
          String.format(
              Locale.ROOT, "x-107   [001] ..... %d.%06d: ", 3 + i / 100_000, 9 * i % 900_000);
      text.append(head).append("p1: (vb2_dma_sg_alloc+0x0/0x9 [m]) size=0x1000\n");
      text.append(head).append("r1: (q+0x1/0x2 [m] <- vb2_dma_sg_alloc) arg1=0xff10\n");
      text.append(head).append("p2: (vb2_dma_sg_put+0x0/0x9 [m]) mem=0xff10\n");
    }
    return text.toString();
  }

  /** Marks of the kernel-streaming provider, as tracerpt writes them. */
  private static String xml() {
    String event =
        """
        <Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>
        <Provider Guid="{548c4417-ce45-41ff-99dd-528f01ce0fe1}" /><EventID>202</EventID><TimeCreated
        SystemTime="2017-10-23T00:14:04.500000000+0159" /><Execution ProcessID="4" ThreadID="8"
        ProcessorID="0" /></System><EventData><Data Name="pIrp">0x1234</Data></EventData></Event>
        """;
    return "<Events>" + event.repeat(60_000) + "</Events>";
  }

  @BeforeEach
  void makeFolders() throws IOException {
    Files.createDirectory(folder.resolve("temporary"));
    Files.createDirectory(folder.resolve("work"));
  }

  private Path work(String name) {
    return folder.resolve("work").resolve(name);
  }

  private Process start(String line) throws IOException {
    return start(line, Map.of());
  }

  private Process start(String line, Map<String, String> environment) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "env",
                LISTENING,
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + folder.resolve("temporary"),
                "-cp",
                System.getProperty("java.class.path"),
                "dev.kstrace.cli.Main"));
    for (String word : line.split(" ", -1)) {
      String text = word.replace('\u00a0', ' ');
      command.add(text.startsWith("@") ? inputs.resolve(text.substring(1)).toString() : text);
    }
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.resolve("work").toFile())
            .redirectOutput(folder.resolve("out").toFile())
            .redirectError(folder.resolve("err").toFile());
    builder.environment().putAll(environment);
    builder.environment().put("KSTRACE_CACHE", folder.resolve("cache").toString());
    return builder.start();
  }

  /** What the command left in the folder for temporary files, but for what the driver unpacks. */
  private List<Path> temporary() throws IOException {
    return files(folder.resolve("temporary")).stream()
        .filter(file -> !file.getFileName().toString().startsWith("libduckdb"))
        .toList();
  }

  private static List<Path> files(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files.filter(file -> !file.equals(root)).toList();
    }
  }

  private List<Path> parts() throws IOException {
    return files(folder.resolve("work")).stream()
        .filter(file -> file.toString().contains(".part"))
        .toList();
  }

  private static void interrupt(Process process) throws IOException, InterruptedException {
    int killed = new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
    assertThat(killed).as("1 where it has ended").isBetween(0, 1);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
  }

  /** Runs a command and ends it a moment after it has begun to write. */
  private Ended interrupted(String line, long afterMillis) throws Exception {
    Process process = start(line);
    try {
      while (process.isAlive() && parts().isEmpty()) {
        Thread.sleep(2);
      }
      Thread.sleep(afterMillis);
      interrupt(process);
    } finally {
      process.destroyForcibly();
    }
    return ended(process);
  }

  private Ended ended(Process process) throws IOException {
    String err = Files.readString(folder.resolve("err"), StandardCharsets.UTF_8);
    return new Ended(process.exitValue(), JvmNoise.removed(err));
  }

  /** Whether an output came into being, in the place of an old one or not. */
  private boolean isThere(boolean again) throws IOException {
    return Files.exists(work("half"))
        && !(again
            && Files.size(work("half")) == OLD.length()
            && Files.readString(work("half")).equals(OLD));
  }

  /** What came into being before the signal did is as large as it is without one. */
  private void requireWhole(String line) throws Exception {
    Path half = Files.move(work("half"), folder.resolve("half"));
    assertThat(start(line).waitFor()).isIn(ExitCode.OK, ExitCode.FINDINGS);
    if (!line.contains("duckdb")) { // whose free pages differ from time to time
      assertThat(half).hasSize(Files.size(work("half")));
    }
    Files.delete(half);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cut @long.arrow --from 3 -o half",
        "recover @long.arrow -o half",
        "merge @long.arrow @other.arrow -o half",
        "text @long.txt -o half",
        "check @long.arrow -o half",
        "check @long.arrow --write-baseline half",
        "query @long.arrow -o half SELECT\u00a0*\u00a0FROM\u00a0calls",
        "query @long.arrow --format parquet -o half SELECT\u00a0*\u00a0FROM\u00a0calls",
        "report @long.arrow -o half",
        "report @long.arrow @other.arrow -o half",
        "export @long.arrow --format csv --table calls -o half",
        "export @long.arrow --format ndjson --table calls -o half",
        "export @long.arrow --format parquet --table calls -o half",
        "export @long.arrow --format duckdb -o half",
        "export @long.arrow --format perfetto -o half",
        "export @long.arrow --format chrome -o half",
        "export @long.arrow --format speedscope -o half",
        "export @long.arrow --format c-test --large -o half",
        "replay @long.arrow --target sim:default -o half",
        "replay @long.arrow --target sim:default --schedule 1 -o half",
        "capture etl @long.etl -o half",
        "capture ftrace @long-ftrace.txt -o half",
        "capture xml @long.xml -o half",
      })
  void leavesNoHalfFile(String line) throws Exception {
    int interrupted = 0;
    // A machine may be too slow to hit it in the middle; then the output is whole.
    int[] delays = {300, 120, 40, 10, 0, 0, 0}; // in the middle where it takes long
    for (int tries = 0; tries < delays.length && interrupted < 2; tries++) {
      boolean again = interrupted > 0;
      if (again) {
        Files.writeString(work("half"), OLD);
      }
      Ended ended = interrupted(again ? line + " -f" : line, delays[tries]);
      assertThat(ended.code())
          .as(ended.err())
          .isIn(ExitCode.INTERRUPTED, ExitCode.OK, ExitCode.FINDINGS);
      assertThat(parts()).isEmpty();
      if (isThere(again)) {
        requireWhole(line);
        Files.delete(work("half"));
        continue;
      }
      interrupted++;
      assertThat(ended).isEqualTo(new Ended(ExitCode.INTERRUPTED, "kstrace: interrupted\n"));
      assertThat(temporary()).isEmpty();
      assertThat(files(folder.resolve("work"))).hasSize(again ? 1 : 0);
    }
    assertThat(interrupted).as("times that it was interrupted").isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"csv", "ndjson", "parquet"})
  void leavesNoHalfFolder(String format) throws Exception {
    String line = "export @long.arrow --format " + format + " -o half";
    assertThat(interrupted(line, 300).code()).isEqualTo(ExitCode.INTERRUPTED);
    assertThat(files(folder.resolve("work"))).isEmpty();

    Files.createDirectory(work("half"));
    Files.writeString(work("half/calls." + format), OLD);
    assertThat(interrupted(line + " -f", 300).code()).isEqualTo(ExitCode.INTERRUPTED);
    assertThat(files(folder.resolve("work")))
        .containsExactlyInAnyOrder(work("half"), work("half/calls." + format));
    assertThat(work("half/calls." + format)).hasContent(OLD);
    assertThat(temporary()).isEmpty();
  }

  /** These write nothing, or only at their end; what they need meanwhile goes, too. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "replay @long.arrow --target sim:default --explore 1000",
        "minimize @long.arrow --rule double-free -o half",
        "diff @long.arrow @long.arrow",
        "explain @long.arrow 300000",
      })
  void leavesNoTemporaryFile(String line) throws Exception {
    Process process = start(line);
    try {
      assertThat(process.waitFor(800, TimeUnit.MILLISECONDS)).isFalse();
      interrupt(process);
    } finally {
      process.destroyForcibly();
    }

    assertThat(temporary()).isEmpty();
    assertThat(parts()).isEmpty();
  }

  /** A compiler that takes its time is ended, and what it had begun goes. */
  @Test
  void endsTheCompilerOfATarget() throws Exception {
    Path driver = Files.writeString(folder.resolve("driver.c"), "int x;\n");
    Path begun = folder.resolve("begun");
    Path compiler =
        Files.writeString(
            folder.resolve("cc"), "#!/bin/sh\necho $$ >'" + begun + "'\nexec sleep 100\n");
    assertThat(compiler.toFile().setExecutable(true)).isTrue();

    Process process =
        start("build-target " + driver + " -o half.so", Map.of("CC", compiler.toString()));
    try {
      while (process.isAlive() && !(Files.exists(begun) && Files.size(begun) > 0)) {
        Thread.sleep(10);
      }
      interrupt(process);
    } finally {
      process.destroyForcibly();
    }

    assertThat(ended(process)).isEqualTo(new Ended(ExitCode.INTERRUPTED, "kstrace: interrupted\n"));
    assertThat(files(folder.resolve("work"))).isEmpty();
    assertThat(files(folder.resolve("cache"))).noneMatch(file -> file.toString().endsWith(".o"));
    long compilers = Long.parseLong(Files.readString(begun).strip());
    assertThat(isGone(compilers)).as("the compiler has ended").isTrue();
  }

  /** The host of a target in C ends as well, and leaves nothing of what the two shared. */
  @Test
  void endsTheHostOfATarget() throws Exception {
    assumeThat(ExampleSandbox.hasCompiler()).as("a C compiler").isTrue();
    Path driver = stored("replay/src/test/c", "pool_frames.c");
    Process build = start("build-target " + driver + " -o " + folder.resolve("driver.so"));
    assertThat(build.waitFor()).isZero();
    List<Path> shared = shared();
    String target = "native:" + folder.resolve("driver.so") + " --table PoolAllocatorDispatch";

    // Built as well, so that the second time meets it at work.
    assertThat(interrupted("replay @long.arrow -o half --target " + target, 0).code())
        .isIn(ExitCode.INTERRUPTED, ExitCode.DIVERGED, ExitCode.OK);
    Process process =
        start("replay @long.arrow -o half -f --target " + target + " --pace recorded");
    ProcessHandle host;
    try {
      while (process.isAlive() && process.children().findAny().isEmpty()) {
        Thread.sleep(2);
      }
      host = process.children().findAny().orElseThrow();
      Thread.sleep(100);
      interrupt(process);
    } finally {
      process.destroyForcibly();
    }

    assertThat(ended(process)).isEqualTo(new Ended(ExitCode.INTERRUPTED, "kstrace: interrupted\n"));
    assertThat(isGone(host.pid())).as("the host has ended").isTrue();
    assertThat(parts()).isEmpty();
    assertThat(temporary()).isEmpty();
    assertThat(shared()).isEqualTo(shared);
  }

  private static boolean isGone(long pid) throws InterruptedException {
    for (int look = 0; look < 100; look++) {
      if (ProcessHandle.of(pid).isEmpty() || !ProcessHandle.of(pid).get().isAlive()) {
        return true;
      }
      Thread.sleep(50);
    }
    return false;
  }

  /** Files in memory, where a host and its replay share one. */
  private static List<Path> shared() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/dev/shm"))) {
      return files.filter(file -> file.getFileName().toString().startsWith("kstrace")).toList();
    }
  }

  /** A recording is worth having before it is whole. */
  @Test
  void keepsWhatWasRecorded() throws Exception {
    Process process =
        start("capture sim --profile bda-ts-50 --real-threads --frames 1000000000 -o cut.arrow");
    Path trace = work("cut.arrow");
    try {
      while (!Files.exists(trace) || Files.size(trace) < 4_000_000) {
        assertThat(process.isAlive()).isTrue();
        Thread.sleep(20);
      }
      interrupt(process);
    } finally {
      process.destroyForcibly();
    }

    assertThat(process.exitValue()).isEqualTo(ExitCode.INTERRUPTED);
    assertThat(folder.resolve("err"))
        .content()
        .endsWith("kstrace: interrupted; what was written so far is kept\n");
    Cli.Result info = new Cli(folder.resolve("work")).run("info", "@cut.arrow");
    assertThat(info.code()).as(info.err()).isZero();
    assertThat(info.out()).containsPattern("\n  end +cut \\(no (footer|trace_end)");
    assertThat(info.out()).containsPattern("\n  events +[0-9]+,[0-9,]+: ");
  }
}
