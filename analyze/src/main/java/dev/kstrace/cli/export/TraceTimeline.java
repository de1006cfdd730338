package dev.kstrace.cli.export;

import dev.kstrace.cli.export.Timeline.Kind;
import dev.kstrace.cli.export.Timeline.Track;
import java.io.IOException;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Puts a trace on a timeline: for each pin its states, for each allocator the frames that are out,
 * their number and its limit, for each thread its calls; findings, marks and losses above all.
 *
 * <p>Large tables pass through; what is kept grows with pins, allocators, threads, and frames that
 * are out at once. Not thread-safe.
 */
final class TraceTimeline {
  private final Rows rows;
  private final Timeline timeline;
  private final Args args = new Args();
  private final Map<Long, Track> pins = new HashMap<>();
  private final Map<Long, AllocatorTracks> allocators = new HashMap<>();
  private final Map<String, Lanes> threads = new HashMap<>();
  private long tracks;
  private long earliest;

  TraceTimeline(Rows rows, Timeline timeline) {
    this.rows = rows;
    this.timeline = timeline;
  }

  /** The tracks of one allocator. */
  private static final class AllocatorTracks {
    final Track outstanding;
    final Lanes frames;
    long counted;

    AllocatorTracks(Track outstanding, Lanes frames, long since) {
      this.outstanding = outstanding;
      this.frames = frames;
      this.counted = since;
    }
  }

  void write() throws SQLException, IOException {
    rows.each("SELECT t_first FROM trace_info", row -> earliest = row.known(1));
    findings();
    marks();
    losses();
    pinStates();
    allocators();
    frames();
    calls();
  }

  private Track track(@Nullable Track parent, Kind kind, String name, long thread)
      throws IOException {
    Track track = new Track(++tracks, parent, kind, name, thread);
    timeline.track(track);
    return track;
  }

  private Track track(@Nullable Track parent, String name) throws IOException {
    return track(parent, Kind.PLAIN, name, 0);
  }

  /** A time as viewers know it: none before zero, and none that is too large to count. */
  private long time(@Nullable Long ns) {
    long known = ns == null ? earliest : ns;
    long moved = known - Math.min(0, earliest);
    return known > 0 && moved < 0 ? Long.MAX_VALUE : moved;
  }

  private void findings() throws SQLException, IOException {
    Track findings = track(null, "findings");
    rows.each(
        """
        SELECT min(e.t_entry), f.rule, f.severity, f.certainty, f.seq, f.alloc_id, f.pin,
          f.context, f.frame, f.message, f.fingerprint
        FROM events e RIGHT JOIN findings f ON e.seq = f.seq
        GROUP BY ALL ORDER BY f.seq, f.rule, f.fingerprint, f.message""",
        row ->
            timeline.instant(
                findings,
                String.valueOf(row.text(3)),
                String.valueOf(row.text(2)),
                time(row.number(1)),
                0,
                args.clear()
                    .text("message", row.text(10))
                    .text("severity", row.text(3))
                    .text("certainty", row.text(4))
                    .number("seq", row.number(5))
                    .number("allocator", row.number(6))
                    .address("pin", row.number(7))
                    .address("context", row.number(8))
                    .address("frame", row.number(9))
                    .text("fingerprint", row.text(11))));
  }

  private void marks() throws SQLException, IOException {
    Track marks = track(null, "marks");
    rows.each(
        "SELECT t_entry, coalesce(text, 'mark'), seq, thread FROM marks ORDER BY seq",
        row ->
            timeline.instant(
                marks,
                "mark",
                String.valueOf(row.text(2)),
                time(row.number(1)),
                0,
                args.clear().number("seq", row.number(3)).number("thread", row.number(4))));
  }

