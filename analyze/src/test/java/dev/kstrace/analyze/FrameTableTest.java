package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameTableTest {
  private static final int CALLS = 20_000;

  /** Grows, forgets and grows again, and is asked for what it has and for what it has not. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void knowsTheFramesThatItWasGivenAndNoOther(int seed) {
    Random random = new Random(seed);
    FrameTable frames = new FrameTable(1);
    Map<Long, Long> ids = new HashMap<>();
    Map<Long, Boolean> live = new HashMap<>();
    for (long id = 1; id <= CALLS; id++) {
      long address = 0x1000L * (1 + random.nextInt(1 + (int) id));
      int slot = frames.find(address);
      assertThat(slot == FrameTable.ABSENT).isEqualTo(!ids.containsKey(address));
      if (slot != FrameTable.ABSENT) {
        assertThat(frames.frameId(slot)).isEqualTo(ids.get(address));
        assertThat(frames.isLive(slot)).isEqualTo(live.get(address));
      }
      if (frames.isLive(slot)) {
        frames.setState(slot, FrameTable.FREED);
      } else {
        slot = slot == FrameTable.ABSENT ? frames.add(address) : slot;
        frames.begin(slot, id, id, id, 0, 0, 0, FrameTable.LIVE);
        ids.put(address, id);
      }
      live.put(address, frames.isLive(slot));
      if (id % 3_000 == 0) {
        forget(frames, id - 1_000, ids, live);
      }
    }
    int walked = 0;
    for (int slot = frames.nextInUse(FrameTable.ABSENT);
        slot != FrameTable.ABSENT;
        slot = frames.nextInUse(slot)) {
      assertThat(frames.frameId(slot)).isEqualTo(ids.get(frames.address(slot)));
      walked++;
    }
    assertThat(walked).isEqualTo(ids.size());
  }

  private static void forget(
      FrameTable frames, long upTo, Map<Long, Long> ids, Map<Long, Boolean> live) {
    long spared = ids.keySet().stream().mapToLong(Long::longValue).min().orElseThrow();
    AddressFilter forgotten = new AddressFilter(1 << 16);
    frames.forget(upTo, address -> address == spared, forgotten);
    ids.entrySet()
        .removeIf(
            frame -> {
              long address = frame.getKey();
              boolean goes = !live.get(address) && frame.getValue() <= upTo && address != spared;
              assertThat(goes && !forgotten.mayContain(address)).isFalse();
              return goes;
            });
    live.keySet().retainAll(ids.keySet());
    assertThat(frames.count()).isEqualTo(ids.size());
  }
}
