package dev.kstrace.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Pages of {@code report} as tests read them. */
final class ReportText {
  private static final String DATA = "<script type=\"application/json\" id=\"data\">";

  private ReportText() {}

  /** The data inside a page. */
  static JsonNode data(Path page) throws IOException {
    return new ObjectMapper().readTree(dataText(Files.readString(page)));
  }

  /** The text of the data inside a page. */
  static String dataText(String page) {
    int from = page.indexOf(DATA) + DATA.length();
    return page.substring(from, page.indexOf("</script>", from));
  }
}
