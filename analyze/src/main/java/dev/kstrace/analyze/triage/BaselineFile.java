package dev.kstrace.analyze.triage;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.kstrace.analyze.Severity;
import dev.kstrace.analyze.triage.Baseline.Entry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads and writes baselines: JSON, one bug on a line, so that a review shows what changed. */
public final class BaselineFile {
  private static final String SCHEMA = "kstrace.baseline/1";
  private static final Set<String> KEYS = Set.of("rule", "fingerprint", "severity", "count");

  private final Path file;
  private final JsonParser json;
  private final Set<Entry> seen = new HashSet<>();

  private BaselineFile(Path file, JsonParser json) {
    this.file = file;
    this.json = json;
  }

  /** The text of a baseline: the same for the same bugs. */
  public static String text(Baseline baseline) {
    StringBuilder text = new StringBuilder("{\n  \"schema\": \"" + SCHEMA + "\",\n");
    text.append("  \"findings\": [");
    String separator = "\n";
    for (Entry entry : baseline.entries()) {
      // Nothing here needs escapes: ids and fingerprints are of letters, digits and hyphens.
      text.append(separator).append("    {\"rule\": \"").append(entry.rule());
      text.append("\", \"fingerprint\": \"").append(entry.fingerprint());
      text.append("\", \"severity\": \"").append(entry.severity().label());
      text.append("\", \"count\": ").append(entry.count()).append('}');
      separator = ",\n";
    }
    return text.append(baseline.entries().isEmpty() ? "]\n}\n" : "\n  ]\n}\n").toString();
  }

  /**
   * Reads a baseline.
   *
   * @throws MalformedBaselineException if the file is something else
   * @throws IOException if it cannot be read
   */
  public static Baseline read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file);
        JsonParser json =
            JsonFactory.builder()
                .enable(com.fasterxml.jackson.core.StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .build()
                .createParser(in)) {
      return new BaselineFile(file, json).read();
    } catch (JsonProcessingException e) {
      throw new MalformedBaselineException(
          file, e.getLocation() == null ? 1 : e.getLocation().getLineNr(), e.getOriginalMessage());
    }
  }

  private Baseline read() throws IOException {
    expect(json.nextToken() == JsonToken.START_OBJECT, "no JSON object");
    expect("schema".equals(json.nextFieldName()), "no schema at its beginning");
    json.nextToken();
    expect(SCHEMA.equals(json.getText()), "schema=" + json.getText());
    expect("findings".equals(json.nextFieldName()), "no findings");
    expect(json.nextToken() == JsonToken.START_ARRAY, "no list of findings");
    Baseline.Counts counts = new Baseline.Counts();
    List<Entry> entries = new ArrayList<>();
    while (json.nextToken() == JsonToken.START_OBJECT) {
      entries.add(entry());
    }
    expect(json.currentToken() == JsonToken.END_ARRAY, "something else than a finding");
    expect(json.nextToken() == JsonToken.END_OBJECT, "something behind the findings");
    expect(json.nextToken() == null, "something behind its end");
    counts.addAll(new Baseline(entries));
    return counts.toBaseline();
  }

  private Entry entry() throws IOException {
    Map<String, String> values = new HashMap<>();
    for (String key = json.nextFieldName(); key != null; key = json.nextFieldName()) {
      expect(KEYS.contains(key), "an unknown " + key);
      JsonToken value = json.nextToken();
      boolean number = key.equals("count");
      expect(
          value == (number ? JsonToken.VALUE_NUMBER_INT : JsonToken.VALUE_STRING),
          "a strange " + key);
      expect(
          !number || (json.getLongValue() > 0 && json.getLongValue() <= 1 << 30),
          "count=" + json.getText());
      values.put(key, json.getText());
    }
    expect(
        values.keySet().equals(KEYS),
        "a finding without all of " + KEYS.stream().sorted().toList());
    Severity severity = Severity.of(values.get("severity"));
    expect(severity != null, "severity=" + values.get("severity"));
    String rule = String.valueOf(values.get("rule"));
    String fingerprint = String.valueOf(values.get("fingerprint"));
    expect(rule.matches("[a-z][a-z0-9-]{0,99}"), "a strange rule");
    expect(fingerprint.matches("[0-9a-f]{16}"), "fingerprint=" + fingerprint);
    Entry bug = new Entry(rule, fingerprint, java.util.Objects.requireNonNull(severity), 1);
    expect(seen.add(bug), "one finding twice, fingerprint=" + fingerprint);
    return new Entry(
        rule, fingerprint, bug.severity(), Integer.parseInt(String.valueOf(values.get("count"))));
  }

  private void expect(boolean met, String otherwise) throws MalformedBaselineException {
    if (!met) {
      throw new MalformedBaselineException(
          file, json.currentLocation().getLineNr(), "it has " + otherwise);
    }
  }
}
