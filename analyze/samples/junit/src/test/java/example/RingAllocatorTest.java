package example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kstrace.analyze.junit.MaxOutstanding;
import dev.kstrace.analyze.junit.RecordTrace;
import dev.kstrace.capture.AllocatorDispatch;
import dev.kstrace.traces.Framing;
import org.junit.jupiter.api.Test;

/** Passes: each frame is given back once, the allocator is deleted. */
@RecordTrace
class RingAllocatorTest {
  private final AllocatorDispatch allocator = new RingAllocator();

  @Test
  @MaxOutstanding(4)
  void handsOutAsManyFramesAsItsFramingSays() {
    AllocatorDispatch.ContextOut context = new AllocatorDispatch.ContextOut();
    allocator.initialize(1, new Framing(2, 0, 4, 4096, 0xFFF, 0), context);
    long[] frames = new long[4];
    for (int i = 0; i < frames.length; i++) {
      frames[i] = allocator.allocate(context.value);
    }
    assertEquals(0, allocator.allocate(context.value));
    for (long frame : frames) {
      allocator.free(context.value, frame);
    }
    allocator.delete(context.value);
  }
}
