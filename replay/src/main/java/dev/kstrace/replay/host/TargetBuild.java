package dev.kstrace.replay.host;

import dev.kstrace.traces.NewFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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

  /** The kernel's wchar_t has 16 bits; the rest is what drivers rely on from their own compiler. */
  private static final List<String> COMMON =
      List.of(
          "-fPIC",
          "-g",
          "-fno-omit-frame-pointer",
          "-fno-strict-aliasing",
          "-fshort-wchar",
          "-fms-extensions");

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

  /**
   * The command lines in the order in which they have to be run: first those that compile the shim,
   * where that was not done before.
   *
   * @throws NativeBuildException if the tool's own sources cannot be written
   */
  public List<List<String>> commands(NativeCache cache, CCompiler compiler) {
    List<List<String>> lines = new ArrayList<>();
    List<Path> objects = new ArrayList<>();
    for (String source : NativeCache.SHIM_SOURCES) {
      List<String> line = shimCommand(cache, compiler, source);
      Path object = Path.of(line.get(line.size() - 1));
      objects.add(object);
      if (!Files.exists(object)) {
        lines.add(line);
      }
    }
    lines.add(driverCommand(cache, compiler, objects));
    return lines;
  }

  private List<String> shimCommand(NativeCache cache, CCompiler compiler, String source) {
    Path c = cache.sources();
    List<String> arguments = new ArrayList<>(List.of("-c", "-std=gnu11", "-O2"));
    arguments.addAll(COMMON);
    if (sanitizers.contains("address") || sanitizers.contains("thread")) {
      arguments.add("-fsanitize=" + (sanitizers.contains("address") ? "address" : "thread"));
    }
    arguments.add("-I" + c.resolve("shim"));
    arguments.add("-I" + c.resolve("host"));
    arguments.add(c.resolve(source).toString());
    List<String> how = new ArrayList<>(arguments);
    how.add(compiler.identity());
    how.addAll(compiler.command());
    arguments.addAll(List.of("-o", cache.place("shim", how) + ".o"));
    return compiler.with(arguments);
  }

  private List<String> driverCommand(NativeCache cache, CCompiler compiler, List<Path> objects) {
    Path c = cache.sources();
    List<String> arguments = new ArrayList<>(List.of("-shared"));
    arguments.addAll(COMMON);
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
    sources.forEach(source -> arguments.add(source.toString()));
    objects.forEach(object -> arguments.add(object.toString()));
    arguments.addAll(List.of("-o", output.toString()));
    return compiler.with(arguments);
  }

  /**
   * Builds the target.
   *
   * @return what the compiler had to say about the driver
   * @throws NativeBuildException if it fails; the message has what the compiler said
   */
  public String build(NativeCache cache, CCompiler compiler) {
    String said = "";
    for (List<String> line : commands(cache, compiler)) {
      said = line.contains("-c") ? compileShim(line) : CCompiler.run(line);
    }
    return said;
  }

  /** Under another name first, as others may use the same cache at this moment. */
  private static String compileShim(List<String> line) {
    Path object = Path.of(line.get(line.size() - 1));
    try {
      Path fresh = Files.createTempFile(object.toAbsolutePath().getParent(), "new", ".o");
      NewFile.deleteAtEnd(fresh);
      try {
        List<String> other = new ArrayList<>(line);
        other.set(line.size() - 1, fresh.toString());
        String said = CCompiler.run(other);
        Files.move(fresh, object, StandardCopyOption.ATOMIC_MOVE);
        return said;
      } finally {
        NewFile.delete(fresh);
      }
    } catch (IOException e) {
      throw NativeCache.cannotWrite(e);
    }
  }
}
