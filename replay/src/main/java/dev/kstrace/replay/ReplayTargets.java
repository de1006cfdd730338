package dev.kstrace.replay;

import dev.kstrace.traces.TraceMetadata;
import java.nio.file.Path;
import java.util.List;

/** Finds targets by the names that users write. Stateless. */
public final class ReplayTargets {
  private static final String JAVA = "java:";

  private ReplayTargets() {}

  /**
   * Makes a fresh target.
   *
   * <ul>
   *   <li>{@code java:CLASS}: a class that implements {@link
   *       dev.kstrace.capture.AllocatorDispatch}, with a public constructor without parameters
   * </ul>
   *
   * @param spec what the user wrote
   * @param recording metadata of the recording to be replayed
   * @param classPath directories and jars in which {@code java:} classes are looked up, besides the
   *     tool's own
   * @throws IllegalArgumentException if there is no such target or it cannot be made; the message
   *     is one sentence for the user
   */
  public static ReplayTarget parse(String spec, TraceMetadata recording, List<Path> classPath) {
    if (spec.startsWith(JAVA)) {
      return JavaTargets.load(spec, spec.substring(JAVA.length()), classPath);
    }
    throw new IllegalArgumentException("unknown target, target=" + spec + ", expected java:CLASS");
  }
}
