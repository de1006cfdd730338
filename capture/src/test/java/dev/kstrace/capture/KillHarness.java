package dev.kstrace.capture;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceReader;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Kills recording processes at random moments, half of them while they write a footer, and looks
 * whether every event is in the file that was flushed before.
 *
 * <p>The victim tells through shared memory what it had flushed; see {@link KillVictim}. {@link
 * KillTest} says how to run it for long.
 */
final class KillHarness {
  private static final int LONGEST_LIFE_MILLIS = 300;
  private static final int LONGEST_FOOTER_MICROS = 400;

  private final Path folder;
  private final Random random;
  private int kills;
  private int files;
  private int cutFiles;
  private int killedAtFooter;
  private long events;
  private long flushed;

  KillHarness(Path folder, long seed) {
    this.folder = folder;
    this.random = new Random(seed);
  }

  @Override
  public String toString() {
    return String.format(
        "%,d kills, %,d traces (%,d cut, %,d killed between close and its return),"
            + " %,d events flushed before a kill, all read back; %,d read in all",
        kills, files, cutFiles, killedAtFooter, flushed, events);
  }

  /** Events that had been flushed when their process was killed. */
  long flushed() {
    return flushed;
  }

  /** Starts a victim, kills it after its first trace, and checks its traces. */
  void killOne() throws Exception {
    Path shared = folder.resolve("shared");
    try (FileChannel channel =
        FileChannel.open(
            shared, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      MappedByteBuffer memory =
          channel.map(FileChannel.MapMode.READ_WRITE, 0, KillVictim.SHARED_BYTES);
      memory.order(ByteOrder.nativeOrder());
      Process victim = start(shared);
      while (memory.getLong(KillVictim.READY) == 0) {
        if (!victim.isAlive()) {
          throw new AssertionError("the victim ended by itself: " + victim.exitValue());
        }
        TimeUnit.MICROSECONDS.sleep(500);
      }
      awaitMoment(memory);
      victim.destroyForcibly();
      victim.waitFor();
      kills++;
      int traces = (int) memory.getLong(KillVictim.TRACES);
      for (int i = 0; i < traces; i++) {
        check(i, memory);
      }
    }
    Files.delete(shared);
  }

  private Process start(Path shared) throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    return new ProcessBuilder(
            java,
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            KillVictim.class.getName(),
            folder.toString(),
            shared.toString(),
            Long.toString(random.nextLong()))
        .inheritIO()
        .start();
  }

  private void awaitMoment(MappedByteBuffer memory) throws InterruptedException {
    if (random.nextBoolean()) {
      TimeUnit.MILLISECONDS.sleep(random.nextInt(LONGEST_LIFE_MILLIS));
      return;
    }
    long closing = memory.getLong(KillVictim.CLOSING);
    while (memory.getLong(KillVictim.CLOSING) == closing) {
      Thread.onSpinWait();
    }
    TimeUnit.MICROSECONDS.sleep(random.nextInt(LONGEST_FOOTER_MICROS));
  }

  private void check(int trace, MappedByteBuffer memory) throws IOException {
    Path file = KillVictim.trace(folder, trace);
    long mustHave = memory.getLong(KillVictim.flushed(trace));
    long phase = memory.getLong(KillVictim.phase(trace));
    if (!Files.exists(file)) {
      require(phase == KillVictim.BEFORE && mustHave == 0, file, "is not there");
      return;
    }
    if (Files.size(file) == 0 && mustHave == 0) {
      Files.delete(file); // killed between the creation and the first byte
      return;
    }
    long rows = 0;
    boolean end = false;
    try (TraceReader reader = TraceReader.open(file)) {
      EventBatch batch = new EventBatch(4096);
      Map<Long, Long> next = new HashMap<>();
      while (reader.read(batch)) {
        for (int row = 0; row < batch.rows(); row++) {
          require(batch.seq(row) == ++rows, file, "seq=" + batch.seq(row) + " as row " + rows);
          end = batch.op(row) == Op.TRACE_END.code();
          if (batch.op(row) == Op.ALLOCATE.code()) {
            long due = next.merge(batch.context(row), 1L, Long::sum);
            require(batch.frame(row) == due, file, "frame=" + batch.frame(row) + " at row " + rows);
          }
        }
      }
      require(rows >= mustHave, file, "has " + rows + " of " + mustHave + " flushed events");
      boolean whole = reader.hasFooter() && end;
      require(whole || phase != KillVictim.CLOSED, file, "was closed and is cut");
      cutFiles += whole ? 0 : 1;
    }
    files++;
    killedAtFooter += phase == KillVictim.CLOSING_NOW ? 1 : 0;
    events += rows;
    flushed += mustHave;
    Files.delete(file);
  }

  private static void require(boolean holds, Path file, String fault) {
    if (!holds) {
      throw new AssertionError(file + ": " + fault);
    }
  }
}
