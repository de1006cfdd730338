package dev.kstrace.analyze.config;

import dev.kstrace.analyze.triage.Suppression;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a team decided once for all its calls. Immutable.
 *
 * @param failOn the word of {@code fail-on}
 * @param disabled rules to leave out
 * @param ruleFolders folders of rules, found from the file's own folder
 * @param baseline the baseline, found likewise
 * @param thresholds values of parameters
 * @param suppressions findings to leave
 */
public record Config(
    @Nullable Named failOn,
    List<Named> disabled,
    List<Path> ruleFolders,
    @Nullable Path baseline,
    List<Threshold> thresholds,
    List<Suppression> suppressions) {
  /** The name that is looked for. */
  public static final String FILE_NAME = "kstrace.toml";

  /** No file. */
  public static final Config NONE =
      new Config(null, List.of(), List.of(), null, List.of(), List.of());

  /**
   * A word and where it is written.
   *
   * @param place such as {@code kstrace.toml:3}
   */
  public record Named(String place, String text) {}

  /**
   * A value of a rule's parameter.
   *
   * @param place where it is written
   */
  public record Threshold(String place, String rule, String parameter, String value) {}

  /** The nearest file on the way up from a folder, or null where there is none. */
  public static @Nullable Path find(Path directory) {
    for (Path folder = directory; folder != null; folder = folder.getParent()) {
      Path file = folder.resolve(FILE_NAME);
      if (Files.isRegularFile(file)) {
        return file;
      }
    }
    return null;
  }

  /**
   * Reads a file.
   *
   * @throws ConfigException if it says something that is not understood
   * @throws IOException if it cannot be read
   */
  public static Config read(Path file) throws IOException, ConfigException {
    return new ConfigFile(file).read();
  }
}
