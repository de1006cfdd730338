package dev.kstrace.capture.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.capture.AllocatorDispatch;
import dev.kstrace.capture.AllocatorDispatch.ContextOut;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.NtStatus;
import dev.kstrace.traces.PoolType;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every allocator of the simulated device keeps, right calls or wrong ones. */
interface AllocatorContract {
  long PIN = 0xFFFF_A300_0000_0010L;
  int FRAMES = 6;

  /** A fresh allocator. */
  AllocatorDispatch create();

  /** Alignment masks that it honours. */
  default int[] masks() {
    return new int[] {0, 3, 0xF, 0x3F, 0xFF, 0xFFF};
  }

  /** Frame sizes from tiny to a 4K video frame, page multiples and not. */
  private static int[] sizes() {
    return new int[] {16, 1920, 4096, 8192, 9400, 47_040, 691_200, 12_441_600};
  }

  private static Framing framing(int bytes, int mask) {
    return new Framing(2, PoolType.NON_PAGED_POOL, FRAMES, bytes, mask, 0);
  }

  private static long open(AllocatorDispatch allocator, Framing framing) {
    ContextOut context = new ContextOut();
    assertThat(allocator.initialize(PIN, framing, context)).isEqualTo(NtStatus.SUCCESS);
    return context.value;
  }

  private static List<Long> frames(AllocatorDispatch allocator, long context, int count) {
    List<Long> frames = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      frames.add(allocator.allocate(context));
    }
    return frames;
  }

  private static void assertApart(List<Long> frames, int bytes) {
    List<Long> sorted = new ArrayList<>(frames);
    sorted.sort(Long::compareUnsigned);
    for (int i = 1; i < sorted.size(); i++) {
      assertThat(sorted.get(i) - sorted.get(i - 1)).isGreaterThanOrEqualTo(bytes);
    }
  }

  @Test
  default void framesAreApartAlignedAndInKernelSpace() {
    for (int mask : masks()) {
      for (int bytes : sizes()) {
        AllocatorDispatch allocator = create();
        long context = open(allocator, framing(bytes, mask));
        List<Long> frames = frames(allocator, context, FRAMES);
        assertThat(frames).allMatch(frame -> (frame & mask) == 0);
        assertThat(frames).allMatch(frame -> frame < 0 && frame >= 0xFFFF_8000_0000_0000L);
        assertApart(frames, bytes);
      }
    }
  }

  @Test
  default void framesOfTwoAllocatorsAreApart() {
    AllocatorDispatch allocator = create();
    long first = open(allocator, framing(9400, 0));
    long second = open(allocator, framing(9400, 0));
    assertThat(second).isNotEqualTo(first);
    List<Long> frames = frames(allocator, first, FRAMES);
    frames.addAll(frames(allocator, second, FRAMES));
    assertApart(frames, 9400);
  }

  @Test
  default void freedFramesAreUsedAgain() {
    AllocatorDispatch allocator = create();
    long context = open(allocator, framing(9400, 0));
    List<Long> frames = frames(allocator, context, FRAMES);
    allocator.free(context, frames.get(2));
    assertThat(allocator.allocate(context)).isEqualTo(frames.get(2));
  }

  @Test
  default void framesBeyondTheLimitAreNotRefused() {
    AllocatorDispatch allocator = create();
    long context = open(allocator, framing(8192, 0));
    List<Long> frames = frames(allocator, context, 3 * FRAMES);
    assertThat(frames).doesNotContain(0L);
    assertApart(frames, 8192);
  }

  @Test
  default void aDeletedContextGivesNoFrames() {
    AllocatorDispatch allocator = create();
    long context = open(allocator, framing(8192, 0));
    long frame = allocator.allocate(context);
    allocator.delete(context);
    assertThat(allocator.allocate(context)).isZero();
    allocator.free(context, frame);
    allocator.delete(context);
  }

  @Test
  default void wrongCallsThrowNothing() {
    AllocatorDispatch allocator = create();
    assertThat(allocator.allocate(0)).isZero();
    allocator.free(0, 0);
    allocator.delete(0);
    long context = open(allocator, framing(8192, 0));
    allocator.free(context, 0);
    allocator.free(context + 8, 1);
    allocator.delete(context + 8);
    assertThat(allocator.allocate(context)).isNotZero();
  }

  @Test
  default void equalCallsGiveEqualAnswers() {
    assertThat(play(create())).isEqualTo(play(create()));
  }

  private static List<Long> play(AllocatorDispatch allocator) {
    List<Long> answers = new ArrayList<>();
    SplitMix random = new SplitMix(5);
    long context = open(allocator, framing(47_040, 3));
    List<Long> live = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      if (!live.isEmpty() && random.oneIn(2)) {
        allocator.free(context, live.remove(random.below(live.size())));
      } else {
        long frame = allocator.allocate(context);
        answers.add(frame);
        if (frame != 0) {
          live.add(frame);
        }
      }
      if (random.oneIn(100)) {
        allocator.free(context, random.next());
      }
    }
    return answers;
  }
}
