package dev.kstrace.analyze;

import dev.kstrace.traces.Framing;
import dev.kstrace.traces.FramingEx;
import dev.kstrace.traces.PoolType;
import org.jspecify.annotations.Nullable;

/** What a pin asks for, looked at roughly: rules judge, this only spares them the ordinary. */
final class Wishes {
  private static final long ALL = 0xFFFF_FFFFL;

  private Wishes() {}

  /** Whether a create framing differs in nothing from what its pin asks for. */
  static boolean areMet(PinFraming asked, Framing framing) {
    for (FramingEx.Item item : asked.framing().items()) {
      boolean memory = isMet(item.memoryType(), framing.poolType());
      boolean frames = item.frames() == null || framing.frameLimit() >= item.frames();
      if (!memory || !frames || !contains(item.physical(), framing.frameBytes())) {
        return false;
      }
    }
    return true;
  }

  private static boolean isMet(@Nullable String memoryType, int poolType) {
    if ("KSMEMORY_TYPE_KERNEL_PAGED".equals(memoryType)) {
      return poolType == PoolType.PAGED_POOL;
    }
    return !"KSMEMORY_TYPE_KERNEL_NONPAGED".equals(memoryType)
        || poolType == PoolType.NON_PAGED_POOL
        || poolType == PoolType.NON_PAGED_POOL_NX;
  }

  private static boolean contains(FramingEx.Range range, long bytes) {
    Long min = range.min();
    Long max = range.max();
    Long stepping = range.stepping();
    return min == null
        || max == null
        || (min <= bytes
            && bytes <= max
            && (stepping == null || stepping <= 1 || (bytes - min) % stepping == 0));
  }

  /** Whether a framing has nothing that rules about its own values look at. */
  static boolean areOrdinary(FramingEx framing) {
    return !isZero(framing.ratioNumerator())
        && !isZero(framing.ratioDenominator())
        && !isSet(framing.pinFlags())
        && !isSet(framing.pinWeight())
        && framing.items().stream().allMatch(Wishes::isOrdinary);
  }

  private static boolean isOrdinary(FramingEx.Item item) {
    return !isSet(item.inPlaceWeight())
        && !isSet(item.notInPlaceWeight())
        && isOrdinary(item.physical())
        && isOrdinary(item.optimal());
  }

  private static boolean isOrdinary(FramingEx.Range range) {
    Long min = range.min();
    Long max = range.max();
    Long stepping = range.stepping();
    return min == null
        || max == null
        || min.equals(max)
        || (min == 0 && max == ALL)
        || (min < max && (stepping == null || stepping <= max - min));
  }

  private static boolean isZero(@Nullable Long value) {
    return value != null && value == 0;
  }

  private static boolean isSet(@Nullable Long value) {
    return value != null && value != 0;
  }
}
