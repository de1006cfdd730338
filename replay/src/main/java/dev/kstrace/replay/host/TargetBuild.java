package dev.kstrace.replay.host;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Makes a target of a driver's sources: compiles them unmodified against the shim's headers and
 * links the shim to them. Immutable.
 *
 * @param sources the driver's .c or .cpp files, at least one
 * @param output the shared library
 * @param sanitizers what {@code -fsanitize} is to name; empty = none
 * @param options further options of the compiler, such as {@code -DNAME}
 */
public record TargetBuild(
    List<Path> sources, Path output, List<String> sanitizers, List<String> options) {
  /** What {@code -fsanitize} may name: what replay knows how to run. */
  public static final Set<String> SANITIZERS = Set.of("address", "undefined", "thread");

  /** Copies the lists; refuses what cannot be built. */
  public TargetBuild {
    sources = List.copyOf(sources);
    sanitizers = List.copyOf(sanitizers);
    options = List.copyOf(options);
    for (String sanitizer : sanitizers) {
      if (!SANITIZERS.contains(sanitizer)) {
        throw new NativeBuildException(
            "unknown sanitizer, sanitize=" + sanitizer + ", expected address, undefined or thread");
      }
    }
    if (sanitizers.contains("address") && sanitizers.contains("thread")) {
      throw new NativeBuildException("address and thread cannot be in one target; build two");
    }
  }

  /** The command line. */
  public List<String> command(NativeCache cache, CCompiler compiler) {
    Path c = cache.sources();
    List<String> arguments = new ArrayList<>();
    // The kernel's wchar_t has 16 bits; the rest is what drivers rely on from their own compiler.
    arguments.addAll(
        List.of("-shared", "-fPIC", "-g", "-fno-omit-frame-pointer", "-fno-strict-aliasing"));
    arguments.addAll(List.of("-fshort-wchar", "-fms-extensions", "-fno-builtin-malloc"));
    arguments.addAll(
        List.of("-Wall", "-Wno-unknown-pragmas", "-Wno-multichar", "-Wno-unused-value"));
    if (sanitizers.isEmpty()) {
      arguments.add("-O2");
    } else {
      arguments.add("-O1");
      arguments.add("-fsanitize=" + String.join(",", sanitizers));
      arguments.add("-fno-sanitize-recover=all");
    }
    arguments.addAll(options);
    arguments.add("-I" + c.resolve("shim"));
    arguments.add("-I" + c.resolve("host"));
    sources.forEach(source -> arguments.add(source.toString()));
    NativeCache.SHIM_SOURCES.forEach(source -> arguments.add(c.resolve(source).toString()));
    arguments.add("-o");
    arguments.add(output.toString());
    return compiler.with(arguments);
  }

  /**
   * Builds the target.
   *
   * @return what the compiler had to say
   * @throws NativeBuildException if it fails; the message has what the compiler said
   */
  public String build(NativeCache cache, CCompiler compiler) {
    return CCompiler.run(command(cache, compiler));
  }
}
