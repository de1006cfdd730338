package dev.kstrace.replay.host;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The user's C compiler: what {@code CC} says, else the first of cc, gcc and clang on {@code PATH}.
 *
 * <p>Options are those of GCC and Clang. Immutable.
 *
 * @param command the compiler and what {@code CC} adds to it
 * @param path where the compiler was found
 */
public record CCompiler(List<String> command, Path path) {
  private static final List<String> NAMES = List.of("cc", "gcc", "clang");

  /** Copies the list. */
  public CCompiler {
    command = List.copyOf(command);
  }

  /**
   * Finds the compiler.
   *
   * @param environment environment variables
   * @throws NativeBuildException if there is none, or it is of a kind that cannot be used
   */
  public static CCompiler find(Map<String, String> environment) {
    if (System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows")) {
      throw new NativeBuildException(
          "native targets need a POSIX system for now: neither the host nor cl.exe was tried on"
              + " Windows");
    }
    String named = environment.getOrDefault("CC", "").strip();
    if (!named.isEmpty()) {
      List<String> words = List.of(named.split("\\s+"));
      Path found = which(words.get(0), environment);
      if (found == null) {
        throw new NativeBuildException(
            "CC names a C compiler that is not there, CC=" + named + "; correct it or unset it");
      }
      return new CCompiler(words, found);
    }
    for (String name : NAMES) {
      Path found = which(name, environment);
      if (found != null) {
        return new CCompiler(List.of(name), found);
      }
    }
    throw new NativeBuildException(
        "native targets need a C compiler, and none of cc, gcc, clang is on PATH; install one"
            + " (Debian: apt-get install gcc libc6-dev) or name it in CC");
  }

  private static @Nullable Path which(String name, Map<String, String> environment) {
    if (name.contains("/")) {
      Path path = Path.of(name);
      return Files.isExecutable(path) ? path : null;
    }
    for (String folder : environment.getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
      if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, name))) {
        return Path.of(folder, name);
      }
    }
    return null;
  }

  /** What tells this compiler from another, or from itself after an update. */
  String identity() {
    try {
      Path real = path.toRealPath();
      return real + " " + Files.size(real) + " " + Files.getLastModifiedTime(real).toMillis();
    } catch (IOException e) {
      return path.toString();
    }
  }

  /** A command line of this compiler. */
  List<String> with(List<String> arguments) {
    List<String> line = new ArrayList<>(command);
    line.addAll(arguments);
    return line;
  }

  /**
   * Runs the compiler.
   *
   * @param line the whole command line
   * @return what it printed, warnings as a rule
   * @throws NativeBuildException if it fails; the message has what it printed
   */
  static String run(List<String> line) {
    try {
      Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int code = process.waitFor();
      if (code != 0) {
        throw new NativeBuildException(
            "the C compiler failed, exit code " + code + ": " + shown(line) + "\n" + text.strip());
      }
      return text;
    } catch (IOException e) {
      throw new NativeBuildException(
          "cannot start the C compiler " + line.get(0) + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new NativeBuildException("interrupted while the C compiler ran", e);
    }
  }

  /** A command line as it would be typed. */
  public static String shown(List<String> line) {
    List<String> words = new ArrayList<>();
    for (String word : line) {
      boolean plain = word.matches("[A-Za-z0-9_./:+,=@%-]+");
      words.add(plain ? word : "'" + word.replace("'", "'\\''") + "'");
    }
    return String.join(" ", words);
  }
}
