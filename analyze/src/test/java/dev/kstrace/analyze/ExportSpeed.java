package dev.kstrace.analyze;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Seconds, bytes and memory of every export, beside a plain copy of the trace: the measurement
 * behind {@code analyze/src/test/bench/export.sh}, which says how to call it.
 */
final class ExportSpeed {
  private static final List<List<String>> EXPORTS =
      List.of(
          List.of("parquet", "--table", "events"),
          List.of("parquet"),
          List.of("ndjson", "--table", "events"),
          List.of("csv", "--table", "events"),
          List.of("duckdb"),
          List.of("perfetto"),
          List.of("chrome"),
          List.of("speedscope"));

  private ExportSpeed() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    Path work = Path.of(args[1]);
    int rounds = Integer.parseInt(args[2]);
    long events = Long.parseLong(args[3]);
    LargeTraceGenerator.Shape shape =
        LargeTraceGenerator.Shape.valueOf(args[4].toUpperCase(Locale.ROOT));
    Path trace = work.resolve("trace.arrow");
    LargeTraceGenerator.write(trace, shape, events, 7);
    double[] copies = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      long begin = System.nanoTime();
      Files.copy(trace, work.resolve("copy"), StandardCopyOption.REPLACE_EXISTING);
      copies[i] = (System.nanoTime() - begin) / 1e9;
    }
    System.out.printf(
        Locale.ROOT,
        "%,d events, %s, %.1f bytes an event; a copy takes %s s%n",
        events,
        shape,
        (double) Files.size(trace) / events,
        range(copies));
    for (List<String> export : EXPORTS) {
      measure(args[0], trace, work.resolve("out"), export, rounds, events);
    }
  }

  private static void measure(
      String kstrace, Path trace, Path out, List<String> export, int rounds, long events)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(kstrace, "export", trace.toString()));
    command.addAll(List.of("-o", out.toString(), "--format"));
    command.addAll(export);
    double[] seconds = new double[rounds];
    long memory = 0;
    long bytes = 0;
    for (int i = 0; i < rounds; i++) {
      long begin = System.nanoTime();
      Process process = new ProcessBuilder(command).inheritIO().start();
      while (process.isAlive()) {
        memory = Math.max(memory, memory(process.pid()));
        Thread.sleep(5);
      }
      seconds[i] = (System.nanoTime() - begin) / 1e9;
      if (process.exitValue() != 0) {
        throw new IllegalStateException(command + " ended with " + process.exitValue());
      }
      bytes = delete(out);
    }
    System.out.printf(
        Locale.ROOT,
        "%-24s %s s, %.1f bytes an event, %,d MB of memory%n",
        String.join(" ", export),
        range(seconds),
        (double) bytes / events,
        memory >> 10);
  }

  /** Most memory of a process so far in kB; 0 where the system does not tell. */
  private static long memory(long pid) {
    try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
      return lines
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
          .findFirst()
          .orElse(0);
    } catch (IOException | java.io.UncheckedIOException e) {
      return 0;
    }
  }

  /** Deletes a file or a folder of files; gives the bytes that they had. */
  private static long delete(Path out) throws IOException {
    long bytes = 0;
    List<Path> files;
    try (Stream<Path> all = Files.walk(out)) {
      files = all.sorted(java.util.Comparator.reverseOrder()).toList();
    }
    for (Path file : files) {
      bytes += Files.isRegularFile(file) ? Files.size(file) : 0;
      Files.delete(file);
    }
    return bytes;
  }

  private static String range(double[] seconds) {
    double[] sorted = seconds.clone();
    Arrays.sort(sorted);
    return String.format(
        Locale.ROOT,
        "%.2f/%.2f/%.2f",
        sorted[0],
        sorted[sorted.length / 2],
        sorted[sorted.length - 1]);
  }
}
