package dev.kstrace.analyze;

import dev.kstrace.traces.TraceEvent;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The same run on another day: other addresses, times, thread ids and numbers, nothing else. What
 * has a meaning stays: NULL, the half of the address space, the alignment up to 256 MiB, and how
 * far two frames or two moments are apart.
 */
final class Reshuffle {
  private static final Pattern CONTEXT = Pattern.compile("\"context\":\"0x([0-9a-f]+)\"");
  private static final int HALF = 47;
  private static final long ALIGNED = 0x1000_0000L;

  private final long seqs;
  private final long times;
  private final long objects;
  private final long frames;
  private final Random random;
  private final Map<Integer, Integer> threads = new HashMap<>();
  private final Set<Integer> taken = new HashSet<>();

  private Reshuffle(List<TraceEvent> events, long seed) {
    random = new Random(seed * 0x9E3779B97F4A7C15L);
    seqs = random.nextInt(100_000);
    times = random.nextInt() * 1_000L;
    objects = ALIGNED * (1 + random.nextInt(0x1000));
    frames = distance(events, ALIGNED * (1 + random.nextInt(0x1000)));
  }

  /** The events of another day. */
  static List<TraceEvent> of(List<TraceEvent> events, long seed) {
    Reshuffle reshuffle = new Reshuffle(events, seed);
    return events.stream().map(reshuffle::move).toList();
  }

  private TraceEvent move(TraceEvent e) {
    TraceEvent.Builder moved =
        TraceEvent.ofCodes(e.seq() + seqs, e.op(), e.layer(), e.tEntry() + times)
            .framing(e.framing())
            .detail(detail(e.detail()));
    if (e.tExit() != null) {
      moved.tExit(e.tExit() + times);
    }
    if (e.thread() != null) {
      moved.thread(thread(e.thread()));
    }
    if (e.irqlEntry() != null) {
      moved.irqlEntry(e.irqlEntry());
    }
    if (e.irqlExit() != null) {
      moved.irqlExit(e.irqlExit());
    }
    if (e.pin() != null) {
      moved.pin(address(e.pin(), objects));
    }
    if (e.context() != null) {
      moved.context(address(e.context(), objects));
    }
    if (e.frame() != null) {
      moved.frame(address(e.frame(), frames));
    }
    if (e.size() != null) {
      moved.size(e.size());
    }
    if (e.status() != null) {
      moved.status(e.status());
    }
    return moved.build();
  }

  /** A note may name the context of an allocator. */
  private String detail(String detail) {
    Matcher context = CONTEXT.matcher(detail == null ? "" : detail);
    return context.find()
        ? context.replaceFirst(
            "\"context\":\"0x"
                + Long.toHexString(address(Long.parseUnsignedLong(context.group(1), 16), objects))
                + "\"")
        : detail;
  }

  /** A distance by which all frames can move and stay in their half of the address space. */
  private static long distance(List<TraceEvent> events, long wanted) {
    boolean fits =
        events.stream()
            .map(TraceEvent::frame)
            .allMatch(frame -> frame == null || (frame >>> HALF) == ((frame + wanted) >>> HALF));
    return fits ? wanted : 0;
  }

  private static long address(long address, long distance) {
    return address == 0 ? 0 : address + distance;
  }

  private int thread(int thread) {
    return threads.computeIfAbsent(
        thread,
        key -> {
          int other = random.nextInt(1 << 20);
          while (!taken.add(other)) {
            other++;
          }
          return other;
        });
  }
}
