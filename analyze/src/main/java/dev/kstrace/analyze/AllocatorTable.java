package dev.kstrace.analyze;

import dev.kstrace.traces.LongIntMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All initialize events of a trace, and which allocator a context means. Not thread-safe. */
final class AllocatorTable {
  private static final int RECENT_BITS = 8;

  private final List<Allocator> all = new ArrayList<>();
  private final Map<Long, List<Allocator>> byContext = new HashMap<>();
  private final LongIntMap newest = new LongIntMap();

  /** Of the contexts asked for lately, the newest allocator, where the hash of a context says. */
  private final @Nullable Allocator[] recent = new @Nullable Allocator[1 << RECENT_BITS];

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
      recent[place(allocator.context)] = allocator;
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
    Allocator met = recent[place(context)];
    return met != null && met.contextValue == context ? met : search(context);
  }

  private @Nullable Allocator search(long context) {
    int index = newest.get(context);
    if (index == LongIntMap.ABSENT) {
      return null;
    }
    Allocator found = all.get(index);
    recent[place(context)] = found;
    return found;
  }

  private static int place(long context) {
    return (int) ((context * 0x9E3779B97F4A7C15L) >>> (Long.SIZE - RECENT_BITS));
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
