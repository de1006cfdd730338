package dev.kstrace.replay;

/**
 * How a replay is run. Immutable.
 *
 * @param stopAtFirst whether to stop behind the first event with a contract divergence
 * @param keep most divergences of each kind that the report lists, at least 0; all are counted
 */
public record ReplayOptions(boolean stopAtFirst, int keep) {
  /** Runs to the end and lists up to 1,000 divergences of each kind. */
  public static final ReplayOptions DEFAULTS = new ReplayOptions(false, 1_000);

  /** Checks the limit. */
  public ReplayOptions {
    if (keep < 0) {
      throw new IllegalArgumentException("keep=" + keep + ", expected at least 0");
    }
  }

  /** These options with {@code stopAtFirst} set. */
  public ReplayOptions stoppingAtFirst() {
    return new ReplayOptions(true, keep);
  }
}
