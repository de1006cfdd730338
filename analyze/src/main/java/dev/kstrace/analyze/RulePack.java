package dev.kstrace.analyze;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The rules that come with the tool, each one a .sql file in {@code dev/kstrace/rules}. */
public final class RulePack {
  /** Ids of the built-in rules: the order of the documentation, by subject. */
  static final List<String> IDS =
      List.of(
          "callback-without-initialize",
          "use-after-delete",
          "double-delete",
          "allocator-not-deleted",
          "illegal-initialize-status",
          "frames-outstanding-at-delete",
          "double-free",
          "free-of-unknown-frame",
          "free-through-wrong-allocator",
          "free-null",
          "frame-leak",
          "interior-free",
          "duplicate-live-address",
          "overlapping-frames",
          "outstanding-exceeds-frames",
          "frame-smaller-than-framing",
          "frame-misaligned",
          "alignment-not-a-mask",
          "reserved-not-zero",
          "unknown-option-bits",
          "pool-type-outside-contract",
          "irql-not-restored",
          "paged-pool-at-high-irql",
          "irql-above-dispatch",
          "delete-overlaps-use",
          "kernel-allocator-on-user-connection",
          "illegal-state-step",
          "sequence-gap",
          "events-lost",
          "inconsistent-result");

  private static final String FOLDER = "/dev/kstrace/rules/";
  private static final Set<String> KEYS =
      Set.of("rule", "severity", "basis", "reads", "needs", "why", "fix", "source", "limits");

  private RulePack() {}

  /** All built-in rules. */
  public static List<Rule> builtIn() {
    List<Rule> rules = new ArrayList<>();
    for (String id : IDS) {
      rules.add(parse(id, resource(FOLDER + id + ".sql")));
    }
    return List.copyOf(rules);
  }

  static String resource(String name) {
    try (InputStream in = RulePack.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("not on the class path, resource=" + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read resource=" + name, e);
    }
  }

  /**
   * Reads a rule from the text of its file.
   *
   * @param id what the header must say, the file's name without .sql
   * @throws IllegalArgumentException if the header is not complete; the message says what is
   *     missing
   */
  static Rule parse(String id, String text) {
    Map<String, String> header = new LinkedHashMap<>();
    StringBuilder sql = new StringBuilder();
    String key = null;
    for (String line : text.split("\n", -1)) {
      if (!sql.isEmpty() || !line.startsWith("--")) {
        sql.append(line).append('\n');
        continue;
      }
      String content = line.substring(2);
      String found = key(content);
      if (found != null) {
        key = found;
        header.put(key, content.substring(content.indexOf(':') + 1).strip());
      } else if (key != null) {
        header.merge(key, content.strip(), (a, b) -> a + " " + b);
      }
    }
    if (!id.equals(header.get("rule"))) {
      throw new IllegalArgumentException("the header says rule=" + header.get("rule"));
    }
    Severity severity = Severity.of(header.get("severity"));
    if (severity == null) {
      throw new IllegalArgumentException("the header has no severity of error, warning or info");
    }
    return new Rule(
        id,
        severity,
        required(header, "basis"),
        list(required(header, "reads")),
        list(header.getOrDefault("needs", "")),
        required(header, "why"),
        required(header, "fix"),
        required(header, "source"),
        required(header, "limits"),
        sql.toString().strip());
  }

  private static @Nullable String key(String content) {
    int colon = content.indexOf(':');
    String word = colon < 0 ? "" : content.substring(0, colon);
    return word.startsWith(" ") && KEYS.contains(word.substring(1)) ? word.substring(1) : null;
  }

  private static String required(Map<String, String> header, String key) {
    String value = header.get(key);
    if (value == null || value.isEmpty()) {
      throw new IllegalArgumentException("the header has no " + key);
    }
    return value;
  }

  private static List<String> list(String text) {
    List<String> parts = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      if (!part.isBlank()) {
        parts.add(part.strip());
      }
    }
    return List.copyOf(parts);
  }
}
