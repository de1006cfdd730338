package dev.kstrace.traces;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.traces.FramingEx.Item;
import dev.kstrace.traces.FramingEx.Range;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class FramingExTest {
  private static final FramingEx FULL =
      new FramingEx(
          1L,
          2L,
          3L,
          4L,
          5L,
          List.of(
              new Item(
                  "KSMEMORY_TYPE_KERNEL_PAGED",
                  0x8000_0002L,
                  6L,
                  0xFFFL,
                  Range.ANY,
                  new Range(7L, 8L, 1L),
                  9L,
                  10L),
              new Item(null, null, null, null, Range.UNKNOWN, Range.UNKNOWN, null, null)));

  @Test
  void isReadAsItWasWritten() {
    String json =
        Detail.builder().put("name", "x").put("framing_ex", FULL.toDetail()).build().toJson();
    assertThat(FramingEx.of(Detail.parse(json))).isEqualTo(FULL);
  }

  @Test
  void readsWhatIsThereAndKnowsNothingOfTheRest() {
    FramingEx framing =
        FramingEx.of(
            Detail.parse(
                "{\"framing_ex\":{\"items\":[7,{\"physical_range\":{\"max\":64,\"min\":\"x\"},"
                    + "\"more\":[[1],{\"a\":{}}]}],\"output_compression\":[]}}"));
    assertThat(framing).isNotNull();
    assertThat(framing.pinFlags()).isNull();
    assertThat(framing.items())
        .containsExactly(
            new Item(
                null, null, null, null, new Range(null, 64L, null), Range.UNKNOWN, null, null));
  }

  @Test
  void theDocumentationShowsOneThatIsReadToItsEnd() throws IOException {
    String page = Files.readString(Path.of("../docs/pin-events.md"), StandardCharsets.UTF_8);
    int from = page.indexOf("```json") + "```json".length();
    String example = page.substring(from, page.indexOf("```", from));

    FramingEx framing = FramingEx.of(Detail.parse("{\"framing_ex\":" + example + "}"));

    assertThat(framing).isNotNull();
    assertThat(framing.toDetail().toJson()).isEqualTo(example.replaceAll("\\s", ""));
    assertThat(framing.items().get(0).physical()).isEqualTo(Range.ANY);
  }

  @Test
  void isAbsentWhereThereIsNoObject() {
    assertThat(FramingEx.of(Detail.parse("{\"framing_ex\":5}"))).isNull();
    assertThat(FramingEx.of(Detail.parse("{}"))).isNull();
  }
}
