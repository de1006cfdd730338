package dev.kstrace.analyze;

import com.sun.management.OperatingSystemMXBean;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceReader;
import dev.kstrace.traces.TraceWriter;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * From file to verdict, against reading the same bytes and against decoding the same columns, in
 * one run: the measurement behind {@code analyze/src/test/bench/verdict.sh}, which says how to call
 * it.
 */
final class VerdictSpeed {
  private static final double MILLION = 1e6;
  private static final OperatingSystemMXBean SYSTEM =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final Path kstrace;
  private final int rounds;

  private VerdictSpeed(Path kstrace, int rounds) {
    this.kstrace = kstrace;
    this.rounds = rounds;
  }

  /** Something that is timed; returns what must not be optimized away. */
  private interface Work {
    long run() throws IOException, SQLException, InterruptedException;
  }

  /** Seconds of one measurement over all rounds. */
  private static final class Times {
    private final double[] seconds;
    private final double[] cpuSeconds;
    private double leastOwnCpu = Double.MAX_VALUE;
    private int count;

    Times(int rounds) {
      seconds = new double[rounds];
      cpuSeconds = new double[rounds];
    }

    void time(Work work) throws IOException, SQLException, InterruptedException {
      long begin = System.nanoTime();
      long cpu = SYSTEM.getProcessCpuTime();
      long own = THREADS.getCurrentThreadCpuTime();
      work.run();
      leastOwnCpu = Math.min(leastOwnCpu, (THREADS.getCurrentThreadCpuTime() - own) / 1e9);
      add((System.nanoTime() - begin) / 1e9, (SYSTEM.getProcessCpuTime() - cpu) / 1e9);
    }

    void add(double elapsed, double cpu) {
      seconds[count] = elapsed;
      cpuSeconds[count++] = cpu;
    }

    /** Of all threads, the compiler's included; hardly depends on what else the machine does. */
    double leastCpu() {
      return Arrays.stream(cpuSeconds).min().orElse(0);
    }

    double median() {
      double[] sorted = seconds.clone();
      Arrays.sort(sorted);
      return sorted[sorted.length / 2];
    }

    String range() {
      double[] sorted = seconds.clone();
      Arrays.sort(sorted);
      return String.format(
          Locale.ROOT, "%.3f / %.3f / %.3f", sorted[0], median(), sorted[sorted.length - 1]);
    }
  }

  /** Arguments: the launcher, a directory for the traces, rounds, then SHAPE:EVENTS each. */
  public static void main(String[] args) throws IOException, SQLException, InterruptedException {
    Path directory = Path.of(args[1]);
    VerdictSpeed speed = new VerdictSpeed(Path.of(args[0]), Integer.parseInt(args[2]));
    for (String work : List.of(args).subList(3, args.length)) {
      int colon = work.indexOf(':');
      LargeTraceGenerator.Shape shape =
          LargeTraceGenerator.Shape.valueOf(work.substring(0, colon).toUpperCase(Locale.ROOT));
      Path file = directory.resolve(shape + ".arrow");
      try {
        speed.measure(file, shape, Long.parseLong(work.substring(colon + 1)));
      } finally {
        Files.deleteIfExists(file);
      }
    }
  }

  private void measure(Path file, LargeTraceGenerator.Shape shape, long events)
      throws IOException, SQLException, InterruptedException {
    LargeTraceGenerator.write(file, shape, events, 1);
    Times read = new Times(rounds);
    Times scan = new Times(rounds);
    Times verdict = new Times(rounds);
    Times process = new Times(rounds);
    long peak = 0;
    Set<String> found = new TreeSet<>();
    for (int round = 0; round < rounds; round++) {
      read.time(() -> plainRead(file));
      scan.time(() -> scan(file));
      verdict.time(() -> judge(file, found));
      peak = Math.max(peak, check(file, process));
    }
    if (!found.containsAll(LargeTraceGenerator.PLANTED)) {
      throw new IllegalStateException(
          "planted " + LargeTraceGenerator.PLANTED + ", found " + found);
    }
    System.out.printf(
        Locale.ROOT,
        "%s, %,d events, %,d MB, seconds min / median / max of %d rounds%n",
        shape.name().toLowerCase(Locale.ROOT),
        events,
        Files.size(file) / 1_000_000,
        rounds);
    report("plain read", read, read, scan, events);
    report("column scan", scan, read, scan, events);
    report("verdict in a warm JVM", verdict, read, scan, events);
    report("kstrace check, whole process", process, read, scan, events);
    System.out.printf(
        Locale.ROOT,
        "  of the verdict in a warm JVM, the thread that tracks: %.1f ns CPU/event%n",
        verdict.leastOwnCpu * 1e9 / events);
    System.out.printf(
        Locale.ROOT, "  peak resident memory of kstrace check: %,d MiB%n%n", peak >> 20);
  }

  private static void report(String what, Times times, Times read, Times scan, long events) {
    System.out.printf(
        Locale.ROOT,
        "  %-29s %-23s %7.1f M events/s %7.2f x read %6.2f x scan %7.1f ns CPU/event%n",
        what,
        times.range(),
        events / times.median() / MILLION,
        times.median() / read.median(),
        times.median() / scan.median(),
        times.leastCpu() * 1e9 / events);
  }

  /** The bytes alone. On a page: some processors copy several times slower otherwise. */
  private static long plainRead(Path file) throws IOException {
    ByteBuffer chunk =
        ByteBuffer.allocateDirect((1 << 20) + 4096).alignedSlice(4096).slice(0, 1 << 20);
    long bytes = 0;
    try (FileChannel channel = FileChannel.open(file)) {
      while (channel.read(chunk.clear()) >= 0) {
        bytes += chunk.position();
      }
    }
    return bytes;
  }

  /** Every column into arrays, checksums checked, on one thread. */
  private static long scan(Path file) throws IOException {
    EventBatch batch = new EventBatch(TraceWriter.BATCH_ROWS / 4);
    long rows = 0;
    try (TraceReader trace = TraceReader.open(file)) {
      while (trace.read(batch)) {
        rows += batch.rows();
      }
    }
    return rows;
  }

  private static long judge(Path file, Set<String> found) throws IOException, SQLException {
    Verdict verdict = Judge.judge(TraceFacts.of(file), RulePack.builtIn());
    found.addAll(verdict.findings().stream().map(Finding::rule).collect(Collectors.toSet()));
    return verdict.findings().size();
  }

  /** Runs the command; the most memory it had, in bytes, 0 where the system does not tell. */
  private long check(Path file, Times times) throws IOException, InterruptedException {
    long begin = System.nanoTime();
    Process process =
        new ProcessBuilder(kstrace.toString(), "check", "-q", file.toString())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    Path status = Path.of("/proc", Long.toString(process.pid()), "status");
    long peak = 0;
    Duration cpu = Duration.ZERO;
    while (!process.waitFor(5, java.util.concurrent.TimeUnit.MILLISECONDS)) {
      peak = Math.max(peak, peakOf(status));
      cpu = process.info().totalCpuDuration().orElse(cpu);
    }
    times.add((System.nanoTime() - begin) / 1e9, cpu.toNanos() / 1e9);
    if (process.exitValue() != 1) {
      throw new IllegalStateException("kstrace check ended with " + process.exitValue());
    }
    return peak;
  }

  private static long peakOf(Path status) {
    try {
      for (String line : Files.readAllLines(status)) {
        if (line.startsWith("VmHWM:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
        }
      }
    } catch (IOException e) {
      return 0; // no such file system, or the process has just ended
    }
    return 0;
  }
}
