package dev.kstrace.capture;

import dev.kstrace.traces.Compression;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.TraceMetadata;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Records one trace after the other until it is killed, and says through shared memory how far it
 * is:
 *
 * <pre>
 *   0   traces ended
 *   8   traces begun
 *   16  footers begun
 *   32  for each trace: seq flushed, phase
 * </pre>
 */
final class KillVictim {
  static final int READY = 0;
  static final int TRACES = 8;
  static final int CLOSING = 16;
  static final int SHARED_BYTES = 1 << 16;

  static final long BEFORE = 0;
  static final long CLOSING_NOW = 1;
  static final long CLOSED = 2;

  private static final int MOST_TRACES = (SHARED_BYTES - 32) / 16;

  private final Path folder;
  private final MappedByteBuffer memory;
  private final Random random;

  private KillVictim(Path folder, MappedByteBuffer memory, long seed) {
    this.folder = folder;
    this.memory = memory;
    this.random = new Random(seed);
  }

  static int flushed(int trace) {
    return 32 + 16 * trace;
  }

  static int phase(int trace) {
    return 40 + 16 * trace;
  }

  static Path trace(Path folder, int trace) {
    return folder.resolve("trace" + trace + ".arrow");
  }

  /** Folder, shared memory, seed. */
  public static void main(String[] args) throws Exception {
    try (FileChannel channel =
        FileChannel.open(Path.of(args[1]), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      MappedByteBuffer memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, SHARED_BYTES);
      memory.order(ByteOrder.nativeOrder());
      KillVictim victim = new KillVictim(Path.of(args[0]), memory, Long.parseLong(args[2]));
      for (int trace = 0; trace < MOST_TRACES; trace++) {
        victim.record(trace);
      }
    }
  }

  private void record(int trace) throws IOException, InterruptedException {
    memory.putLong(TRACES, trace + 1);
    memory.putLong(READY, trace);
    RecorderOptions options =
        RecorderOptions.background()
            .withBufferRows(1 << (6 + random.nextInt(8)))
            .withFlushMillis(1 + random.nextInt(8))
            .withOnFull(OnFull.BLOCK)
            .withCompression(random.nextInt(4) == 0 ? Compression.ZSTD : Compression.NONE);
    TraceRecorder recorder =
        TraceRecorder.open(
            trace(folder, trace), TraceMetadata.of(Map.of()), CallEnvironment.ofJvm(), options);
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(random.nextInt(60));
    List<Thread> threads = new ArrayList<>();
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      AllocatorDispatch allocator = recorder.wrap(new Counter());
      long context = i;
      int pause = random.nextInt(2) * random.nextInt(20_000);
      Thread thread = new Thread(() -> call(allocator, context, pause, end));
      thread.start();
      threads.add(thread);
    }
    while (threads.stream().anyMatch(Thread::isAlive)) {
      memory.putLong(flushed(trace), recorder.flushedSeq());
      LockSupport.parkNanos(50_000);
    }
    memory.putLong(phase(trace), CLOSING_NOW);
    memory.putLong(CLOSING, trace + 1);
    recorder.close();
    memory.putLong(flushed(trace), recorder.flushedSeq());
    memory.putLong(phase(trace), CLOSED);
  }

  private static void call(AllocatorDispatch allocator, long context, int pause, long end) {
    while (System.nanoTime() < end) {
      allocator.free(context, allocator.allocate(context));
      if (pause > 0) {
        LockSupport.parkNanos(pause);
      }
    }
  }

  /** Hands out 1, 2, 3 and so on, so that a missing or doubled event shows. */
  private static final class Counter implements AllocatorDispatch {
    private long last;

    @Override
    public int initialize(long pin, Framing framing, ContextOut context) {
      return 0;
    }

    @Override
    public void delete(long context) {}

    @Override
    public long allocate(long context) {
      return ++last;
    }

    @Override
    public void free(long context, long frame) {}
  }
}
