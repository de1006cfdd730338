package dev.kstrace.replay.host;

import java.util.Map;

/**
 * How a native target is run. Immutable.
 *
 * @param table name of the exported KSALLOCATOR_DISPATCH
 * @param timeoutMillis after how long without a returning call the target counts as hung
 * @param touch whether to fill each frame and to check it when it is freed
 * @param osThreads whether each recorded thread is a thread of its own
 * @param environment environment variables: where the compiler and the cache are, and what the
 *     target sees
 * @param measure whether to measure how long each call takes
 */
public record HostOptions(
    String table,
    long timeoutMillis,
    boolean touch,
    boolean osThreads,
    Map<String, String> environment,
    boolean measure) {
  /** Ten seconds: far more than any call takes, far less than anybody waits. */
  public static final long DEFAULT_TIMEOUT_MILLIS = 10_000;

  /** Copies the map. */
  public HostOptions {
    environment = Map.copyOf(environment);
  }

  /** Options without measuring. */
  public HostOptions(
      String table,
      long timeoutMillis,
      boolean touch,
      boolean osThreads,
      Map<String, String> environment) {
    this(table, timeoutMillis, touch, osThreads, environment, false);
  }

  /** The usual options for a table. */
  public static HostOptions of(String table, Map<String, String> environment) {
    return new HostOptions(table, DEFAULT_TIMEOUT_MILLIS, false, false, environment);
  }
}
