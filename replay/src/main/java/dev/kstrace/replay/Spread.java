package dev.kstrace.replay;

/**
 * How durations are spread. Immutable.
 *
 * @param count how many there are; the others are 0 where there is none
 * @param medianNs half of them took no longer, in ns
 * @param p99Ns 99 of 100 took no longer, in ns
 * @param maxNs the longest, in ns
 */
public record Spread(long count, long medianNs, long p99Ns, long maxNs) {}
