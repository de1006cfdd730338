package dev.kstrace.analyze;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The text of a rule's file: a header of comments {@code -- key: value}, continued on lines that
 * are indented further, and one statement.
 */
final class RuleFile {
  private static final Pattern ID = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");
  private static final Set<String> BASES = Set.of("contract", "derived", "heuristic", "recorder");
  private static final Set<String> TABLES = names();
  private static final List<String> NEEDS = needs();
  private static final String PARAMETER = "param";
  private static final Set<String> KEYS =
      Set.of(
          "rule",
          "severity",
          "basis",
          "reads",
          "needs",
          PARAMETER,
          "why",
          "fix",
          "source",
          "limits");

  private final List<String> lines;
  private final Map<String, Entry> header = new LinkedHashMap<>();
  private final List<Entry> parameters = new ArrayList<>();
  private final int headerLines;

  /** A value of the header and its line. */
  private static final class Entry {
    final int line;
    String text;

    Entry(int line, String text) {
      this.line = line;
      this.text = text;
    }
  }

  private RuleFile(String text) {
    lines = lines(text);
    headerLines = headerLines(lines);
    Entry last = null;
    for (int i = 0; i < headerLines; i++) {
      String content = lines.get(i).substring(2);
      String key = key(content);
      if (key != null) {
        last = new Entry(i + 1, content.substring(content.indexOf(':') + 1).strip());
        add(key, last);
      } else if (last != null) {
        last.text = (last.text + " " + content.strip()).strip();
      }
    }
  }

  /** The lines of a text; by hand, since a pattern takes ten times as long in a young process. */
  private static List<String> lines(String text) {
    List<String> lines = new ArrayList<>();
    int from = 0;
    for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      boolean windows = end > from && text.charAt(end - 1) == '\r';
      lines.add(text.substring(from, windows ? end - 1 : end));
      from = end + 1;
    }
    lines.add(text.substring(from));
    return lines;
  }

  /** The number of lines before the statement. */
  static int headerLines(String text) {
    return headerLines(lines(text));
  }

  private static int headerLines(List<String> lines) {
    int count = 0;
    while (count < lines.size() && lines.get(count).startsWith("--")) {
      count++;
    }
    return count;
  }

  private static @Nullable String key(String content) {
    int colon = content.indexOf(':');
    String word = colon < 0 ? "" : content.substring(0, colon);
    return word.startsWith(" ") && KEYS.contains(word.substring(1)) ? word.substring(1) : null;
  }

  private void add(String key, Entry entry) {
    if (key.equals(PARAMETER)) {
      parameters.add(entry);
    } else if (header.putIfAbsent(key, entry) != null) {
      throw new RuleException(entry.line, "the header has two entries " + key);
    }
  }

  /**
   * Reads a rule from the text of its file.
   *
   * @param file where it was read; null for a built-in one
   * @param id what the header must say, the file's name without .sql
   * @throws RuleException if the header is not complete or contradicts the statement
   */
  static Rule parse(@Nullable Path file, String id, String text) {
    return new RuleFile(text).rule(file, id);
  }

  private Rule rule(@Nullable Path file, String id) {
    if (!ID.matcher(id).matches()) {
      throw new RuleException(
          1, "a rule's name is of small letters, digits and hyphens, name=" + id);
    }
    Entry named = header.get("rule");
    if (named == null || !named.text.equals(id)) {
      String says = named == null ? null : named.text;
      throw new RuleException(named == null ? 1 : named.line, "the header says rule=" + says);
    }
    Entry given = header.get("severity");
    Severity severity = given == null ? null : Severity.of(given.text);
    if (severity == null) {
      throw new RuleException(
          given == null ? 1 : given.line, "the header has no severity of error, warning or info");
    }
    String sql = String.join("\n", lines.subList(headerLines, lines.size())).strip();
    return new Rule(
        id,
        severity,
        oneOf("basis", BASES).get(0),
        oneOf("reads", TABLES),
        header.containsKey("needs") ? oneOf("needs", NEEDS) : List.of(),
        parameters(sql),
        required("why").text,
        required("fix").text,
        required("source").text,
        required("limits").text,
        sql,
        file);
  }

  private static Set<String> names() {
    Set<String> names = new HashSet<>();
    for (TableDef table : Tables.ALL) {
      names.add(table.name());
    }
    return names;
  }

  private static List<String> needs() {
    return Arrays.stream(Need.values()).map(need -> need.name().toLowerCase(Locale.ROOT)).toList();
  }

  private Entry required(String key) {
    Entry entry = header.get(key);
    if (entry == null || entry.text.isEmpty()) {
      throw new RuleException(entry == null ? 1 : entry.line, "the header has no " + key);
    }
    return entry;
  }

  /** The values of an entry, each of which must be known. */
  private List<String> oneOf(String key, java.util.Collection<String> known) {
    Entry entry = required(key);
    List<String> values = new ArrayList<>();
    int from = 0;
    while (from <= entry.text.length()) {
      int comma = entry.text.indexOf(',', from);
      int end = comma < 0 ? entry.text.length() : comma;
      String value = entry.text.substring(from, end).strip();
      from = end + 1;
      values.add(value);
      if (!known.contains(value)) {
        throw new RuleException(
            entry.line,
            "the header says "
                + key
                + "="
                + value
                + ", expected "
                + String.join(", ", new TreeSet<>(known)));
      }
    }
    return List.copyOf(values);
  }

  private List<RuleParameter> parameters(String sql) {
    Map<String, RuleParameter> read = new LinkedHashMap<>();
    for (Entry entry : parameters) {
      try {
        RuleParameter parameter = RuleParameter.parse(entry.text);
        if (parameter.place().matcher(sql).results().count() != 1) {
          throw new IllegalArgumentException(
              "param: the statement must say once "
                  + parameter.preset().toPlainString()
                  + " AS "
                  + parameter.name());
        }
        if (read.put(parameter.name(), parameter) != null) {
          throw new IllegalArgumentException("param: there are two of name=" + parameter.name());
        }
      } catch (RuleException e) {
        throw e;
      } catch (IllegalArgumentException e) {
        throw new RuleException(entry.line, String.valueOf(e.getMessage()));
      }
    }
    return List.copyOf(read.values());
  }
}
