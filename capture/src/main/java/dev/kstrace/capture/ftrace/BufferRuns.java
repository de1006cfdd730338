package dev.kstrace.capture.ftrace;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The first walk over a trace: which allocates belong together, and which put of a buffer is its
 * last. Both are known only from what comes later.
 *
 * <p>A queue allocates its buffers in one run: allocates of one size by one thread with nothing
 * else of that thread between them. A buffer has a reference by its owner and one by each mapping;
 * the put that frees it is the last one before its address is allocated again, or before the end.
 */
final class BufferRuns {
  /** One run: an allocator. */
  static final class Run {
    final long size;
    int buffers;
    int freed;

    Run(long size) {
      this.size = size;
    }
  }

  private record RunKey(int pid, long size) {}

  private final List<Run> runs = new ArrayList<>();
  private final List<Integer> runOfAllocate = new ArrayList<>();
  private final Map<RunKey, Integer> growing = new HashMap<>();
  private final Map<Integer, Integer> pending = new HashMap<>();
  private final Map<Long, Integer> lastPut = new HashMap<>();
  private final BitSet freeing = new BitSet();
  private int puts;
  private long largest;

  void accept(FtraceLine line) {
    Vb2Event event = Vb2Event.of(line);
    switch (event) {
      case ALLOCATE_ENTRY -> {
        Long size = line.number("size");
        begin(line.pid(), size == null ? 0 : size);
      }
      case ALLOCATE_RETURN -> end(line);
      default -> {
        growing.keySet().removeIf(key -> key.pid() == line.pid());
        Long buffer = event == Vb2Event.PUT ? Vb2Event.buffer(line) : null;
        if (buffer != null) {
          lastPut.put(buffer, puts++);
        }
      }
    }
  }

  private void begin(int pid, long size) {
    int run =
        growing.computeIfAbsent(
            new RunKey(pid, size),
            key -> {
              runs.add(new Run(size));
              return runs.size() - 1;
            });
    pending.put(pid, run);
    runOfAllocate.add(run);
    largest = Math.max(largest, size);
  }

  private void end(FtraceLine line) {
    Integer run = pending.remove(line.pid());
    Long buffer = Vb2Event.buffer(line);
    if (run == null || buffer == null || buffer == 0) {
      return;
    }
    runs.get(run).buffers++;
    Integer put = lastPut.remove(buffer);
    if (put != null) {
      freeing.set(put);
    }
  }

  /** Ends the walk. */
  void finish() {
    lastPut.values().forEach(freeing::set);
  }

  /** The run that the nth entered allocate belongs to, from 0 on. */
  Run runOf(int allocate) {
    return runs.get(runOfAllocate.get(allocate));
  }

  /** Number of a run, from 1 on. */
  int number(int allocate) {
    return runOfAllocate.get(allocate) + 1;
  }

  /** Whether the nth put of a known buffer, from 0 on, frees it. */
  boolean frees(int put) {
    return freeing.get(put);
  }

  /** All runs. */
  List<Run> runs() {
    return runs;
  }

  /** Size of the largest buffer in bytes. */
  long largest() {
    return largest;
  }

  /** Whether there was anything of videobuf2's allocator. */
  boolean isEmpty() {
    return runs.isEmpty() && puts == 0;
  }

  /** An allocate that was entered and has not returned. */
  record Entered(int allocate, long timeNs, @Nullable Long device) {}
}
