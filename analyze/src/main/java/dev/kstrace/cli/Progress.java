package dev.kstrace.cli;

import dev.kstrace.cli.text.Words;
import dev.kstrace.traces.ReadProgress;
import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Shows how far a long work is, on one line of a terminal that it takes away again. Nothing is
 * shown of work that is done within a second. Thread-safe.
 */
final class Progress implements ReadProgress, AutoCloseable {
  private static final long FIRST_NS = 1_000_000_000L;
  private static final long STEP_NS = 200_000_000L;
  private static final int BAR = 20;

  private final PrintStream err;
  private final boolean shown;
  private final LongSupplier clock;
  private final long begun;
  private long next;
  private long start;
  private long previousBytes;
  private boolean dirty;
  private boolean closed;

  private Progress(PrintStream err, boolean shown, LongSupplier clock) {
    this.err = err;
    this.shown = shown;
    this.clock = clock;
    begun = clock.getAsLong();
    start = begun;
    next = begun + FIRST_NS;
  }

  /** Progress of a command; none where nobody watches or {@code quiet} was asked for. */
  static Progress of(Console console, boolean quiet) {
    return new Progress(console.err(), console.watched() && !quiet, console.clock());
  }

  /** So much of a file is read: a bar with rate and time that is left. */
  @Override
  public void at(long doneBytes, long totalBytes) {
    if (shown) {
      draw(doneBytes, totalBytes);
    }
  }

  private synchronized void draw(long doneBytes, long totalBytes) {
    long now = clock.getAsLong();
    if (doneBytes < previousBytes) {
      start = now; // another reading
    }
    previousBytes = doneBytes;
    if (isDue(now)) {
      double seconds = (now - start) / 1e9;
      String rate =
          seconds <= 0 ? "" : String.format(Locale.ROOT, ", %.1f MB/s", doneBytes / 1e6 / seconds);
      String size = String.format(Locale.ROOT, "%,d MB", totalBytes / 1_000_000);
      show(bar(doneBytes, totalBytes, seconds, size, rate));
    }
  }

  /**
   * So many steps of a known number are done: a bar with rate and time that is left.
   *
   * @param said what there is to say of them
   */
  synchronized void at(long steps, long total, String one, String many, String said) {
    if (!shown) {
      return;
    }
    long now = clock.getAsLong();
    if (isDue(now)) {
      double seconds = (now - begun) / 1e9;
      String rate = String.format(Locale.ROOT, ", %,.1f/s", steps / Math.max(1e-9, seconds));
      show(bar(steps, total, seconds, Words.count(total, one, many), rate) + ", " + said);
    }
  }

  /**
   * So many steps are done of nobody knows how many: their number and rate.
   *
   * @param said what there is to say of them
   */
  synchronized void at(long steps, String one, String many, String said) {
    if (!shown) {
      return;
    }
    long now = clock.getAsLong();
    if (isDue(now)) {
      double seconds = Math.max(1e-9, (now - begun) / 1e9);
      String rate = String.format(Locale.ROOT, "%,.0f/s", steps / seconds);
      show(said + ", " + Words.count(steps, one, many) + ", " + rate);
    }
  }

  /** So many bytes are written of nobody knows how many; of none there is nothing to say. */
  synchronized void grown(long bytes) {
    if (!shown || bytes == 0) {
      return;
    }
    long now = clock.getAsLong();
    if (isDue(now)) {
      double megabytes = bytes / 1e6;
      double seconds = Math.max(1e-9, (now - begun) / 1e9);
      show(String.format(Locale.ROOT, "%,.0f MB, %.1f MB/s", megabytes, megabytes / seconds));
    }
  }

  private boolean isDue(long now) {
    if (closed || now - next < 0) {
      return false;
    }
    next = now + STEP_NS;
    return true;
  }

  private void show(String line) {
    dirty = true;
    err.print("\r" + line + "\u001b[K");
    err.flush();
  }

  private static String bar(long steps, long total, double seconds, String size, String rate) {
    double done = total <= 0 ? 0 : Math.min(1, (double) steps / total);
    int filled = (int) (BAR * done);
    String left =
        done <= 0 || seconds <= 0
            ? ""
            : String.format(Locale.ROOT, ", %.0f s left", seconds * (1 / done - 1));
    return String.format(
        Locale.ROOT,
        "[%s%s] %3.0f %% of %s%s%s",
        "#".repeat(filled),
        "-".repeat(BAR - filled),
        100 * done,
        size,
        rate,
        left);
  }

  /** Says something that stays, where anything is shown. */
  synchronized void say(String line) {
    if (shown && !closed) {
      err.println(dirty ? "\r\u001b[K" + line : line);
      dirty = false;
    }
  }

  /** Whether somebody sees what is said. */
  boolean isShown() {
    return shown;
  }

  /** Takes the line away; nothing is shown any more. */
  @Override
  public synchronized void close() {
    closed = true;
    if (dirty) {
      err.print("\r\u001b[K");
      err.flush();
      dirty = false;
    }
  }
}
