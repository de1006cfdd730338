package dev.kstrace.traces;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Events of any content that the format can hold, by seed: every column, unknown operations and
 * layers, extreme numbers, awkward texts. They need not make sense together.
 */
final class RandomEvents {
  private static final long[] EXTREMES = {
    0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE, 0xFFFFFFFFL, 0x80000000L, 0xFFFF9A0000001000L
  };
  private static final int[] AWKWARD = {
    0, '\n', '\t', '\r', 0x1B, '"', '\\', '{', '}', '=', ' ', '#', '@', 0x7F, 0x85, 0xA0, 0xAD,
    0x200E, 0x202E, 0x2028, 0x2029, 0x2066, 0x3000, 0xFEFF, 0x1F600, 0x10FFFF, 0xE000, 0xE9
  };

  private final Random random;
  private final Map<Column, Double> presence = new EnumMap<>(Column.class);

  private RandomEvents(long seed) {
    random = new Random(seed);
    for (Column column : Column.values()) {
      presence.put(column, random.nextInt(5) / 4.0);
    }
  }

  /** Each seed has its own mixture: some columns always null, some never, some now and then. */
  static List<TraceEvent> of(long seed, int count) {
    RandomEvents source = new RandomEvents(seed);
    List<TraceEvent> events = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      events.add(source.event());
    }
    return events;
  }

  /** Events of which every column is now and then null and now and then not. */
  static List<TraceEvent> mixed(long seed, int count) {
    RandomEvents source = new RandomEvents(seed);
    source.presence.replaceAll((column, before) -> 0.5);
    List<TraceEvent> events = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      events.add(source.event());
    }
    return events;
  }

  private TraceEvent event() {
    return new TraceEvent(
        number(),
        random.nextInt(3) == 0 ? random.nextInt(256) : 1 + random.nextInt(4),
        random.nextInt(4) == 0 ? random.nextInt(256) : random.nextInt(4),
        number(),
        maybe(Column.T_EXIT, this::number),
        maybe(Column.THREAD, this::word),
        maybe(Column.IRQL_ENTRY, () -> random.nextInt(256)),
        maybe(Column.IRQL_EXIT, () -> random.nextInt(256)),
        maybe(Column.PIN, this::number),
        maybe(Column.CONTEXT, this::number),
        maybe(Column.FRAME, this::number),
        maybe(Column.SIZE, this::number),
        maybe(Column.STATUS, this::status),
        maybe(Column.FRAMING, this::framing),
        maybe(Column.DETAIL, this::text));
  }

  private <T> @Nullable T maybe(Column column, Supplier<T> value) {
    return random.nextDouble() < presence.getOrDefault(column, 1.0) ? value.get() : null;
  }

  private long number() {
    return switch (random.nextInt(3)) {
      case 0 -> EXTREMES[random.nextInt(EXTREMES.length)];
      case 1 -> random.nextInt(1 << 16);
      default -> random.nextLong();
    };
  }

  private int word() {
    return (int) number();
  }

  private int status() {
    List<Integer> known = List.copyOf(NtStatus.names().keySet());
    return random.nextBoolean() ? known.get(random.nextInt(known.size())) : word();
  }

  private Framing framing() {
    return new Framing(word(), random.nextInt(600), word(), word(), word(), word());
  }

  private String text() {
    int length = random.nextInt(20) == 0 ? 3000 : random.nextInt(12);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.appendCodePoint(
          random.nextBoolean()
              ? AWKWARD[random.nextInt(AWKWARD.length)]
              : ' ' + random.nextInt('~' - ' '));
    }
    return text.toString();
  }
}
