package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.kstrace.analyze.ManyTraces.Found;
import dev.kstrace.traces.MalformedTraceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Traces that another implementation of the format wrote, with the verdicts that it expects. They
 * lie in {@code shared/data/traces} beside the checkout; without them the tests are skipped.
 */
class ForeignTracesTest {
  static final Path FOLDER = findFolder();

  private static Map<String, Object> expected = Map.of();

  private static Path findFolder() {
    Path root = Path.of("").toAbsolutePath();
    while (root.getParent() != null && !Files.isRegularFile(root.resolve("traces/pom.xml"))) {
      root = root.getParent();
    }
    return root.resolveSibling("shared").resolve("data").resolve("traces");
  }

  @BeforeAll
  static void readExpectations() throws IOException {
    Path file = FOLDER.resolve("expected.json");
    assumeTrue(Files.isRegularFile(file), "no foreign traces, expected " + file);
    try (JsonParser parser = new JsonFactory().createParser(file.toFile())) {
      parser.nextToken();
      expected = object(parser);
    }
  }

  @Test
  void everyVerdictIsTheExpectedOne() throws Exception {
    ManyTraces traces = new ManyTraces();
    for (String name : expected.keySet()) {
      if (!isRefused(name)) {
        traces.add(name, TraceFacts.of(FOLDER.resolve(name)));
      }
    }
    Map<String, List<Found>> verdicts = traces.judge(RulePack.builtIn());
    assertThat(verdicts).isNotEmpty();

    Map<String, List<String>> actual = new TreeMap<>();
    Map<String, List<String>> wanted = new TreeMap<>();
    verdicts.forEach(
        (name, findings) -> {
          List<Object> tolerated = list(name, "tolerate");
          actual.put(
              name,
              findings.stream()
                  .filter(found -> found.severity() != Severity.INFO)
                  .filter(found -> !tolerated.contains(found.rule()))
                  .map(found -> line(found.rule(), found.seq(), found.severity().label()))
                  .sorted()
                  .toList());
          wanted.put(
              name,
              list(name, "findings").stream()
                  .map(ForeignTracesTest::map)
                  .filter(finding -> !tolerated.contains(finding.get("rule")))
                  .map(ForeignTracesTest::line)
                  .sorted()
                  .toList());
        });
    assertThat(ManyTraces.differences(actual, wanted)).isEmpty();

    verdicts.forEach(
        (name, findings) ->
            assertThat(findings.stream().map(Found::rule).map(Object.class::cast))
                .as(name)
                .containsAll(list(name, "info")));
  }

  @Test
  void everyRowIsCounted() throws IOException {
    for (String name : expected.keySet()) {
      Object events = map(expected.get(name)).get("events");
      if (events != null) {
        assertThat(TraceFacts.of(FOLDER.resolve(name)).events()).as(name).isEqualTo(events);
      }
    }
  }

  @Test
  void everyFileThatIsNoTraceIsRefusedInSoManyWords() {
    assertThat(expected.keySet()).anyMatch(ForeignTracesTest::isRefused);
    for (String name : expected.keySet()) {
      if (isRefused(name)) {
        assertThatThrownBy(() -> TraceFacts.of(FOLDER.resolve(name)))
            .as(name)
            .isInstanceOf(MalformedTraceException.class)
            .message()
            .contains(name)
            .satisfies(
                message ->
                    list(name, "mentions")
                        .forEach(word -> assertThat(message).contains(word.toString())));
      }
    }
  }

  private static boolean isRefused(String name) {
    return Long.valueOf(3).equals(map(expected.get(name)).get("exit"));
  }

  private static String line(Map<String, Object> finding) {
    return line(
        (String) finding.get("rule"),
        Long.parseUnsignedLong((String) finding.get("seq")),
        (String) finding.get("severity"));
  }

  private static String line(String rule, long seq, String severity) {
    return rule + " " + Long.toUnsignedString(seq) + " " + severity;
  }

  private static List<Object> list(String name, String key) {
    @SuppressWarnings("unchecked")
    List<Object> list = (List<Object>) map(expected.get(name)).getOrDefault(key, List.of());
    return list;
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }

  private static Map<String, Object> object(JsonParser parser) throws IOException {
    Map<String, Object> values = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      parser.nextToken();
      values.put(key, value(parser));
    }
    return values;
  }

  private static Object value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> {
        List<Object> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          items.add(value(parser));
        }
        yield items;
      }
      case VALUE_NUMBER_INT -> parser.getLongValue();
      case VALUE_TRUE, VALUE_FALSE -> parser.getBooleanValue();
      default -> parser.getText();
    };
  }
}