  /** A loss lies between the event before it and the one that tells of it. */
  private void losses() throws SQLException, IOException {
    Lanes losses = new Lanes(lane -> track(null, "losses"));
    rows.each(
        """
        SELECT min(e.before), l.t_entry, l.seq, l.count, coalesce(l.cause, 'lost')
        FROM (SELECT seq, lag(coalesce(t_exit, t_entry)) OVER () AS before FROM events) e
          RIGHT JOIN losses l ON e.seq = l.seq
        GROUP BY ALL ORDER BY l.seq""",
        row -> {
          long end = time(row.number(2));
          Long before = row.number(1);
          long begin = before == null ? end : Math.min(time(before), end);
          timeline.slice(
              losses.take(begin, end),
              "loss",
              String.valueOf(row.text(5)),
              begin,
              end,
              0,
              args.clear().number("seq", row.number(3)).number("events", row.number(4)));
        });
  }

  private void pinStates() throws SQLException, IOException {
    PinStates states = new PinStates();
    rows.each(
        """
        SELECT p.pin_id, coalesce(p.name, 'type ' || p.factory_id, hex(p.pin)), p.create_seq,
          p.t_create, p.t_close, s.seq, s.t_entry, coalesce(pin_state(s.to_state), 'no state')
        FROM pins p LEFT JOIN pin_states s ON s.pin_id = p.pin_id ORDER BY p.pin_id, s.seq""",
        states::accept);
    states.end();
  }

  /** Makes slices of the steps of one pin after the other. */
  private final class PinStates {
    private @Nullable Track pin;
    private @Nullable Long closed;
    private @Nullable String state;
    private @Nullable Long seq;
    private long since;

    void accept(Rows.Row row) throws SQLException, IOException {
      Long id = row.number(1);
      if (!pins.containsKey(id)) {
        end();
        pin = track(null, "pin #" + id + " " + row.text(2));
        pins.put(id, pin);
        closed = row.number(5);
        since = time(row.number(4));
        seq = row.number(3);
        // Without a pin_create nobody knows what it was in before its first step.
        state = seq == null ? null : "KSSTATE_STOP";
      }
      Long step = row.number(6);
      if (step != null) {
        long now = Math.max(since, time(row.number(7)));
        slice(now);
        since = now;
        seq = step;
        state = row.text(8);
      }
    }

    /** Ends the last state of the last pin: where it was closed, or never. */
    void end() throws IOException {
      slice(closed == null ? null : Long.valueOf(Math.max(since, time(closed))));
      state = null;
    }

    private void slice(@Nullable Long end) throws IOException {
      if (pin != null && state != null) {
        timeline.slice(pin, "pin", state, since, end, 0, args.clear().number("seq", seq));
      }
    }
  }

  private void allocators() throws SQLException, IOException {
    Map<Long, Lanes> lives = new HashMap<>();
    rows.each(
        """
        SELECT alloc_id, pin_id, t_entry, t_exit, t_delete, seq, delete_seq, context,
          nullif(frames, 0), frame_size, file_alignment, pool_type(pool_type),
          options(options_flags), peak_live, live_at_delete
        FROM allocators WHERE created ORDER BY alloc_id""",
        row -> {
          String name = "allocator #" + row.number(1);
          Long pinId = row.number(2);
          Track pin = pinId == null ? null : pins.get(pinId);
          Lanes life =
              lives.computeIfAbsent(
                  pinId == null ? Long.valueOf(0) : pinId,
                  key -> new Lanes(lane -> track(pin, "allocators")));
          long begin = time(row.number(4) == null ? row.number(3) : row.number(4));
          Long deleted = row.number(5);
          Long end = deleted == null ? null : Long.valueOf(Math.max(begin, time(deleted)));
          Long limit = row.number(9);
          timeline.slice(
              life.take(begin, end),
              "allocator",
              name,
              begin,
              end,
              0,
              args.clear()
                  .number("seq", row.number(6))
                  .number("delete_seq", row.number(7))
                  .address("context", row.number(8))
                  .number("Frames", limit)
                  .number("FrameSize", row.number(10))
                  .number("FileAlignment", row.number(11))
                  .text("PoolType", row.text(12))
                  .text("OptionsFlags", row.text(13))
                  .number("most out at once", row.number(14))
                  .number("out at delete", row.number(15)));
          Track outstanding = track(pin, Kind.COUNTER, name + ", frames out", 0);
          timeline.counter(outstanding, begin, 0);
          if (limit != null) {
            Track allowed = track(pin, Kind.COUNTER, name + ", limit", 0);
            timeline.counter(allowed, begin, limit);
            if (end != null) {
              timeline.counter(allowed, end, 0);
            }
          }
          Lanes frames = new Lanes(lane -> track(pin, name + ", frames"));
          allocators.put(row.number(1), new AllocatorTracks(outstanding, frames, begin));
        });
  }

