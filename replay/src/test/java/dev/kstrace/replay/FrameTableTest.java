package dev.kstrace.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.traces.LongIntMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameTableTest {
  /** A slot as the plain twin keeps it; in a list, the one handed out last in front. */
  private static final class Plain {
    final int slot;
    final int owner;
    final long address;
    long bytes;
    boolean live;

    Plain(int slot, int owner, long address) {
      this.slot = slot;
      this.owner = owner;
      this.address = address;
    }
  }

  private static String resolve(List<Plain> slots, int owner, long address) {
    Plain best = null;
    int bestRank = Integer.MAX_VALUE;
    long nearest = 0;
    for (Plain each : slots) {
      if (each.live && each.address > nearest && each.address < address) {
        nearest = each.address;
      }
    }
    for (Plain each : slots) {
      boolean own = each.owner == owner;
      int rank = Integer.MAX_VALUE;
      if (each.address == address) {
        rank = each.live ? (own ? 0 : 1) : (own ? 4 : 5);
      } else if (each.live && each.address == nearest && address - nearest < each.bytes) {
        rank = own ? 2 : 3;
      }
      if (rank < bestRank) {
        bestRank = rank;
        best = each;
      }
    }
    return best == null ? "-1+0" : best.slot + "+" + (address - best.address);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void resolvesAsItsPlainTwinDoes(long seed) {
    Random random = new Random(seed);
    AllocatorTable allocators = new AllocatorTable();
    for (int i = 0; i < 3; i++) {
      allocators.made(0xA0 + i, null);
    }
    FrameTable table = new FrameTable(allocators);
    List<Plain> slots = new ArrayList<>();
    // Until the first wrong address there is no order of addresses to keep.
    int quiet = random.nextInt(300);
    for (int step = 1; step < 2000; step++) {
      int owner = random.nextInt(4) - 1;
      long address = 0x1000 + 8L * random.nextInt(40);
      int found = table.find(owner, address);
      if (random.nextBoolean()) {
        long bytes = 8L * random.nextInt(4);
        int slot = table.allocate(owner, address, bytes, step);
        Plain plain = new Plain(slot, owner, address);
        slots.removeIf(each -> each.slot == slot);
        plain.live = true;
        plain.bytes = bytes;
        slots.add(0, plain);
        assertThat(found == FrameTable.NONE || found == slot).isTrue();
      } else if (found != FrameTable.NONE) {
        table.free(found);
        slots.stream().filter(each -> each.slot == found).forEach(each -> each.live = false);
      }
      if (step > quiet) {
        long asked = 0x1000 + 4L * random.nextInt(90);
        int slot = table.resolve(owner, asked);
        assertThat(slot + "+" + table.offset())
            .as("seed %d step %d owner %d address %x", seed, step, owner, asked)
            .isEqualTo(resolve(slots, owner, asked));
      }
    }
  }

  @Test
  void keepsAnAddressCheapHoweverManyAllocatorsHadIt() {
    AllocatorTable allocators = new AllocatorTable();
    FrameTable table = new FrameTable(allocators);
    int newest = FrameTable.NONE;
    for (int i = 0; i < 100_000; i++) {
      int allocator = allocators.made(i, null);
      newest = table.allocate(allocator, 0x5000, 64, i + 1L);
      if (i % 2 == 0) {
        table.free(newest);
      }
      allocators.delete(allocator);
    }
    assertThat(newest).isLessThan(64);
    table.allocate(allocators.made(0xA, null), 0x5000, 64, 100_001);
    assertThat(table.before()).isEqualTo(100_000);
  }

  @Test
  void mapsAnyNumberZeroIncluded() {
    LongIntMap map = new LongIntMap();
    assertThat(map.get(0)).isEqualTo(LongIntMap.ABSENT);
    for (int i = 0; i < 10_000; i++) {
      map.put(i * 0x9E3779B97F4A7C15L, i);
      map.put(-1L - i, i);
    }
    for (int i = 0; i < 10_000; i++) {
      assertThat(map.get(i * 0x9E3779B97F4A7C15L)).isEqualTo(i);
      assertThat(map.get(-1L - i)).isEqualTo(i);
    }
    assertThat(map.get(10_001L)).isEqualTo(LongIntMap.ABSENT);
  }
}
