package dev.kstrace.capture.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** What can be checked of the capture kit without Windows: its form, and that its parts fit. */
final class WindowsKitTest {
  private static final Path KIT = Path.of("src/main/windows");
  private static final String GUID = "ce250ee2-6989-5888-fcfa-f2607fd730c7";

  private static Document parse(String name) throws Exception {
    return DocumentBuilderFactory.newDefaultInstance()
        .newDocumentBuilder()
        .parse(KIT.resolve(name).toFile());
  }

  private static Set<String> attributes(Document document, String element, String attribute) {
    Set<String> values = new TreeSet<>();
    NodeList nodes = document.getElementsByTagName(element);
    for (int i = 0; i < nodes.getLength(); i++) {
      values.add(((Element) nodes.item(i)).getAttribute(attribute));
    }
    return values;
  }

  @ParameterizedTest
  @ValueSource(strings = {"kstrace.wprp", "kstrace-pool.wprp"})
  void profilesAreWellFormedAndTheirPartsFit(String name) throws Exception {
    Document profile = parse(name);

    for (String kind : List.of("EventProvider", "SystemProvider")) {
      assertThat(attributes(profile, kind, "Id"))
          .isEqualTo(attributes(profile, kind + "Id", "Value"));
    }
    for (String kind : List.of("EventCollector", "SystemCollector")) {
      assertThat(attributes(profile, kind, "Id"))
          .isEqualTo(attributes(profile, kind + "Id", "Value"));
    }
    assertThat(attributes(profile, "Profile", "Id"))
        .allMatch(id -> id.matches("\\w+\\.Verbose\\.File"));
  }

  @Test
  void theProbeIsRecordedInNonPagedMemory() throws Exception {
    NodeList providers = parse("kstrace.wprp").getElementsByTagName("EventProvider");

    Element probe = (Element) providers.item(0);
    assertThat(probe.getAttribute("Name")).isEqualTo(GUID);
    assertThat(probe.getAttribute("NonPagedMemory")).isEqualTo("true");
  }

  @Test
  void scriptsNameTheProbeThatTheHeaderRegisters() throws IOException {
    String header = Files.readString(Path.of("src/main/c/kstrace_etw.h"));
    String words =
        header
            .replaceAll("(?s).*KstraceGuid = \\{(.*?)\\}\\};.*", "$1")
            .replaceAll("[^0-9a-fx,]", "")
            .replace("0x", "")
            .toLowerCase(Locale.ROOT);

    assertThat(words.replace(",", "")).isEqualTo(GUID.replace("-", ""));
    assertThat(Files.readString(KIT.resolve("record-start.cmd")))
        .contains("#" + GUID, "{" + GUID + "}");
  }

  @Test
  void scriptsHaveTheLineEndsOfWindowsAndOnlyPlainCharacters() throws IOException {
    try (Stream<Path> files = Files.list(KIT)) {
      for (Path script : files.filter(file -> file.toString().endsWith(".cmd")).toList()) {
        String text = Files.readString(script);
        assertThat(text.replace("\r\n", "")).as(script.toString()).doesNotContain("\n");
        assertThat(text).as(script.toString()).matches("(?s)[\\x20-\\x7e\\r\\n]*");
      }
    }
  }
}
