package dev.kstrace.cli.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The examples of the documentation of Protocol Buffers, and what lies at the edges. */
final class ProtoMessageTest {
  private static String hex(ProtoMessage message) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, false, StandardCharsets.UTF_8);
    message.writeTo(out);
    out.flush();
    return HexFormat.of().formatHex(bytes.toByteArray());
  }

  @Test
  void encodesWhatTheDocumentationShows() {
    ProtoMessage number = new ProtoMessage().number(1, 150);

    assertThat(hex(number)).isEqualTo("089601");
    assertThat(hex(new ProtoMessage().text(2, "testing"))).isEqualTo("120774657374696e67");
    assertThat(hex(new ProtoMessage().message(3, number))).isEqualTo("1a03089601");
  }

  @Test
  void encodesTheLargestNumbersAndFields() {
    assertThat(hex(new ProtoMessage().number(1, 0))).isEqualTo("0800");
    assertThat(hex(new ProtoMessage().number(1, -1))).isEqualTo("08ffffffffffffffffff01");
    assertThat(hex(new ProtoMessage().number(16, 127))).isEqualTo("80017f");
  }

  @Test
  void growsAndIsUsedAgain() {
    ProtoMessage message = new ProtoMessage().text(1, "x".repeat(10_000));

    assertThat(hex(message)).startsWith("0a904e7878").hasSize(2 * 10_003);
    assertThat(hex(message.clear().text(1, "\u00e4\ud800"))).isEqualTo("0a03c3a43f");
  }
}
