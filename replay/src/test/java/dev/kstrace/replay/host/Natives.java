package dev.kstrace.replay.host;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Targets for tests, built of {@code src/test/c} with the C compiler of the machine. Where there is
 * none, the test that asks is skipped and says so.
 */
public final class Natives {
  private static final Path SOURCES = sources();
  private static final Path BUILT = Path.of("target", "native-tests").toAbsolutePath();

  private Natives() {}

  private static Path sources() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(folder.resolve("replay/src/test/c"))) {
      folder = folder.getParent();
    }
    return folder.resolve("replay/src/test/c");
  }

  /** The variables of this process, but with a cache that {@code clean} removes. */
  public static Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.put("KSTRACE_CACHE", BUILT.resolve("cache").toString());
    return environment;
  }

  /** A source file for tests. */
  public static Path source(String name) {
    return SOURCES.resolve(name);
  }

  /** The compiler; without one the test is skipped. */
  public static CCompiler compiler() {
    try {
      return CCompiler.find(environment());
    } catch (NativeBuildException e) {
      assumeTrue(false, "skipped: " + e.getMessage());
      throw e;
    }
  }

  /** The folder of the stand-in headers. */
  public static Path standIns() {
    return NativeCache.of(environment()).sources().resolve("shim");
  }

  /** Whether the machine has a program of that name. */
  public static boolean isOnPath(String program) {
    return java.util.Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":", -1))
        .anyMatch(folder -> !folder.isEmpty() && Files.isExecutable(Path.of(folder, program)));
  }

  /** A driver's file made into a target as {@code build-target} does. */
  public static Path target(String source, String sanitize, String... defines) {
    CCompiler compiler = compiler();
    NativeCache cache = NativeCache.of(environment());
    List<String> sanitizers = sanitize.isEmpty() ? List.of() : List.of(sanitize.split(","));
    List<String> options = new ArrayList<>();
    for (String define : defines) {
      options.add("-D" + define);
    }
    return built(
        source,
        output ->
            new TargetBuild(List.of(source(source)), output, sanitizers, options)
                .commands(cache, compiler));
  }

  /** A file compiled without anything of the tool's, as a shared library or a program. */
  public static Path plain(String source, String... options) {
    CCompiler compiler = compiler();
    return built(
        source,
        output -> {
          List<String> arguments = new ArrayList<>(List.of(options));
          arguments.add(source(source).toString());
          arguments.addAll(List.of("-o", output.toString()));
          return List.of(compiler.with(arguments));
        });
  }

  private interface Line {
    List<List<String>> to(Path output);
  }

  /** Builds unless the same was built of the same file before. */
  private static Path built(String source, Line line) {
    try {
      Files.createDirectories(BUILT);
      List<List<String>> lines = line.to(Path.of("out"));
      List<String> how = new ArrayList<>(lines.get(lines.size() - 1));
      how.add(Files.readString(source(source)));
      Path output = new NativeCache(BUILT).place(source.replace(".c", ""), how);
      if (!Files.exists(output)) {
        Path fresh = Files.createTempFile(BUILT, "new", "");
        for (List<String> each : line.to(fresh)) {
          CCompiler.run(each);
        }
        Files.move(fresh, output, StandardCopyOption.ATOMIC_MOVE);
      }
      return output;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Starts a target; the machine may be busy, so it gets time. */
  public static HostTarget start(Path library, String table) {
    return start(library, new HostOptions(table, 60_000, false, false, environment()));
  }

  static HostTarget start(Path library, HostOptions options) {
    return HostTarget.start("native:" + library, library, options);
  }
}
