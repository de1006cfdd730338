package dev.kstrace.cli.export;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What viewers of timelines show: slices, instants and counters on tracks. Written while it comes
 * about, so that it may be of any length. Not thread-safe.
 */
interface Timeline {
  /** What a track is to the viewer. */
  enum Kind {
    /** Calls of one OS thread. */
    THREAD,
    /** Slices and instants of anything else. */
    PLAIN,
    /** A number that changes over time. */
    COUNTER
  }

  /**
   * A track.
   *
   * @param id from 1 on; each once
   * @param parent the track that it belongs under; null = the trace itself
   * @param name may be shared: viewers show plain tracks of one name and parent as one
   * @param thread the OS thread of a track of threads, else 0
   */
  record Track(long id, @Nullable Track parent, Kind kind, String name, long thread) {}

  /** Declares a track, before anything is put on it. */
  void track(Track track) throws IOException;

  /**
   * Puts a slice on a track; the slices of one track do not overlap, and come in order.
   *
   * @param begin ns
   * @param end ns, not before {@code begin}; null = it goes on at the end of the trace
   * @param flow joins slices and instants of one number, 0 = none
   */
  void slice(
      Track track,
      String category,
      String name,
      long begin,
      @Nullable Long end,
      long flow,
      Args args)
      throws IOException;

  /** Puts an instant on a track; parameters as in {@link #slice}. */
  void instant(Track track, String category, String name, long time, long flow, Args args)
      throws IOException;

  /** Sets a counter. */
  void counter(Track track, long time, long value) throws IOException;

  /** Ends the file. */
  void finish() throws IOException;
}
