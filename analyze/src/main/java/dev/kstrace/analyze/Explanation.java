package dev.kstrace.analyze;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.ReadProgress;
import dev.kstrace.traces.TraceEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All there is to tell about one event: whose it was, what happened to its frame, allocator or pin
 * before and after, and who held the address. Immutable.
 *
 * @param facts the trace
 * @param event the event
 * @param allocId the allocator concerned; null = none, or not known
 * @param mark what was going on, by the program's own word; null = it did not say
 * @param blamed what the rules say of this event
 * @param related what they say of other events because of this one
 * @param story the events in order of seq, this one among them
 * @param holders the frames at its address, in the order in which they were handed out: those next
 *     to the event, if there are many
 * @param holderCount how many there are
 */
public record Explanation(
    TraceFacts facts,
    TraceEvent event,
    @Nullable Long allocId,
    @Nullable Mark mark,
    List<Finding> blamed,
    List<Finding> related,
    List<TraceEvent> story,
    List<Holder> holders,
    long holderCount) {
  private static final int BEFORE = 12;
  private static final int AFTER = 8;
  private static final int HOLDERS = 8;

  private static final String HOLDERS_SQL =
      """
      WITH held AS (
        SELECT *, row_number() OVER (ORDER BY allocate_seq) AS n, count(*) OVER () AS total
        FROM frames WHERE frame = ?),
      near AS (SELECT coalesce(max(n), 1) AS n FROM held WHERE allocate_seq <= ?)
      SELECT h.frame_id, h.alloc_id, h.layer, h.allocate_seq, h.allocate_thread, h.free_seq,
        h.free_thread, h.held_ns, h.state, h.total
      FROM held h, near
      WHERE h.n > near.n - ? AND h.n <= near.n + ?
      ORDER BY h.n""";

  /**
   * One frame at the address.
   *
   * @param allocThread null = not recorded
   * @param freeSeq null = never freed
   * @param heldNs null = never freed
   * @param state freed, live or orphaned, at the end of the trace
   */
  public record Holder(
      long frameId,
      long allocId,
      String layer,
      long allocateSeq,
      @Nullable Long allocThread,
      @Nullable Long freeSeq,
      @Nullable Long freeThread,
      @Nullable Long heldNs,
      String state) {}

  /**
   * Explains the event of a number.
   *
   * @param verdict the rules' word on the trace
   * @param progress told how far the latest reading of the trace is, from several threads
   * @return null where the trace has no such event
   * @throws IOException if the file cannot be read any more
   */
  public static @Nullable Explanation of(Verdict verdict, long seq, ReadProgress progress)
      throws SQLException, IOException {
    TraceFacts facts = verdict.facts();
    TraceEvent event = Stories.event(facts.file(), seq);
    if (event == null) {
      return null;
    }
    List<Finding> blamed = new ArrayList<>();
    List<Finding> related = new ArrayList<>();
    for (Finding finding : verdict.findings()) {
      if (finding.seq() == seq) {
        blamed.add(finding);
      } else if (finding.relatedSeqs().contains(seq)) {
        related.add(finding);
      }
    }
    try (TraceDatabase database = TraceDatabase.open()) {
      database.attachSources(
          List.of(TraceSource.of(facts, progress)),
          List.of(Tables.CALLS, Tables.FRAMES, Tables.ALLOCATORS));
      Long allocId = allocId(database, seq, blamed);
      List<Holder> holders = new ArrayList<>();
      long count = holders(database, event, holders);
      return new Explanation(
          facts,
          event,
          allocId,
          Marks.of(facts).at(seq, thread(event)),
          List.copyOf(blamed),
          List.copyOf(related),
          story(facts, event, allocId, blamed),
          List.copyOf(holders),
          count);
    }
  }

  private static @Nullable Long thread(TraceEvent event) {
    return event.thread() == null ? null : Long.valueOf(Integer.toUnsignedLong(event.thread()));
  }

  private static @Nullable Long allocId(TraceDatabase database, long seq, List<Finding> blamed)
      throws SQLException {
    for (Finding finding : blamed) {
      if (finding.allocId() != null) {
        return finding.allocId();
      }
    }
    String sql =
        "SELECT coalesce((SELECT alloc_id FROM allocators WHERE seq = %1$s),"
            + " (SELECT any_value(alloc_id) FROM calls WHERE seq = %1$s))";
    String id = database.value(sql.formatted(Long.toUnsignedString(seq)));
    return id == null ? null : Long.valueOf(id);
  }

  private static long holders(TraceDatabase database, TraceEvent event, List<Holder> holders)
      throws SQLException {
    if (event.frame() == null || event.frame() == 0) {
      return 0;
    }
    long total = 0;
    try (PreparedStatement query = database.prepare(HOLDERS_SQL)) {
      query.setObject(1, new java.math.BigInteger(Long.toUnsignedString(event.frame())));
      query.setObject(2, new java.math.BigInteger(Long.toUnsignedString(event.seq())));
      query.setObject(3, HOLDERS);
      query.setObject(4, HOLDERS);
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          total = row.getLong("total");
          holders.add(
              new Holder(
                  row.getLong("frame_id"),
                  row.getLong("alloc_id"),
                  row.getString("layer"),
                  row.getLong("allocate_seq"),
                  number(row, "allocate_thread"),
                  number(row, "free_seq"),
                  number(row, "free_thread"),
                  number(row, "held_ns"),
                  row.getString("state")));
        }
      }
    }
    return total;
  }

  private static @Nullable Long number(ResultSet row, String column) throws SQLException {
    Object value = row.getObject(column);
    return value == null ? null : ((Number) value).longValue();
  }

  private static List<TraceEvent> story(
      TraceFacts facts, TraceEvent event, @Nullable Long allocId, List<Finding> blamed)
      throws IOException {
    List<Long> seqs = new ArrayList<>();
    seqs.add(event.seq());
    blamed.forEach(finding -> seqs.addAll(finding.relatedSeqs()));
    int bit = 0;
    Long key = null;
    if (event.frame() != null && event.frame() != 0) {
      bit = EventBatch.FRAME;
      key = event.frame();
    } else if (event.context() != null) {
      bit = EventBatch.CONTEXT;
      key = event.context();
    } else if (event.pin() != null) {
      bit = EventBatch.PIN;
      key = event.pin();
    }
    return Stories.around(
        facts, new Stories.Subject(event.seq(), seqs, allocId, bit, key, BEFORE, AFTER));
  }

  /** The file as it was named. */
  public Path file() {
    return facts.file();
  }
}
