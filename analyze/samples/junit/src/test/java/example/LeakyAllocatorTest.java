package example;

import dev.kstrace.analyze.junit.RecordTrace;
import dev.kstrace.capture.AllocatorDispatch;
import dev.kstrace.capture.TraceRecorder;
import dev.kstrace.traces.Framing;
import org.junit.jupiter.api.Test;

/** Fails, although it asserts nothing: a frame is never given back. */
class LeakyAllocatorTest {
  @Test
  @RecordTrace
  void forgetsAFrame(TraceRecorder recorder) {
    AllocatorDispatch allocator = recorder.wrap(new RingAllocator());
    AllocatorDispatch.ContextOut context = new AllocatorDispatch.ContextOut();
    allocator.initialize(1, new Framing(2, 0, 4, 4096, 0xFFF, 0), context);
    recorder.mark("two frames, one of them freed");
    long first = allocator.allocate(context.value);
    allocator.allocate(context.value);
    allocator.free(context.value, first);
    allocator.delete(context.value);
  }
}
