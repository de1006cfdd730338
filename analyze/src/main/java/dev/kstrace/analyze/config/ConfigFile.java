package dev.kstrace.analyze.config;

import dev.kstrace.analyze.config.Config.Named;
import dev.kstrace.analyze.config.Config.Threshold;
import dev.kstrace.analyze.triage.Glob;
import dev.kstrace.analyze.triage.Suppression;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/** Reads a configuration; refuses what it does not know, since a typo would be silence. */
final class ConfigFile {
  private static final long LARGEST_BYTES = 1 << 20;
  private static final List<String> KEYS =
      List.of("fail-on", "disable", "rule-dirs", "baseline", "rules", "suppress");
  private static final List<String> SUPPRESS_KEYS =
      List.of("rule", "fingerprint", "pin", "trace", "reason", "until");

  private final Path file;

  ConfigFile(Path file) {
    this.file = file;
  }

  Config read() throws IOException, ConfigException {
    TomlTable root = parse();
    requireKnown(root, KEYS);
    String baseline = string(root, "baseline");
    String failOn = string(root, "fail-on");
    return new Config(
        failOn == null ? null : new Named(place(root, "fail-on"), failOn),
        strings(root, "disable"),
        paths(root, "rule-dirs"),
        baseline == null ? null : path(place(root, "baseline"), baseline),
        thresholds(root),
        suppressions(root));
  }

  private TomlTable parse() throws IOException, ConfigException {
    if (Files.size(file) > LARGEST_BYTES) {
      throw new ConfigException(file + " is too large for a configuration, expected at most 1 MiB");
    }
    TomlParseResult result;
    try {
      result = Toml.parse(Files.readString(file));
    } catch (CharacterCodingException e) {
      throw new ConfigException(file + " is no UTF-8 text, expected TOML");
    }
    if (result.hasErrors()) {
      TomlParseError first = result.errors().get(0);
      throw new ConfigException(
          place(first.position()) + " is no TOML: " + String.valueOf(first.getMessage()).strip());
    }
    return result;
  }

  private void requireKnown(TomlTable table, List<String> known) throws ConfigException {
    for (String key : table.keySet()) {
      if (!known.contains(key)) {
        String near = Names.nearest(key, known);
        throw new ConfigException(
            place(table, key)
                + ": there is no key "
                + key
                + (near == null ? "" : "; did you mean " + near + "?")
                + " (expected "
                + String.join(", ", known)
                + ")");
      }
    }
  }

  private List<Threshold> thresholds(TomlTable root) throws ConfigException {
    List<Threshold> thresholds = new ArrayList<>();
    TomlTable rules = table(root, "rules");
    if (rules != null) {
      for (String rule : sorted(rules)) {
        TomlTable values = table(rules, rule);
        if (values != null) {
          addThresholds(rule, values, thresholds);
        }
      }
    }
    return List.copyOf(thresholds);
  }

  private void addThresholds(String rule, TomlTable values, List<Threshold> thresholds)
      throws ConfigException {
    for (String parameter : sorted(values)) {
      String place = place(values, parameter);
      thresholds.add(new Threshold(place, rule, parameter, number(values, parameter)));
    }
  }

  /** Keys in an order that does not hang on the library. */
  private static List<String> sorted(TomlTable table) {
    return table.keySet().stream().sorted().toList();
  }

  private String number(TomlTable table, String key) throws ConfigException {
    Object value = table.get(List.of(key));
    if (value instanceof Long whole) {
      return whole.toString();
    }
    if (value instanceof Double fraction && Double.isFinite(fraction)) {
      return BigDecimal.valueOf(fraction).toPlainString();
    }
    throw wrong(table, key, "a number");
  }

  private List<Suppression> suppressions(TomlTable root) throws ConfigException {
    List<Suppression> suppressions = new ArrayList<>();
    TomlArray array = array(root, "suppress");
    for (int i = 0; array != null && i < array.size(); i++) {
      if (!(array.get(i) instanceof TomlTable table)) {
        throw wrong(root, "suppress", "tables [[suppress]]");
      }
      suppressions.add(suppression(place(array.inputPositionOf(i)), table));
    }
    return List.copyOf(suppressions);
  }

  private Suppression suppression(String place, TomlTable table) throws ConfigException {
    requireKnown(table, SUPPRESS_KEYS);
    String fingerprint = string(table, "fingerprint");
    if (fingerprint != null && !fingerprint.matches("[0-9a-f]{16}")) {
      throw wrong(table, "fingerprint", "16 hexadecimal digits, as check prints them");
    }
    String reason = string(table, "reason");
    if (reason == null || reason.isBlank()) {
      throw new ConfigException(place + ": a suppression needs a reason = \"...\"");
    }
    Suppression suppression =
        new Suppression(
            place,
            glob(table, "rule"),
            fingerprint,
            glob(table, "pin"),
            glob(table, "trace"),
            reason.strip(),
            date(table, "until"));
    if (suppression.rule() == null
        && fingerprint == null
        && suppression.pin() == null
        && suppression.trace() == null) {
      throw new ConfigException(
          place + ": a suppression of everything; expected rule, fingerprint, pin or trace");
    }
    return suppression;
  }

  private @Nullable Glob glob(TomlTable table, String key) throws ConfigException {
    String text = string(table, key);
    return text == null ? null : Glob.of(text);
  }

  private @Nullable LocalDate date(TomlTable table, String key) throws ConfigException {
    Object value = table.get(List.of(key));
    if (value == null || value instanceof LocalDate) {
      return (LocalDate) value;
    }
    throw wrong(table, key, "a date without quotes, such as 2027-01-31");
  }

  private @Nullable String string(TomlTable table, String key) throws ConfigException {
    Object value = table.get(List.of(key));
    if (value == null || value instanceof String) {
      return (String) value;
    }
    throw wrong(table, key, "a text in quotes");
  }

  private @Nullable TomlTable table(TomlTable table, String key) throws ConfigException {
    Object value = table.get(List.of(key));
    if (value == null || value instanceof TomlTable) {
      return (TomlTable) value;
    }
    throw wrong(table, key, "a table");
  }

  private @Nullable TomlArray array(TomlTable table, String key) throws ConfigException {
    Object value = table.get(List.of(key));
    if (value == null || value instanceof TomlArray) {
      return (TomlArray) value;
    }
    throw wrong(table, key, "a list");
  }

  private List<Named> strings(TomlTable table, String key) throws ConfigException {
    List<Named> values = new ArrayList<>();
    TomlArray array = array(table, key);
    for (int i = 0; array != null && i < array.size(); i++) {
      if (!(array.get(i) instanceof String text)) {
        throw wrong(table, key, "a list of texts in quotes");
      }
      values.add(new Named(place(array.inputPositionOf(i)), text));
    }
    return List.copyOf(values);
  }

  private List<Path> paths(TomlTable table, String key) throws ConfigException {
    List<Path> paths = new ArrayList<>();
    for (Named name : strings(table, key)) {
      paths.add(path(name.place(), name.text()));
    }
    return List.copyOf(paths);
  }

  private Path path(String place, String text) throws ConfigException {
    try {
      return file.resolveSibling(text);
    } catch (InvalidPathException e) {
      throw new ConfigException(place + ": not a path: " + e.getMessage());
    }
  }

  private ConfigException wrong(TomlTable table, String key, String expected) {
    return new ConfigException(place(table, key) + ": " + key + " must be " + expected);
  }

  private String place(TomlTable table, String key) {
    return place(table.inputPositionOf(List.of(key)));
  }

  private String place(@Nullable TomlPosition position) {
    return file + ":" + (position == null ? 1 : position.line());
  }
}
