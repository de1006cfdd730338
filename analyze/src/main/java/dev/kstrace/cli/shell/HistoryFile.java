package dev.kstrace.cli.shell;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where the shell remembers what was typed: in the folder that the system has for such things. */
final class HistoryFile {
  private HistoryFile() {}

  /** The file; null where the environment names no home. It need not exist. */
  static @Nullable Path of(Map<String, String> environment, String name) {
    Path folder = folder(environment);
    return folder == null ? null : folder.resolve("kstrace").resolve(name);
  }

  private static @Nullable Path folder(Map<String, String> environment) {
    Path state = absolute(environment.get("XDG_STATE_HOME"));
    if (state != null) {
      return state;
    }
    Path local = absolute(environment.get("LOCALAPPDATA"));
    if (local != null) {
      return local;
    }
    Path home = absolute(environment.get("HOME"));
    return home == null ? null : home.resolve(".local").resolve("state");
  }

  private static @Nullable Path absolute(@Nullable String name) {
    if (name == null || name.isEmpty()) {
      return null;
    }
    try {
      Path path = Path.of(name);
      return path.isAbsolute() ? path : null; // as the XDG specification wants it
    } catch (InvalidPathException e) {
      return null;
    }
  }
}