  private void frames() throws SQLException, IOException {
    rows.each(
        """
        SELECT alloc_id, hex(frame), t_allocate, t_free, frame_id, layer, range_bytes,
          allocate_seq, free_seq, allocate_thread, free_thread, state
        FROM frames""",
        row -> {
          AllocatorTracks allocator = allocators.get(row.number(1));
          if (allocator == null) {
            return;
          }
          long begin = time(row.number(3));
          Long freed = row.number(4);
          Long end = freed == null ? null : Long.valueOf(Math.max(begin, time(freed)));
          timeline.slice(
              allocator.frames.take(begin, end),
              "frame",
              String.valueOf(row.text(2)),
              begin,
              end,
              row.known(5),
              args.clear()
                  .text("state", row.text(12))
                  .text("layer", row.text(6))
                  .number("bytes", row.number(7))
                  .number("allocate_seq", row.number(8))
                  .number("free_seq", row.number(9))
                  .number("allocate_thread", row.number(10))
                  .number("free_thread", row.number(11)));
        });
  }

  private void calls() throws SQLException, IOException {
    rows.each(
        """
        SELECT op, layer, t_entry, t_exit, thread, seq, alloc_id, frame_id,
          CASE WHEN alloc_id IS NULL THEN context END, frame,
          CASE WHEN status <> 0 THEN ntstatus(status) END,
          CASE WHEN irql_entry > 0 THEN irql(irql_entry) END, live_before, live_after
        FROM calls""",
        this::call);
  }

  private void call(Rows.Row row) throws SQLException, IOException {
    String op = String.valueOf(row.text(1));
    String layer = String.valueOf(row.text(2));
    long begin = time(row.number(3));
    Long left = row.number(4);
    Long end = left == null ? null : Long.valueOf(Math.max(begin, time(left)));
    Track track = lanes(layer, row.number(5)).take(begin, end == null ? begin : end);
    args.clear()
        .number("seq", row.number(6))
        .number("allocator", row.number(7))
        .address("context", row.number(9))
        .address("frame", row.number(10))
        .text("status", row.text(11))
        .text("irql", row.text(12));
    if (end == null) {
      timeline.instant(track, layer, op, begin, row.known(8), args);
    } else {
      timeline.slice(track, layer, op, begin, end, row.known(8), args);
    }
    Long id = row.number(7);
    AllocatorTracks allocator = id == null ? null : allocators.get(id);
    long out = row.known(14);
    if (allocator != null && layer.equals("callback") && out != row.known(13)) {
      long effect = op.equals("allocate") && end != null ? end : begin;
      // seq tells the order; times of several threads may contradict it by a little.
      allocator.counted = Math.max(allocator.counted, effect);
      timeline.counter(allocator.outstanding, allocator.counted, out);
    }
  }

  /** The tracks of a thread: its own for callbacks, further ones for what wraps these. */
  private Lanes lanes(String layer, @Nullable Long thread) {
    if (thread == null) {
      return threads.computeIfAbsent(
          layer, key -> new Lanes(lane -> track(null, "calls without a thread")));
    }
    boolean callback = layer.equals("callback");
    String name = "thread " + thread + (callback ? "" : ", " + layer);
    return threads.computeIfAbsent(
        name,
        key ->
            new Lanes(
                lane ->
                    callback && lane == 0
                        ? track(null, Kind.THREAD, name, thread)
                        : track(null, name)));
  }
}
