package dev.kstrace.capture.sim;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * What to simulate. Immutable; equal options give equal bytes, unless real threads are asked for.
 *
 * @param profile the device
 * @param faults faults to show, each once; none = a clean run
 * @param seed decides everything that is left to chance
 * @param frames media frames that each streaming pin delivers, at least 1
 * @param threads threads that calls come from, 1 to 64
 * @param realThreads whether these are OS threads on the real clock, in whatever order they run
 * @param producer program and version for the trace's metadata
 */
public record SimOptions(
    Profile profile,
    Set<Fault> faults,
    long seed,
    long frames,
    int threads,
    boolean realThreads,
    String producer) {

  /** {@code frames} where nobody says otherwise. */
  public static final long DEFAULT_FRAMES = 600;

  /** {@code threads} where nobody says otherwise. */
  public static final int DEFAULT_THREADS = 4;

  private static final int MOST_THREADS = 64;

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if a number is out of range, or the profile cannot show one of
   *     the faults
   */
  public SimOptions {
    if (frames < 1) {
      throw new IllegalArgumentException("frames=" + frames + ", expected at least 1");
    }
    if (threads < 1 || threads > MOST_THREADS) {
      throw new IllegalArgumentException(
          "threads=" + threads + ", expected 1 to " + MOST_THREADS);
    }
    Fault.requireFits(profile, faults);
    EnumSet<Fault> copy = EnumSet.noneOf(Fault.class);
    copy.addAll(faults);
    faults = Collections.unmodifiableSet(copy);
  }

  /** A clean run of a device with default sizes and seed 1. */
  public static SimOptions of(Profile profile) {
    return new SimOptions(
        profile, Set.of(), 1, DEFAULT_FRAMES, DEFAULT_THREADS, false, "kstrace");
  }

  /** These options with these faults and no others. */
  public SimOptions withFaults(Set<Fault> wanted) {
    return new SimOptions(profile, wanted, seed, frames, threads, realThreads, producer);
  }

  /** These options with another seed. */
  public SimOptions withSeed(long wanted) {
    return new SimOptions(profile, faults, wanted, frames, threads, realThreads, producer);
  }

  /** These options with another number of frames for each pin. */
  public SimOptions withFrames(long wanted) {
    return new SimOptions(profile, faults, seed, wanted, threads, realThreads, producer);
  }

  /** These options with another number of threads. */
  public SimOptions withThreads(int wanted) {
    return new SimOptions(profile, faults, seed, frames, wanted, realThreads, producer);
  }

  /** These options with OS threads or without. */
  public SimOptions withRealThreads(boolean wanted) {
    return new SimOptions(profile, faults, seed, frames, threads, wanted, producer);
  }

  /** These options with another producer. */
  public SimOptions withProducer(String wanted) {
    return new SimOptions(profile, faults, seed, frames, threads, realThreads, wanted);
  }

  /** The command line that records the same trace; its output file is called FILE. */
  public String command() {
    StringBuilder line = new StringBuilder("kstrace capture sim --profile ").append(profile.id());
    if (!faults.isEmpty()) {
      line.append(" --fault ").append(Fault.ids(faults));
    }
    line.append(" --seed ").append(seed);
    line.append(" --frames ").append(frames);
    line.append(" --threads ").append(threads);
    if (realThreads) {
      line.append(" --real-threads");
    }
    return line.append(" -o FILE").toString();
  }
}
