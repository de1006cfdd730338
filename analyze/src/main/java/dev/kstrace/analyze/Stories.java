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

/**
 * The events that tell how a finding came about: the initialize of its allocator, what happened to
 * its frame before, the blamed event, and what followed.
 */
public final class Stories {
  private static final int BEFORE = 5;
  private static final int AFTER = 2;

  private final Map<Finding, Story> stories = new HashMap<>();
  private final Map<Long, List<Story>> bySeq = new HashMap<>();
  private final Map<Long, List<Story>> byFrame = new HashMap<>();

  private static final class Story {
    final long blamed;
    final List<TraceEvent> wanted = new ArrayList<>();
    final Deque<TraceEvent> before = new ArrayDeque<>();
    final List<TraceEvent> after = new ArrayList<>();
    boolean blamedSeen;

    Story(long blamed) {
      this.blamed = blamed;
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
      stories.want(facts, finding);
    }
    if (!findings.isEmpty()) {
      stories.read(facts.file());
    }
    return stories;
  }

  private void want(TraceFacts facts, Finding finding) {
    Story story = new Story(finding.seq());
    stories.put(finding, story);
    Set<Long> seqs = new HashSet<>(finding.relatedSeqs());
    seqs.add(finding.seq());
    Long allocId = finding.allocId();
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
    if (finding.frame() != null && finding.frame() != 0) {
      byFrame.computeIfAbsent(finding.frame(), key -> new ArrayList<>()).add(story);
    }
  }

  private void read(Path file) throws IOException {
    try (TraceReader trace = TraceReader.open(file);
        ReadAhead batches = new ReadAhead(trace)) {
      for (EventBatch batch = batches.next(); batch != null; batch = batches.next()) {
        for (int row = 0; row < batch.rows(); row++) {
          for (Story story : bySeq.getOrDefault(batch.seq(row), List.of())) {
            story.wanted.add(batch.event(row));
            story.blamedSeen |= batch.seq(row) == story.blamed;
          }
          if (batch.has(row, EventBatch.FRAME)) {
            for (Story story : byFrame.getOrDefault(batch.frame(row), List.of())) {
              onFrame(story, batch, row);
            }
          }
        }
      }
    }
  }

  private static void onFrame(Story story, EventBatch batch, int row) {
    if (!story.blamedSeen) {
      story.before.add(batch.event(row));
      if (story.before.size() > BEFORE) {
        story.before.remove();
      }
    } else if (story.after.size() < AFTER && batch.seq(row) != story.blamed) {
      story.after.add(batch.event(row));
    }
  }

  /** The events of a finding in order of seq; empty for one that was not asked for. */
  public List<TraceEvent> of(Finding finding) {
    Story story = stories.get(finding);
    if (story == null) {
      return List.of();
    }
    Map<Long, TraceEvent> all = new HashMap<>();
    for (List<TraceEvent> part : List.of(story.wanted, List.copyOf(story.before), story.after)) {
      part.forEach(event -> all.putIfAbsent(event.seq(), event));
    }
    return all.values().stream()
        .sorted(Comparator.comparingLong(event -> event.seq() + Long.MIN_VALUE))
        .toList();
  }
}
