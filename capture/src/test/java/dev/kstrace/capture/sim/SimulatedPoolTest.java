package dev.kstrace.capture.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class SimulatedPoolTest {
  private static final int PAGE = SimulatedPool.PAGE_BYTES;

  private final SimulatedPool pool = new SimulatedPool(SimulatedPool.NON_PAGED_BASE);

  @Test
  void smallBlocksAreAlignedTo16BytesAndStayInTheirPage() {
    for (int bytes = 1; bytes <= PAGE - 16; bytes += 7) {
      long block = pool.allocate(bytes, 1);
      assertThat(block % 16).isZero();
      assertThat(block / PAGE).isEqualTo((block + bytes - 1) / PAGE);
      assertThat(pool.usableBytes(block)).isBetween((long) bytes, bytes + 15L);
    }
  }

  @Test
  void smallBlocksAreNotAllAlignedToMore() {
    boolean odd = false;
    for (int i = 0; i < 16; i++) {
      odd |= pool.allocate(1764, 1) % 64 != 0;
    }
    assertThat(odd).isTrue();
  }

  @Test
  void blocksOfAPageAndMoreAreAlignedToAPage() {
    for (int bytes : new int[] {4096, 4097, 9400, 230_400, 12_441_600}) {
      long block = pool.allocate(bytes, 1);
      assertThat(block % PAGE).isZero();
      assertThat(pool.usableBytes(block)).isBetween((long) bytes, bytes + PAGE - 1L);
    }
  }

  @Test
  void moreAlignmentThanThePoolGivesCostsSlack() {
    for (int alignment = 1; alignment <= 1 << 16; alignment *= 2) {
      for (int i = 0; i < 5; i++) {
        long block = pool.allocate(100, alignment);
        assertThat(block % alignment).isZero();
        assertThat(pool.usableBytes(block)).isGreaterThanOrEqualTo(100);
      }
    }
  }

  @Test
  void theBlockFreedLastIsUsedFirst() {
    long first = pool.allocate(9400, 1);
    long second = pool.allocate(9400, 1);
    pool.free(first);
    pool.free(second);
    assertThat(pool.allocate(9400, 1)).isEqualTo(second);
    assertThat(pool.allocate(9400, 1)).isEqualTo(first);
  }

  @Test
  void ignoresWhatItNeverGaveOut() {
    long block = pool.allocate(9400, 1);
    pool.free(block + 64);
    pool.free(block);
    pool.free(block);
    assertThat(pool.usableBytes(block)).isEqualTo(-1);
    assertThat(pool.allocate(9400, 1)).isEqualTo(block);
    assertThat(pool.allocate(9400, 1)).isNotEqualTo(block);
  }
}
