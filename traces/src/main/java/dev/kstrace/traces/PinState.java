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
  STOP(0),
  /** Resources acquired; the pipe section is set up. */
  ACQUIRE(1),
  /** Ready to stream. */
  PAUSE(2),
  /** Streaming. */
  RUN(3);

  private final int code;

  PinState(int code) {
    this.code = code;
  }

  /** Microsoft's name of the state, such as {@code KSSTATE_ACQUIRE}. */
  public String constantName() {
    return "KSSTATE_" + name();
  }

  /** The number of the state, 0 to 3. */
  public int code() {
    return code;
  }

  /** The state of a number, or null where KSSTATE has none. */
  public static @Nullable PinState of(long code) {
    return code >= 0 && code < values().length ? values()[(int) code] : null;
  }
}
