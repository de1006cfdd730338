package dev.kstrace.cli.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.kstrace.analyze.report.Detail;
import dev.kstrace.cli.text.Json;
import dev.kstrace.traces.ReadProgress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The page: a template that is a page by itself, with its style sheet, scripts and data put in.
 *
 * <p>A browser that opens it asks for nothing else, and is told to refuse if it did: the policy in
 * the page allows exactly these scripts and this style sheet, by their hashes. The same traces give
 * the same bytes.
 */
public final class ReportPage {
  /** No page is larger, however long its traces are. */
  public static final int MOST_BYTES = 5_000_000;

  private static final String TEMPLATE = "report.html";
  private static final String DATA = "<script type=\"application/json\" id=\"data\">null</script>";
  private static final Pattern LINKED =
      Pattern.compile(
          "<link rel=\"stylesheet\" href=\"([a-z-]+\\.css)\" />"
              + "|<script src=\"([a-z-]+\\.js)\"></script>");
  private static final String POLICY = "default-src 'self'";

  private ReportPage() {}

  /**
   * Makes the page of some traces.
   *
   * @param traces at least one; their overviews are made coarser if the page would be too large
   * @param tool name and version
   * @param progress told how far the latest reading of a trace is, from several threads
   * @throws IOException if a trace cannot be read any more
   */
  public static byte[] of(List<Told> traces, String tool, ReadProgress progress)
      throws IOException, SQLException {
    String frame = frame();
    int at = frame.indexOf(DATA);
    byte[] before = frame.substring(0, at).getBytes(UTF_8);
    byte[] after = frame.substring(at + DATA.length()).getBytes(UTF_8);
    List<Comparison> comparisons = Comparison.all(traces, progress);
    Detail detail = Detail.FULL;
    for (int sharing = 1; sharing < traces.size(); sharing *= 2) {
      detail = detail.half();
    }
    int halved = 0;
    while (true) {
      Detail enough = detail;
      traces.forEach(trace -> trace.overview().fit(enough));
      byte[] data = data(traces, comparisons, detail, tool, halved > 0);
      if (before.length + data.length + after.length <= MOST_BYTES || halved == 16) {
        return joined(before, data, after);
      }
      detail = detail.half();
      halved++;
    }
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream page = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      page.writeBytes(part);
    }
    return page.toByteArray();
  }

  private static byte[] data(
      List<Told> traces, List<Comparison> comparisons, Detail detail, String tool, boolean reduced)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes("<script type=\"application/json\" id=\"data\">".getBytes(UTF_8));
    try (JsonGenerator json = Json.embedded(bytes)) {
      json.writeStartObject();
      json.writeStringField("schema", "kstrace.report/1");
      json.writeStringField("tool", tool);
      json.writeBooleanField("reduced", reduced);
      json.writeArrayFieldStart("traces");
      for (Told trace : traces) {
        ReportJson.write(json, trace, detail);
      }
      json.writeEndArray();
      json.writeArrayFieldStart("comparisons");
      for (Comparison comparison : comparisons) {
        ComparisonJson.write(json, comparison, detail.rows() / 2);
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    bytes.writeBytes("</script>".getBytes(UTF_8));
    return bytes.toByteArray();
  }

  /** The template with all that it links to inside, and the policy that allows just that. */
  private static String frame() throws IOException {
    String template = resource(TEMPLATE);
    List<String> styles = new ArrayList<>();
    List<String> scripts = new ArrayList<>();
    Matcher links = LINKED.matcher(template);
    StringBuilder page = new StringBuilder();
    while (links.find()) {
      boolean style = links.group(1) != null;
      String text = resource(style ? links.group(1) : links.group(2));
      (style ? styles : scripts).add("'sha256-" + hash(text) + "'");
      String tag = style ? "style" : "script";
      String inside = "<" + tag + ">" + text + "</" + tag + ">";
      links.appendReplacement(page, Matcher.quoteReplacement(inside));
    }
    links.appendTail(page);
    String policy =
        "default-src 'none'; style-src "
            + String.join(" ", styles)
            + "; script-src "
            + String.join(" ", scripts)
            + "; img-src data:; base-uri 'none'; form-action 'none'";
    return page.toString().replace(POLICY, policy);
  }

  private static String resource(String name) throws IOException {
    try (InputStream stream = ReportPage.class.getResourceAsStream(name)) {
      if (stream == null) {
        throw new IllegalStateException("not in the jar, name=" + name);
      }
      return new String(stream.readAllBytes(), UTF_8).replace("\r\n", "\n");
    }
  }

  private static String hash(String text) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
