package dev.kstrace.cli.export;

import dev.kstrace.cli.export.Timeline.Track;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Tracks side by side for slices that may overlap, as many as it takes for none to do so on one
 * track: whatever a trace says of its times, the slices of a track are in order. Not thread-safe.
 */
final class Lanes {
  /** Makes a track when it becomes necessary. */
  @FunctionalInterface
  interface Maker {
    /** The track of a lane, from 0 on. */
    Track make(int lane) throws IOException;
  }

  /**
   * The end of the last slice on a lane; of lanes with the same end the number tells them apart.
   */
  private record End(long time, int lane) implements Comparable<End> {
    @Override
    public int compareTo(End other) {
      return time != other.time
          ? Long.compare(time, other.time)
          : Integer.compare(lane, other.lane);
    }
  }

  private final Maker maker;
  private final TreeMap<End, Track> free = new TreeMap<>();
  private int made;

  Lanes(Maker maker) {
    this.maker = maker;
  }

  /**
   * The track for a slice: of those that are free at its begin the one that has been so for the
   * shortest time.
   *
   * @param end null = the track stays taken
   */
  Track take(long begin, @Nullable Long end) throws IOException {
    Map.Entry<End, Track> entry = free.floorEntry(new End(begin, Integer.MAX_VALUE));
    int lane = entry == null ? made : entry.getKey().lane();
    Track track = entry == null ? maker.make(made++) : entry.getValue();
    if (entry != null) {
      free.remove(entry.getKey());
    }
    if (end != null) {
      free.put(new End(end, lane), track);
    }
    return track;
  }
}
