package dev.kstrace.cli.export;

import java.io.IOException;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds the moment when most was live. What is kept grows with the frames live at once. */
final class LivePeak {
  private final Map<Long, Long> live = new HashMap<>();
  private long sum;
  private long most;
  private @Nullable Long seq;

  private LivePeak() {}

  /**
   * Reads all calls.
   *
   * @param bytes whether bytes count, not frames
   * @return seq of the allocate that reached the peak first; null where nothing was ever live
   */
  static @Nullable Long find(Rows rows, boolean bytes) throws SQLException, IOException {
    LivePeak peak = new LivePeak();
    rows.each(
        """
        SELECT c.op, c.frame_id, c.seq, least(coalesce(c.size, a.frame_size, 0), 1::BIGINT << 40)
        FROM calls c LEFT JOIN allocators a ON a.alloc_id = c.alloc_id
        WHERE c.layer = 'callback' AND c.frame_id IS NOT NULL AND c.live_after <> c.live_before""",
        row -> peak.accept(String.valueOf(row.text(1)), row, bytes));
    return peak.seq;
  }

  private void accept(String op, Rows.Row row, boolean bytes) throws SQLException {
    if (op.equals("allocate")) {
      long weight = bytes ? row.known(4) : 1;
      live.put(row.known(2), weight);
      sum += weight;
      if (sum > most) {
        most = sum;
        seq = row.number(3);
      }
    } else if (op.equals("free")) {
      Long weight = live.remove(row.known(2));
      sum -= weight == null ? 0 : weight;
    }
  }
}
