package dev.kstrace.replay.host;

import dev.kstrace.traces.NewFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The program that hosts a target, built with the user's compiler on first use.
 *
 * <p>A target that was built with a sanitizer needs a host that was, since the sanitizer has to be
 * there before anything else is loaded.
 */
public final class HostProgram {
  private final NativeCache cache;
  private final CCompiler compiler;

  /** The program as a compiler makes it. */
  public HostProgram(NativeCache cache, CCompiler compiler) {
    this.cache = cache;
    this.compiler = compiler;
  }

  /** The sanitizer that has to be in the host, as {@code -fsanitize} names it. */
  enum Sanitizer {
    NONE(""),
    ADDRESS("__asan_init"),
    THREAD("__tsan_init");

    /** A symbol that every library built with it needs. */
    private final String symbol;

    Sanitizer(String symbol) {
      this.symbol = symbol;
    }

    /** The sanitizer that a library needs. */
    static Sanitizer of(Path library) throws IOException {
      byte[] bytes = Files.readAllBytes(library);
      for (Sanitizer each : List.of(ADDRESS, THREAD)) {
        if (contains(bytes, each.symbol.getBytes(StandardCharsets.US_ASCII))) {
          return each;
        }
      }
      return NONE;
    }

    private static boolean contains(byte[] bytes, byte[] wanted) {
      for (int at = 0; at + wanted.length <= bytes.length; at++) {
        int same = 0;
        while (same < wanted.length && bytes[at + same] == wanted[same]) {
          same++;
        }
        if (same == wanted.length) {
          return true;
        }
      }
      return false;
    }
  }

  /** The command that builds the host for targets without a sanitizer, as it would be typed. */
  public String command() {
    return CCompiler.shown(command(Sanitizer.NONE, null));
  }

  private List<String> command(Sanitizer sanitizer, @Nullable Path output) {
    Path sources = cache.sources();
    List<String> arguments = new ArrayList<>();
    arguments.addAll(
        List.of("-std=gnu11", "-O2", "-g", "-Wall", "-fshort-wchar", "-fms-extensions"));
    if (sanitizer != Sanitizer.NONE) {
      arguments.add("-fsanitize=" + sanitizer.name().toLowerCase(Locale.ROOT));
      arguments.add("-fno-omit-frame-pointer");
    }
    arguments.add("-I" + sources.resolve("host"));
    arguments.add("-I" + sources.resolve("shim"));
    for (String source : NativeCache.HOST_SOURCES) {
      arguments.add(sources.resolve(source).toString());
    }
    arguments.add("-o");
    if (output != null) {
      arguments.add(output.toString());
    } else {
      arguments.add(place(arguments).toString());
    }
    // Some systems have these two in the C library.
    arguments.addAll(List.of("-ldl", "-lpthread"));
    return compiler.with(arguments);
  }

  private Path place(List<String> arguments) {
    List<String> how = new ArrayList<>(arguments);
    how.add(compiler.identity());
    how.addAll(compiler.command());
    return cache.place("host", how);
  }

  /**
   * The host for a library, built first where it is missing.
   *
   * @throws NativeBuildException if it cannot be built
   * @throws IOException if the library cannot be read
   */
  Path forLibrary(Path library) throws IOException {
    Sanitizer sanitizer = Sanitizer.of(library);
    List<String> line = command(sanitizer, null);
    Path program = Path.of(line.get(line.indexOf("-o") + 1));
    if (Files.isExecutable(program)) {
      return program;
    }
    Path parent = program.toAbsolutePath().getParent();
    try {
      Files.createDirectories(parent);
      Path fresh = Files.createTempFile(parent, "new", "");
      NewFile.deleteAtEnd(fresh);
      try {
        CCompiler.run(command(sanitizer, fresh));
        Files.move(fresh, program, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        NewFile.delete(fresh);
      }
    } catch (IOException e) {
      throw NativeCache.cannotWrite(e);
    }
    return program;
  }
}
