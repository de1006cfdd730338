package dev.kstrace.cli;

import dev.kstrace.capture.imports.ImportProgress;
import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Shows how far a long work is, on one line of a terminal that it takes away again. Nothing is
 * shown of work that is done within a second. Not thread-safe.
 */
final class Progress implements ImportProgress, AutoCloseable {
  private static final long FIRST_NS = 1_000_000_000L;
  private static final long STEP_NS = 200_000_000L;

  private final PrintStream err;
  private final boolean shown;
  private final LongSupplier clock;
  private final long start;
  private long next;
  private boolean dirty;

  private Progress(PrintStream err, boolean shown, LongSupplier clock) {
    this.err = err;
    this.shown = shown;
    this.clock = clock;
    start = clock.getAsLong();
    next = start + FIRST_NS;
  }

  /** Progress of a command; none where nobody watches or {@code quiet} was asked for. */
  static Progress of(Console console, boolean quiet) {
    return of(console, quiet, System::nanoTime);
  }

  /** As above with a clock in ns. */
  static Progress of(Console console, boolean quiet, LongSupplier clock) {
    return new Progress(console.err(), console.terminal() && !quiet, clock);
  }

  @Override
  public void at(long doneBytes, long totalBytes) {
    if (!shown) {
      return;
    }
    long now = clock.getAsLong();
    if (now - next < 0) {
      return;
    }
    next = now + STEP_NS;
    dirty = true;
    double done = totalBytes <= 0 ? 0 : Math.min(1, (double) doneBytes / totalBytes);
    String left =
        done <= 0
            ? ""
            : String.format(Locale.ROOT, ", %.0f s left", (now - start) / 1e9 * (1 / done - 1));
    err.print(
        String.format(
            Locale.ROOT,
            "\r%3.0f %% of %,d MB%s\u001b[K",
            100 * done,
            totalBytes / 1_000_000,
            left));
    err.flush();
  }

  /** Takes the line away. */
  @Override
  public void close() {
    if (dirty) {
      err.print("\r\u001b[K");
      err.flush();
      dirty = false;
    }
  }
}
