package dev.kstrace.replay.order;

import dev.kstrace.capture.sim.SplitMix;
import java.util.BitSet;

/** Chooses the next thread of an order. Not thread-safe. */
interface Choice {
  /**
   * Chooses.
   *
   * @param place of the next event in the order, ascending from 0
   * @param ready threads that can go on, at least one
   */
  int next(int place, int[] ready, int count);

  /** Every thread is as likely as any other. */
  static Choice uniform(SplitMix random) {
    return (place, ready, count) -> ready[random.below(count)];
  }

  /** The thread of the highest priority, with a few falls at random places. */
  static Choice priority(SplitMix random, int threads, int events) {
    int[] priority = new int[threads];
    for (int i = 0; i < threads; i++) {
      int other = random.below(i + 1);
      priority[i] = priority[other];
      priority[other] = i + 1;
    }
    BitSet falls = new BitSet();
    for (int i = 1 + random.below(4); i > 0; i--) {
      falls.set(random.below(events));
    }
    int[] lowest = {0};
    return (place, ready, count) -> {
      int best = highest(priority, ready, count);
      if (falls.get(place)) {
        priority[best] = --lowest[0];
        best = highest(priority, ready, count);
      }
      return best;
    };
  }

  private static int highest(int[] priority, int[] ready, int count) {
    int best = ready[0];
    for (int i = 1; i < count; i++) {
      best = priority[ready[i]] > priority[best] ? ready[i] : best;
    }
    return best;
  }
}
