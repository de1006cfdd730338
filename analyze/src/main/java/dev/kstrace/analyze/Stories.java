package dev.kstrace.analyze;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The events that tell how something came about: the initialize of its allocator, what happened to
 * its frame (or context, or pin) before, the event itself, and what followed.
 */
public final class Stories {
  private static final int BEFORE = 5;
  private static final int AFTER = 2;

  private final Map<Finding, Story> stories = new HashMap<>();
  private final Map<Long, List<Story>> bySeq = new HashMap<>();
  private final Map<Integer, Map<Long, List<Story>>> byKey = new TreeMap<>();
  private final List<Story> ofAll = new ArrayList<>();

  /**
   * What a story is about.
   *
   * @param seq the event
   * @param seqs further events that belong to it
   * @param allocId the allocator whose initialize and delete belong to it; null = none
   * @param bit which column of an event ties it to the story, as in {@link EventBatch}
   * @param key its value; null = every event is tied to it
   * @param before how many tied events are told before the event, those next to it
   * @param after how many after it
   */
  record Subject(
      long seq,
      List<Long> seqs,
      @Nullable Long allocId,
      int bit,
      @Nullable Long key,
      int before,
      int after) {
    private static Subject of(Finding finding) {
      boolean framed = finding.frame() != null && finding.frame() != 0;
      return new Subject(
          finding.seq(),
          finding.relatedSeqs(),
          finding.allocId(),
          EventBatch.FRAME,
          framed ? finding.frame() : Long.valueOf(0),
          framed ? BEFORE : 0,
          framed ? AFTER : 0);
    }
  }

  private static final class Story {
    final Subject subject;
    final List<TraceEvent> wanted = new ArrayList<>();
    final Deque<TraceEvent> before = new ArrayDeque<>();
    final List<TraceEvent> after = new ArrayList<>();
    boolean blamedSeen;

    Story(Subject subject) {
      this.subject = subject;
    }

    void tied(EventBatch batch, int row) {
      if (!blamedSeen) {
        before.add(batch.event(row));
        if (before.size() > subject.before) {
          before.remove();
        }
      } else if (after.size() < subject.after && batch.seq(row) != subject.seq) {
        after.add(batch.event(row));
      }
    }

    /** All events, in order of seq. */
    List<TraceEvent> events() {
      Map<Long, TraceEvent> all = new HashMap<>();
      for (List<TraceEvent> part : List.of(wanted, List.copyOf(before), after)) {
        part.forEach(event -> all.putIfAbsent(event.seq(), event));
      }
      return all.values().stream()
          .sorted(Comparator.comparingLong(event -> event.seq() + Long.MIN_VALUE))
          .toList();
    }
  }

  private Stories() {}

  /**
   * Reads the trace once and collects the stories of some findings.
   *
   * @throws IOException if the file cannot be read any more
   */
  public static Stories of(TraceFacts facts, List<Finding> findings) throws IOException {
    Stories stories = new Stories();
    for (Finding finding : findings) {
      stories.stories.put(finding, stories.want(facts, Subject.of(finding)));
    }
    if (!findings.isEmpty()) {
      stories.read(facts.file());
    }
    return stories;
  }

  /** One story, in order of seq. */
  static List<TraceEvent> around(TraceFacts facts, Subject subject) throws IOException {
    Stories stories = new Stories();
    Story story = stories.want(facts, subject);
    stories.read(facts.file());
    return story.events();
  }

  /** The first event of a number, or null where there is none. */
  static @Nullable TraceEvent event(Path file, long seq) throws IOException {
    try (TraceReader trace = TraceReader.open(file);
        ReadAhead batches = new ReadAhead(trace)) {
      for (PreparedBatch next = batches.next(); next != null; next = batches.next()) {
        EventBatch batch = next.events();
        for (int row = 0; row < batch.rows(); row++) {
          if (batch.seq(row) == seq) {
            return batch.event(row);
          }
        }
      }
    }
    return null;
  }

  private Story want(TraceFacts facts, Subject subject) {
    Story story = new Story(subject);
    Set<Long> seqs = new HashSet<>(subject.seqs());
    seqs.add(subject.seq());
    Long allocId = subject.allocId();
    if (allocId != null) {
      Allocator allocator = facts.allocators().get(Math.toIntExact(allocId - 1));
      seqs.add(allocator.seq);
      if (allocator.deleted) {
        seqs.add(allocator.deleteSeq);
      }
    }
    for (Long seq : seqs) {
      bySeq.computeIfAbsent(seq, key -> new ArrayList<>()).add(story);
    }
    Long key = subject.key();
    if (key == null) {
      ofAll.add(story);
    } else if (subject.before() > 0) {
      byKey
          .computeIfAbsent(subject.bit(), bit -> new HashMap<>())
          .computeIfAbsent(key, value -> new ArrayList<>())
          .add(story);
    }
    return story;
  }

  private void read(Path file) throws IOException {
    try (TraceReader trace = TraceReader.open(file);
        ReadAhead batches = new ReadAhead(trace)) {
      for (PreparedBatch next = batches.next(); next != null; next = batches.next()) {
        EventBatch batch = next.events();
        for (int row = 0; row < batch.rows(); row++) {
          read(batch, row);
        }
      }
    }
  }

  private void read(EventBatch batch, int row) {
    for (Story story : bySeq.getOrDefault(batch.seq(row), List.of())) {
      story.wanted.add(batch.event(row));
      story.blamedSeen |= batch.seq(row) == story.subject.seq();
    }
    for (Map.Entry<Integer, Map<Long, List<Story>>> keys : byKey.entrySet()) {
      if (batch.has(row, keys.getKey())) {
        long value = value(batch, row, keys.getKey());
        for (Story story : keys.getValue().getOrDefault(value, List.of())) {
          story.tied(batch, row);
        }
      }
    }
    for (Story story : ofAll) {
      story.tied(batch, row);
    }
  }

  private static long value(EventBatch batch, int row, int bit) {
    return switch (bit) {
      case EventBatch.FRAME -> batch.frame(row);
      case EventBatch.CONTEXT -> batch.context(row);
      case EventBatch.PIN -> batch.pin(row);
      default -> throw new IllegalArgumentException("no key, bit=" + bit);
    };
  }

  /** The events of a finding in order of seq; empty for one that was not asked for. */
  public List<TraceEvent> of(Finding finding) {
    Story story = stories.get(finding);
    return story == null ? List.of() : story.events();
  }
}
