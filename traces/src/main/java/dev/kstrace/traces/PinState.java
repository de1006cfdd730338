package dev.kstrace.traces;

import org.jspecify.annotations.Nullable;

/**
 * KSSTATE: the streaming states of a pin, in the order in which standard-transport pins step
 * through them.
 *
 * <p>Source: ddi/ks/nc-ks-pfnkspinsetdevicestate; numbers as in {@code ks.h}.
 */
public enum PinState {
  /** Initial state, least resources. */
  STOP,
  /** Resources acquired; the pipe section is set up. */
  ACQUIRE,
  /** Ready to stream. */
  PAUSE,
  /** Streaming. */
  RUN;

  /** Microsoft's name of the state, such as {@code KSSTATE_ACQUIRE}. */
  public String constantName() {
    return "KSSTATE_" + name();
  }

  /** The number of the state, 0 to 3. */
  public int code() {
    return ordinal();
  }

  /** The state of a number, or null where KSSTATE has none. */
  public static @Nullable PinState of(long code) {
    return code >= 0 && code < values().length ? values()[(int) code] : null;
  }
}
