package dev.kstrace.capture;

/** What becomes of an event for which the recorder's buffer has no room. */
public enum OnFull {
  /** It is dropped, counted, and stands in the trace as lost: the host never waits. */
  DROP,
  /** The recording thread waits for the writer: for hosts that are tests, never for a driver. */
  BLOCK
}
