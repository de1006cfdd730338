package dev.kstrace.analyze;

import dev.kstrace.traces.LongIntMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All initialize events of a trace, and which allocator a context means. Not thread-safe. */
final class AllocatorTable {
  private final List<Allocator> all = new ArrayList<>();
  private final Map<Long, List<Allocator>> byContext = new HashMap<>();
  private final LongIntMap newest = new LongIntMap();
  private final Map<Long, Allocator> leftByFailure = new HashMap<>();
  private boolean anyWithoutContext;

  /** All initialize events in file order. */
  List<Allocator> all() {
    return all;
  }

  void add(Allocator allocator) {
    all.add(allocator);
    if (!allocator.created) {
      if (allocator.leftContext != null) {
        leftByFailure.put(allocator.leftContext, allocator);
      }
      return;
    }
    if (allocator.context == null) {
      anyWithoutContext = true;
    } else {
      newest.put(allocator.context, allocator.index);
      byContext.computeIfAbsent(allocator.context, key -> new ArrayList<>(1)).add(allocator);
    }
  }

  /** Whether an allocator exists whose context was not observed: any context may be its own. */
  boolean anyWithoutContext() {
    return anyWithoutContext;
  }

  /**
   * The allocator that a context means: the newest live one, else the newest deleted one, else
   * null.
   */
  @Nullable Allocator find(long context) {
    Allocator last = newest(context);
    if (last == null || !last.deleted) {
      return last;
    }
    List<Allocator> candidates = withContext(context);
    for (int i = candidates.size() - 1; i >= 0; i--) {
      if (!candidates.get(i).deleted) {
        return candidates.get(i);
      }
    }
    return last;
  }

  /** The allocator that last got a context, dead or alive; null = none ever did. */
  @Nullable Allocator newest(long context) {
    int index = newest.get(context);
    return index == LongIntMap.ABSENT ? null : all.get(index);
  }

  /** The last failed initialize that left a value behind where a context belongs; null = none. */
  @Nullable Allocator leftBehind(long context) {
    return leftByFailure.get(context);
  }

  /** Forgets that a deleted allocator without frames that could still be freed had its context. */
  void retire(Allocator allocator) {
    if (allocator.context != null) {
      withContext(allocator.context).remove(allocator);
    }
  }

  /** The allocators that had a context, oldest first, without retired ones. */
  List<Allocator> withContext(long context) {
    return byContext.getOrDefault(context, List.of());
  }
}
