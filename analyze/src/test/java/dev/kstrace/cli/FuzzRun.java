package dev.kstrace.cli;

import com.sun.management.OperatingSystemMXBean;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs commands on hostile files, one file and one command a seed, in a process of its own whose
 * memory is bounded: {@code FuzzRun FOLDER FIRST_SEED RUNS}. Stops at the first crash, hang, stack
 * trace, unknown exit code or raw control character, and says the seed.
 */
final class FuzzRun {
  /** Processor time, since a long fuzz runs beside other work and may have to wait. */
  private static final long HANG_NANOS = TimeUnit.SECONDS.toNanos(30);

  /** And wall time, for a deadlock, which takes no processor time. */
  private static final long DEADLOCK_NANOS = TimeUnit.MINUTES.toNanos(10);

  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private static final Set<Integer> ALLOWED = Set.of(0, 1, 2, 3, 4, 5);
  private static final int FAILED = 9;

  private static volatile long current;
  private static volatile long since = System.nanoTime();
  private static volatile long cpuSince = SYSTEM.getProcessCpuTime();

  private FuzzRun() {}

  /** Runs; see the class. */
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    long first = Long.parseLong(args[1]);
    long runs = Long.parseLong(args[2]);
    watch();
    HostileFiles files = new HostileFiles(folder);
    Path good = Files.write(folder.resolve("good.arrow"), files.base(0));
    Path file = folder.resolve("hostile.arrow");
    Path out = folder.resolve("out.arrow");
    List<String[]> commands = ReadingCommands.of(file, good, out);
    Map<Integer, Long> codes = new TreeMap<>();
    long slowest = 0;
    long slowestSeed = first;
    for (long seed = first; seed < first + runs; seed++) {
      current = seed;
      since = System.nanoTime();
      cpuSince = SYSTEM.getProcessCpuTime();
      Files.write(file, files.of(seed));
      String[] command = commands.get((int) Long.remainderUnsigned(seed, commands.size()));
      Checked result = run(folder, command);
      String wrong = result.wrong();
      if (wrong != null) {
        System.out.println("seed " + seed + ": " + String.join(" ", command) + ": " + wrong);
        Runtime.getRuntime().halt(FAILED);
      }
      codes.merge(result.code(), 1L, Long::sum);
      long took = System.nanoTime() - since;
      if (took > slowest) {
        slowest = took;
        slowestSeed = seed;
      }
    }
    System.out.println(
        "seeds "
            + first
            + " to "
            + (first + runs - 1)
            + ": "
            + runs
            + " runs, exit codes "
            + codes
            + ", slowest "
            + TimeUnit.NANOSECONDS.toMillis(slowest)
            + " ms (seed "
            + slowestSeed
            + ")");
    Runtime.getRuntime().halt(0);
  }

  private static void watch() {
    Thread thread =
        new Thread(
            () -> {
              while (SYSTEM.getProcessCpuTime() - cpuSince < HANG_NANOS
                  && System.nanoTime() - since < DEADLOCK_NANOS) {
                try {
                  TimeUnit.MILLISECONDS.sleep(200);
                } catch (InterruptedException e) {
                  return;
                }
              }
              System.out.println("seed " + current + " hangs:");
              Thread.getAllStackTraces().values().stream()
                  .filter(stack -> stack.length > 3)
                  .forEach(stack -> System.out.println(List.of(stack)));
              Runtime.getRuntime().halt(FAILED);
            },
            "watchdog");
    thread.setDaemon(true);
    thread.start();
  }

  /** What a command left behind. */
  private record Checked(int code, PrintedText out, PrintedText err) {
    @Nullable String wrong() {
      if (!ALLOWED.contains(code)) {
        return "exit " + code + "\n" + err.beginning();
      }
      String raw = out.firstRaw() != null ? out.firstRaw() : err.firstRaw();
      return raw == null ? null : "prints raw " + raw;
    }
  }

  private static Checked run(Path folder, String[] command) {
    PrintedText out = new PrintedText();
    PrintedText err = new PrintedText();
    try (PrintStream outStream = new PrintStream(out, false, StandardCharsets.UTF_8);
        PrintStream errStream = new PrintStream(err, false, StandardCharsets.UTF_8)) {
      Console console =
          new Console(
              new ByteArrayInputStream(new byte[0]),
              outStream,
              errStream,
              false,
              false,
              Map.of(),
              folder,
              System::nanoTime,
              () -> LocalDate.EPOCH);
      int code = Main.run(console, command);
      outStream.flush();
      errStream.flush();
      return new Checked(code, out, err);
    }
  }
}
