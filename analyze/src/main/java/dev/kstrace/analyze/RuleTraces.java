package dev.kstrace.analyze;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.NewFile;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceText;
import dev.kstrace.traces.TraceWriter;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Runs the traces that lie beside a rule, in a folder of its name: {@code hit*} must give what they
 * expect, {@code clean*} and {@code near-miss*} nothing of this rule.
 *
 * <p>A trace is text ({@code .txt}, see kstrace text), complete at its start unless it says
 * otherwise, with a comment {@code # expect: seq=N} for each finding; or {@code .arrow}, with such
 * lines in a file of the same name and {@code .expect}. A severity before {@code seq} and a
 * certainty behind it are compared where they are written.
 */
public final class RuleTraces {
  private static final Pattern EXPECT =
      Pattern.compile(
          "\\s*(?:#\\s*)?expect:\\s*(?:([a-z0-9-]+)\\s+)??(?:(error|warning|info)\\s+)?"
              + "seq=(\\d{1,19})(?:\\s+(certain|possible))?\\s*");

  private RuleTraces() {}

  /**
   * What became of one trace.
   *
   * @param file the trace
   * @param problem what is wrong; empty where all is as expected
   */
  public record Result(Path file, String problem) {}

  private record Expected(String severity, long seq, String certainty) {
    boolean fits(Finding finding) {
      return finding.seq() == seq
          && (severity.isEmpty() || severity.equals(finding.severity().label()))
          && (certainty.isEmpty() || certainty.equals(finding.certain() ? "certain" : "possible"));
    }

    @Override
    public String toString() {
      return (severity + " seq=" + Long.toUnsignedString(seq) + " " + certainty).strip();
    }
  }

  /**
   * Judges the traces beside a rule.
   *
   * @return one result for each trace, in the order of their names
   * @throws IOException if the folder cannot be read
   */
  public static List<Result> run(Rule rule, Path folder, RuleLimits limits)
      throws IOException, SQLException {
    List<Result> results = new ArrayList<>();
    for (Path file : traces(folder)) {
      results.add(new Result(file, problem(rule, file, limits)));
    }
    return results;
  }

  private static List<Path> traces(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(
              file ->
                  file.getFileName().toString().matches("(hit|clean|near-miss).*\\.(txt|arrow)"))
          .sorted()
          .toList();
    }
  }

  /** Whether a trace must be found fault with. */
  public static boolean isHit(Path file) {
    return file.getFileName().toString().startsWith("hit");
  }

  private static String problem(Rule rule, Path file, RuleLimits limits) throws SQLException {
    try {
      List<Expected> expected = expected(rule, file);
      if (expected.isEmpty() == isHit(file)) {
        return isHit(file)
            ? "it expects nothing; write '# expect: seq=N' for each finding"
            : "it expects a finding of " + rule.id() + "; name it hit*";
      }
      Verdict verdict = judge(rule, file, limits);
      if (!verdict.failed().isEmpty()) {
        return "the rule failed: " + verdict.failed().get(0).reason();
      }
      if (!verdict.notApplicable().isEmpty()) {
        return "the rule does not apply: it needs " + verdict.notApplicable().get(0).missing();
      }
      return difference(expected, verdict.findings());
    } catch (IOException | IllegalArgumentException e) {
      return "it cannot be read: " + e.getMessage();
    }
  }

  private static List<Expected> expected(Rule rule, Path file) throws IOException {
    String name = file.getFileName().toString();
    Path lines =
        name.endsWith(".arrow")
            ? file.resolveSibling(name.replaceFirst("\\.arrow$", ".expect"))
            : file;
    List<Expected> expected = new ArrayList<>();
    if (!Files.exists(lines)) {
      return expected;
    }
    int number = 0;
    for (String line : Files.readAllLines(lines)) {
      number++;
      if (!line.strip().matches("(#\\s*)?expect:.*")) {
        continue;
      }
      Matcher parts = EXPECT.matcher(line);
      if (!parts.matches()) {
        throw new IllegalArgumentException(
            "line " + number + ": expected '# expect: SEVERITY seq=N CERTAINTY'");
      }
      if (parts.group(1) == null || parts.group(1).equals(rule.id())) {
        expected.add(
            new Expected(
                orEmpty(parts.group(2)),
                Long.parseUnsignedLong(parts.group(3)),
                orEmpty(parts.group(4))));
      }
    }
    return expected;
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  private static Verdict judge(Rule rule, Path file, RuleLimits limits)
      throws IOException, SQLException {
    if (file.getFileName().toString().endsWith(".arrow")) {
      return Judge.judge(TraceFacts.of(file), List.of(rule), limits);
    }
    Path converted = Files.createTempFile("kstrace-rule", ".arrow");
    NewFile.deleteAtEnd(converted); // where the process is interrupted
    try {
      convert(file, converted);
      return Judge.judge(TraceFacts.of(converted), List.of(rule), limits);
    } finally {
      Files.deleteIfExists(converted);
    }
  }

  private static void convert(Path text, Path target) throws IOException {
    TraceText.Parsed parsed = TraceText.parse(new StringReader(Files.readString(text)), text);
    TraceMetadata metadata = parsed.metadata();
    if (metadata.get(TraceMetadata.COMPLETE_START) == null) {
      metadata = metadata.with(TraceMetadata.COMPLETE_START, "true");
    }
    List<TraceEvent> events = parsed.events();
    EventBatch batch = new EventBatch(Math.max(1, events.size()));
    events.forEach(batch::add);
    try (TraceWriter writer = TraceWriter.create(target, metadata, true)) {
      writer.write(batch);
    }
  }

  private static String difference(List<Expected> expected, List<Finding> findings) {
    List<Expected> missing = new ArrayList<>(expected);
    TreeSet<String> extra = new TreeSet<>();
    for (Finding finding : findings) {
      Expected found = missing.stream().filter(one -> one.fits(finding)).findFirst().orElse(null);
      if (found == null || !missing.remove(found)) {
        extra.add(
            new Expected(
                    finding.severity().label(),
                    finding.seq(),
                    finding.certain() ? "certain" : "possible")
                .toString());
      }
    }
    List<String> parts = new ArrayList<>();
    if (!missing.isEmpty()) {
      List<String> words = missing.stream().map(Expected::toString).toList();
      parts.add("not found: " + String.join(", ", words));
    }
    if (!extra.isEmpty()) {
      parts.add("found but not expected: " + String.join(", ", extra));
    }
    return String.join("; ", parts);
  }
}
