package dev.kstrace.replay;

import com.sun.management.OperatingSystemMXBean;
import dev.kstrace.capture.AllocatorDispatch.ContextOut;
import dev.kstrace.replay.host.HostTarget;
import dev.kstrace.replay.host.Natives;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceWriter;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * Prints the table of docs/native-targets.md: what a replayed call costs, against a plain loop in C
 * that makes the same calls of the same library, in one run and in turns. Processor times but for
 * one row, which tell more than time that passed where a machine has other things to do.
 *
 * <pre>
 *   mvn -q -Pbench -pl replay -am test-compile
 *   head -2 replay/target/bench.args > replay/target/java.args
 *   java @replay/target/java.args dev.kstrace.replay.ReplaySpeed
 * </pre>
 */
final class ReplaySpeed {
  private static final int CALLS = 1 << 25;
  private static final int LOOP_CALLS = 1 << 26;
  private static final int BATCH = 8_192;
  private static final int ALLOCATORS = 4;
  private static final int FRAMES = 8;
  private static final int EVENTS = 1 << 21;

  /** Where results go, so that the compiler may not leave the reading out. */
  static volatile long sink;

  private final Map<String, List<Double>> measured = new LinkedHashMap<>();

  private ReplaySpeed() {}

  /** Measures. */
  public static void main(String[] args) throws Exception {
    int rounds = args.length == 0 ? 5 : Integer.parseInt(args[0]);
    ReplaySpeed speed = new ReplaySpeed();
    Path library = Natives.plain("stack_frames.c", "-shared", "-fPIC", "-O2");
    Path loop = Natives.plain("plain_loop.c", "-O2");
    Path recording = Files.createTempFile("kstrace", ".arrow");
    try {
      record(recording);
      for (int round = -2; round < rounds; round++) {
        boolean counts = round >= 0; // before, the JVM compiles
        speed.loop(loop, library, counts);
        speed.transport(library, counts);
        for (String target : List.of("sim:default", "sim:slab")) {
          speed.replay("whole replay, " + target, recording, counts, () -> sim(target));
        }
        speed.replay(
            "whole replay, java: a stack of frames",
            recording,
            counts,
            () -> new DispatchTarget("java:SmallAllocator", new SmallAllocator(), () -> {}));
        speed.replay(
            "whole replay, native: Java's side",
            recording,
            counts,
            () -> Natives.start(library, "StackFramesDispatch"));
      }
    } finally {
      Files.deleteIfExists(recording);
    }
    speed.print(new PrintStream(System.out, true, StandardCharsets.UTF_8));
  }

  private static ReplayTarget sim(String name) {
    return ReplayTargets.parse(name, TraceMetadata.of(Map.of()), List.of());
  }

  private void add(boolean counts, String what, double ns) {
    if (counts) {
      measured.computeIfAbsent(what, unused -> new ArrayList<>()).add(ns);
    }
  }

  private static double hostCpu() {
    return ProcessHandle.current()
        .children()
        .mapToDouble(child -> child.info().totalCpuDuration().orElse(Duration.ZERO).toNanos())
        .sum();
  }

