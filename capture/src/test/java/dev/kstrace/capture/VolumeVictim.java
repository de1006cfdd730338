package dev.kstrace.capture;

import dev.kstrace.traces.TraceMetadata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * A host whose trace lies on a volume that fails in mid-run: records until that is noticed, goes on
 * for a while, and prints what it was told, whether its calls worked, and how much of what was
 * flushed can be read: {@code VolumeVictim FOLDER [COMMAND...]}. The command breaks the volume;
 * without one it is small enough to become full.
 */
final class VolumeVictim {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

  private VolumeVictim() {}

  /** Folder, and the command that breaks the volume. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Path file = Path.of(args[0]).resolve("trace.arrow");
    List<String> command = List.of(args).subList(1, args.length);
    List<String> told = new CopyOnWriteArrayList<>();
    RecorderOptions options =
        RecorderOptions.background().withFlushMillis(5).withReporter(told::add);
    TraceRecorder recorder =
        TraceRecorder.open(file, TraceMetadata.of(Map.of()), CallEnvironment.ofJvm(), options);
    AllocatorDispatch allocator = recorder.wrap(new MallocAllocator());
    call(allocator, 1000);
    boolean flushed = recorder.flush();
    if (!command.isEmpty()) {
      Process process = new ProcessBuilder(command).inheritIO().start();
      System.out.println("command " + process.waitFor());
    }
    long start = System.nanoTime();
    while (recorder.failure() == null && System.nanoTime() - start < PATIENCE_NANOS) {
      call(allocator, 1000);
    }
    call(allocator, 1000);
    recorder.close();
    System.out.println("flushed " + flushed);
    told.forEach(sentence -> System.out.println(sentence.replace(file.toString(), "FILE")));
    long kept = Traces.read(file).size();
    System.out.println(
        "readable " + (kept >= 2000 && kept >= recorder.flushedSeq() ? "all flushed" : kept));
    System.out.println("size " + (Files.size(file) > 0));
  }

  private static void call(AllocatorDispatch allocator, int times) {
    for (int i = 0; i < times; i++) {
      long frame = allocator.allocate(1);
      if (frame == 0) {
        throw new IllegalStateException("the host's allocator failed");
      }
      allocator.free(1, frame);
    }
  }
}
