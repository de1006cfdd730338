package dev.kstrace.replay;

import dev.kstrace.replay.host.HostOptions;
import dev.kstrace.replay.host.HostTarget;
import dev.kstrace.traces.TraceMetadata;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds targets by the names that users write. Stateless. */
public final class ReplayTargets {
  private static final String JAVA = "java:";
  private static final String SIM = "sim:";
  private static final String NATIVE = "native:";
  private static final long DEFAULT_SEED = 1;

  private ReplayTargets() {}

  /** As the last method, with the seed of the recording and without native targets. */
  public static ReplayTarget parse(String spec, TraceMetadata recording, List<Path> classPath) {
    return parse(spec, recording, classPath, null, null);
  }

  /** As the last method, without native targets. */
  public static ReplayTarget parse(
      String spec, TraceMetadata recording, List<Path> classPath, @Nullable Long seed) {
    return parse(spec, recording, classPath, seed, null);
  }

  /**
   * Makes a fresh target.
   *
   * <ul>
   *   <li>{@code java:CLASS}: a class that implements {@link
   *       dev.kstrace.capture.AllocatorDispatch}, with a public constructor without parameters
   *   <li>{@code sim:default}, {@code sim:slab}, {@code sim:reactos}: simulated allocators that
   *       never run out of memory
   *   <li>{@code sim:PROFILE+FAULT+FAULT}: the allocator of a simulated device with faults of its
   *       own; without faults the repaired one
   *   <li>{@code native:LIB}: a shared library that exports a KSALLOCATOR_DISPATCH
   * </ul>
   *
   * @param spec what the user wrote
   * @param recording metadata of the recording to be replayed
   * @param classPath directories and jars in which {@code java:} classes are looked up, besides the
   *     tool's own
   * @param seed for {@code sim:PROFILE}; null = the recording's {@code kstrace.seed}, else 1
   * @param host how a native target is run; null = such targets are refused
   * @throws dev.kstrace.replay.host.NativeBuildException if a native target cannot be built
   * @throws IllegalArgumentException if there is no such target or it cannot be made; the message
   *     is one sentence for the user
   */
  public static ReplayTarget parse(
      String spec,
      TraceMetadata recording,
      List<Path> classPath,
      @Nullable Long seed,
      @Nullable HostOptions host) {
    if (spec.startsWith(JAVA)) {
      return JavaTargets.load(spec, spec.substring(JAVA.length()), classPath);
    }
    if (spec.startsWith(SIM)) {
      long chosen = seed != null ? seed : recordedSeed(recording);
      return SimTargets.make(spec, spec.substring(SIM.length()), chosen);
    }
    if (spec.startsWith(NATIVE) && host != null) {
      return HostTarget.start(spec, Path.of(spec.substring(NATIVE.length())), host);
    }
    throw new IllegalArgumentException(
        "unknown target, target="
            + spec
            + ", expected java:CLASS, sim:ALLOCATOR, sim:PROFILE or native:LIB");
  }

  private static long recordedSeed(TraceMetadata recording) {
    String text = recording.get(ReplayEngine.SEED_KEY);
    if (text == null) {
      return DEFAULT_SEED;
    }
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "the recording has no usable seed, "
              + ReplayEngine.SEED_KEY
              + "="
              + text
              + ", expected a whole number; give a seed",
          e);
    }
  }
}
