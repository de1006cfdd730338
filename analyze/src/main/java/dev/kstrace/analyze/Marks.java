package dev.kstrace.analyze;

import dev.kstrace.traces.Detail;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The marks of a trace, and under which of them an event falls: under the last one that its own
 * thread made before it, or else under the last one of any thread. So one thread may name the tests
 * that others work for, and tests that run side by side may each name themselves.
 *
 * <p>Marks of imported traces, and those that a replay target's remarks become, are notes of what
 * else happened, and name nothing. Immutable.
 */
public final class Marks {
  private static final String NOTE = "note";

  private final Path file;
  private final NavigableMap<Long, Mark> all = new TreeMap<>(Long::compareUnsigned);
  private final Map<Long, NavigableMap<Long, Mark>> byThread = new HashMap<>();

  private Marks(Path file) {
    this.file = file;
  }

  /** The marks of a trace. */
  public static Marks of(TraceFacts facts) {
    Marks marks = new Marks(facts.file());
    if (!"imported".equals(facts.metadata().get(TraceMetadata.ORIGIN))) {
      facts.rows(Tables.MARKS).forEach(marks::add);
    }
    return marks;
  }

  private void add(@Nullable Object[] row) {
    Long seq = (Long) row[0];
    if (seq == null) {
      return;
    }
    Detail detail = Detail.parse((String) row[4]);
    if (detail.text(NOTE) != null) {
      return; // what a replay target has to say, see docs/native-targets.md
    }
    Mark mark = new Mark(seq, (String) row[3], detail.text("test"));
    all.put(seq, mark);
    Long thread = (Long) row[2];
    if (thread != null) {
      byThread.computeIfAbsent(thread, key -> new TreeMap<>(Long::compareUnsigned)).put(seq, mark);
    }
  }

  /** All marks, in order of seq. */
  public Collection<Mark> all() {
    return all.values();
  }

  /**
   * The findings with their marks.
   *
   * @throws IOException if the file, which tells the threads of events, cannot be read any more
   */
  List<Finding> name(List<Finding> findings) throws IOException {
    if (all.isEmpty() || findings.isEmpty()) {
      return findings;
    }
    Map<Long, Long> threads = byThread.size() > 1 ? threads(findings) : Map.of();
    return findings.stream()
        .map(finding -> finding.under(at(finding.seq(), threads.get(finding.seq()))))
        .toList();
  }

  /**
   * What was going on at an event.
   *
   * @param thread the event's thread; null = not recorded, or not worth knowing
   */
  @Nullable Mark at(long seq, @Nullable Long thread) {
    NavigableMap<Long, Mark> own = thread == null ? null : byThread.get(thread);
    Map.Entry<Long, Mark> last = own == null ? null : own.floorEntry(seq);
    if (last == null) {
      last = all.floorEntry(seq);
    }
    return last == null ? null : last.getValue();
  }

  private Map<Long, Long> threads(List<Finding> findings) throws IOException {
    Set<Long> wanted = new HashSet<>();
    findings.forEach(finding -> wanted.add(finding.seq()));
    Map<Long, Long> threads = new HashMap<>();
    try (TraceReader trace = TraceReader.open(file);
        ReadAhead batches = new ReadAhead(trace)) {
      for (PreparedBatch next = batches.next(); next != null; next = batches.next()) {
        EventBatch batch = next.events();
        for (int row = 0; row < batch.rows(); row++) {
          if (batch.has(row, EventBatch.THREAD) && wanted.contains(batch.seq(row))) {
            threads.putIfAbsent(batch.seq(row), Integer.toUnsignedLong(batch.thread(row)));
          }
        }
      }
    }
    return threads;
  }
}
