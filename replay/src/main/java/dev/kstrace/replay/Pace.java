package dev.kstrace.replay;

import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * At which pace calls are made. Immutable.
 *
 * @param speed 1 = as recorded, 2 = twice as fast
 * @param clock ns, never going back
 * @param waiter waits about so many ns, or less
 */
public record Pace(double speed, LongSupplier clock, Waiter waiter) {
  private static final double SLOWEST = 0.001;
  private static final double FASTEST = 1_000_000;

  /** Waits. */
  @FunctionalInterface
  public interface Waiter {
    /** Waits about so many ns, or less. */
    void park(long ns);
  }

  /**
   * The pace that users write: {@code none} (null), {@code recorded} or a factor such as {@code
   * 2x}.
   *
   * @throws IllegalArgumentException if it is none of these; the message says what is expected
   */
  public static @Nullable Pace parse(String text, LongSupplier clock) {
    if (text.equals("none")) {
      return null;
    }
    double speed = text.equals("recorded") ? 1 : factor(text);
    if (!(speed >= SLOWEST && speed <= FASTEST)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s: expected none, recorded or a factor from 0.001x to 1000000x",
              text));
    }
    return new Pace(speed, clock, LockSupport::parkNanos);
  }

  private static double factor(String text) {
    try {
      return text.endsWith("x") ? Double.parseDouble(text.substring(0, text.length() - 1)) : 0;
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
