package dev.kstrace.analyze;

/**
 * What the SQL of users may do where it judges; the built-in rules need no limits. Immutable.
 *
 * @param allowIo whether it may reach files and the network, and change the database's settings
 * @param seconds how long one rule may take on one trace; 0 = as long as it wants
 */
public record RuleLimits(boolean allowIo, int seconds) {
  /** Enough for any rule that ends at all, and little enough for a job that waits. */
  public static final int DEFAULT_SECONDS = 60;

  /** No files, and some patience. */
  public static final RuleLimits DEFAULT = new RuleLimits(false, DEFAULT_SECONDS);
}