  private static double cpu() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  /** Those of the collector and the compiler included. */
  private static double cpuOfAllThreads() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
  }

  private void loop(Path loop, Path library, boolean counts) throws Exception {
    Process process =
        new ProcessBuilder(loop.toString(), library.toString(), Integer.toString(LOOP_CALLS))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException("the loop failed");
    }
    add(counts, "plain loop in C", Double.parseDouble(said.strip()));
  }

  private void transport(Path library, boolean counts) throws IOException {
    try (HostTarget host = Natives.start(library, "StackFramesDispatch")) {
      BatchTarget target = host;
      for (int i = 0; i < ALLOCATORS; i++) {
        ContextOut context = new ContextOut();
        target.initialize(i, new Framing(0, 0, 0, 0, 0, 0), context);
        target.bindAllocator(i, context.value, true);
      }
      double hostBefore = hostCpu();
      double before = cpu();
      long start = System.nanoTime();
      send(target, 0, 0);
      for (int from = BATCH, which = 1; from < CALLS; from += BATCH, which ^= 1) {
        send(target, which, from);
        receive(target, which ^ 1);
      }
      receive(target, (CALLS / BATCH - 1) & 1);
      double passed = (double) (System.nanoTime() - start) / CALLS;
      double java = (cpu() - before) / CALLS;
      double c = (hostCpu() - hostBefore) / CALLS;
      add(counts, "through the host: Java fills and reads", java);
      add(counts, "through the host: the host runs", c);
      add(counts, "through the host: both", java + c);
      add(counts, "through the host: time that passed, as both work at once", passed);
    }
  }

  private static void send(BatchTarget target, int which, int from) {
    CallBatch calls = target.begin(which);
    for (int i = from; i < from + BATCH; i++) {
      int op = (i & 1) == 0 ? CallBatch.ALLOCATE : CallBatch.FREE;
      int allocator = i >> 1 & 3;
      calls.add(op, 0, allocator, allocator, 0, 1, 0, i);
    }
    target.send(which);
  }

  private static void receive(BatchTarget target, int which) {
    if (target.receive(which) < BATCH) {
      throw new IllegalStateException("the target stopped");
    }
    CallBatch calls = target.batch(which);
    long sum = 0;
    for (int i = calls.count() - BATCH; i < calls.count(); i++) {
      sum += calls.outcome(i) + calls.value(i) + calls.bytes(i) + calls.irqlExit(i);
    }
    sink = sum;
  }

  private void replay(
      String what, Path recording, boolean counts, ReplayEngine.TargetSource targets)
      throws IOException {
    ReplayEngine engine = new ReplayEngine(ReplayOptions.DEFAULTS);
    try (ReplayTarget target = targets.open()) {
      double before = cpu();
      double allBefore = cpuOfAllThreads();
      engine.run(recording, target, null, true);
      add(counts, what + ", the thread that calls", (cpu() - before) / EVENTS);
      add(counts, what + ", all threads", (cpuOfAllThreads() - allBefore) / EVENTS);
    }
  }

  /** Frees and allocates of random frames, few enough for the allocator in C. */
  private static void record(Path file) throws IOException {
    Random random = new Random(1);
    EventBatch batch = new EventBatch(TraceWriter.BATCH_ROWS);
    boolean[][] live = new boolean[ALLOCATORS][FRAMES];
    try (TraceWriter writer = TraceWriter.create(file, TraceMetadata.of(Map.of()), true)) {
      for (int i = 0; i < EVENTS; i++) {
        int row = batch.rows();
        batch.setRows(row + 1);
        int allocator = i < ALLOCATORS ? i : random.nextInt(ALLOCATORS);
        int slot = random.nextInt(FRAMES);
        boolean free = live[allocator][slot];
        Op op = i < ALLOCATORS ? Op.INITIALIZE : free ? Op.FREE : Op.ALLOCATE;
        batch.begin(row, i, op.code(), Layer.CALLBACK.code(), 100L * i);
        batch.setTExit(row, 100L * i + 50);
        batch.setThread(row, allocator);
        batch.setIrqlEntry(row, 0);
        batch.setIrqlExit(row, 0);
        batch.setContext(row, 0xC000L + allocator);
        if (op == Op.INITIALIZE) {
          batch.setStatus(row, 0);
          batch.setFraming(row, new Framing(2, 0, FRAMES, 4096, 0, 0));
        } else {
          batch.setFrame(row, 0xFFFF_9A00_0000_0000L + ((long) (allocator * FRAMES + slot) << 12));
          live[allocator][slot] = !free;
        }
        if (batch.isFull() || i == EVENTS - 1) {
          writer.write(batch, 0, batch.rows());
          batch.clear();
        }
      }
    }
  }

  private void print(PrintStream out) {
    out.println("| ns for a call or event | min | median | max |");
    out.println("|---|---|---|---|");
    measured.forEach(
        (what, values) -> {
          double[] sorted = values.stream().mapToDouble(v -> v).sorted().toArray();
          out.printf(
              Locale.ROOT,
              "| %s | %.1f | %.1f | %.1f |%n",
              what,
              sorted[0],
              sorted[sorted.length / 2],
              sorted[sorted.length - 1]);
        });
    out.println("| Android memory_replay, for comparison; see the page | 7600 | - | 17600 |");
  }
}
