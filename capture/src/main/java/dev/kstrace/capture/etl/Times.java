package dev.kstrace.capture.etl;

import java.time.DateTimeException;
import java.time.Instant;

/** Windows times as text. */
public final class Times {
  private static final long UNITS_PER_SECOND = 10_000_000L;
  private static final long SECONDS_FROM_1601_TO_1970 = 11_644_473_600L;

  private Times() {}

  /** 100 ns since 1601 in the form of ISO 8601, UTC. */
  public static String ofFileTime(long fileTime) {
    long seconds = Math.floorDiv(fileTime, UNITS_PER_SECOND) - SECONDS_FROM_1601_TO_1970;
    try {
      return Instant.ofEpochSecond(seconds, Math.floorMod(fileTime, UNITS_PER_SECOND) * 100)
          .toString();
    } catch (DateTimeException e) {
      return Long.toString(fileTime);
    }
  }
}
