package dev.kstrace.replay;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Framing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Counts what became of the calls of each allocator, by its number. Not thread-safe. */
final class AllocatorTallies {
  /** What an initialize says. */
  private record Origin(long seq, @Nullable Long pin, long context, @Nullable Framing framing) {}

  private final List<Origin> origins = new ArrayList<>();
  private long[] calls = new long[16];
  private long[] differing = new long[16];
  private long[] leftOut = new long[16];

  /** An allocator of the recording begins; numbers come in ascending order. */
  void begin(int allocator, EventBatch in, int row) {
    Long pin = in.has(row, EventBatch.PIN) ? in.pin(row) : null;
    origins.add(new Origin(in.seq(row), pin, in.context(row), in.framing(row)));
    if (allocator >= calls.length) {
      int size = Math.max(allocator + 1, calls.length * 2);
      calls = Arrays.copyOf(calls, size);
      differing = Arrays.copyOf(differing, size);
      leftOut = Arrays.copyOf(leftOut, size);
    }
  }

  /** The target returned from a call. */
  void called(int allocator) {
    if (allocator != AllocatorTable.UNKNOWN) {
      calls[allocator]++;
    }
  }

  /** What came of the last call differs in something that callers may rely on. */
  void differs(int allocator) {
    if (allocator != AllocatorTable.UNKNOWN) {
      differing[allocator]++;
    }
  }

  /** A call was not made. */
  void leftOut(int allocator) {
    if (allocator != AllocatorTable.UNKNOWN) {
      leftOut[allocator]++;
    }
  }

  /** FrameSize of an allocator in bytes; 0 = none or unknown. */
  long frameBytes(int allocator) {
    Framing asked = framing(allocator);
    return asked == null ? 0 : asked.frameBytes();
  }

  /** Frames of an allocator that may be out at once; 0 = any number, or unknown. */
  long frameLimit(int allocator) {
    Framing asked = framing(allocator);
    return asked == null ? 0 : asked.frameLimit();
  }

  private @Nullable Framing framing(int allocator) {
    return allocator == AllocatorTable.UNKNOWN ? null : origins.get(allocator).framing;
  }

  /** All allocators, in the order of their initializes. */
  List<AllocatorSummary> summaries() {
    List<AllocatorSummary> all = new ArrayList<>();
    for (int i = 0; i < origins.size(); i++) {
      Origin origin = origins.get(i);
      all.add(
          new AllocatorSummary(
              origin.seq,
              origin.pin,
              origin.context,
              origin.framing,
              calls[i],
              differing[i],
              leftOut[i]));
    }
    return all;
  }
}
