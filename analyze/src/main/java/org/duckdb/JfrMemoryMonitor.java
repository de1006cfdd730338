package org.duckdb;

/**
 * Takes the place of the driver's class of this name and does nothing.
 *
 * <p>The driver's own registers a Flight Recorder event while the driver class is initialised,
 * which starts that whole subsystem: the largest part of DuckDB's start-up, for an event that
 * nobody asked for. The driver calls exactly these three methods; RATIONALE.md has the figures.
 */
final class JfrMemoryMonitor {
  private JfrMemoryMonitor() {}

  static void init() {}

  @SuppressWarnings("unused") // the driver's signature
  static void connectionOpened(DuckDBConnection connection) {}

  @SuppressWarnings("unused") // the driver's signature
  static void connectionClosed(long connection) {}
}
