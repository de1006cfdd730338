package dev.kstrace.capture.imports;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.capture.imports.KsAllocTraceSchema.Event;
import dev.kstrace.capture.imports.KsAllocTraceSchema.Field;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The layout that the probe in C and the importers share. */
class SchemaTest {
  @Test
  void payloadsHaveTheirDocumentedSizes() {
    assertThat(Arrays.stream(Event.values()).map(event -> event.label() + " " + event.fixedBytes()))
        .containsExactly(
            "ProbeStart 23",
            "AllocatorInitialize 62",
            "FrameAllocate 33",
            "FrameFree 25",
            "AllocatorDelete 21",
            "ProbeCounters 24",
            "AllocatorRundown 66");
  }

  /** The header of the probe is where the schema lives; this class must say the same. */
  @Test
  void isTheSchemaOfTheProbesHeader() throws IOException {
    String header = Files.readString(Path.of("src/main/c/kstrace_probe.h")).replace("\\\n", "");
    Map<String, List<String>> lists = new HashMap<>();
    Matcher list = Pattern.compile("#define KSTRACE_FIELDS_(\\w+)\\(F\\)(.*)").matcher(header);
    while (list.find()) {
      List<String> fields = new ArrayList<>();
      Matcher field =
          Pattern.compile("\\bF\\((\\w+), (\\w+)\\)|KSTRACE_FIELDS_(\\w+)\\(F\\)")
              .matcher(list.group(2));
      while (field.find()) {
        if (field.group(3) == null) {
          fields.add(field.group(1) + " " + field.group(2));
        } else {
          fields.addAll(lists.get(field.group(3)));
        }
      }
      lists.put(list.group(1), fields);
    }
    assertThat(lists).hasSize(Event.values().length);
    for (Event event : Event.values()) {
      assertThat(event.columns().stream().map(c -> c.field().label() + " " + c.type().name()))
          .as(event.label())
          .containsExactlyElementsOf(lists.get(event.label()));
    }
    assertThat(header)
        .contains("#define KSTRACE_SCHEMA_VERSION " + KsAllocTraceSchema.VERSION + "\n")
        .contains("#define KSTRACE_KEYWORD_CORE 0x" + KsAllocTraceSchema.KEYWORD_CORE + "\n")
        .contains(
            "#define KSTRACE_KEYWORD_COUNTERS 0x" + KsAllocTraceSchema.KEYWORD_COUNTERS + "\n")
        .contains("#define KSTRACE_KEYWORD_RUNDOWN 0x" + KsAllocTraceSchema.KEYWORD_RUNDOWN + "\n")
        .contains("{" + KsAllocTraceSchema.GUID + "}");
  }

  @Test
  void fieldsAreNumberedWithoutHoles() {
    assertThat(Arrays.stream(Field.values()).map(Field::index))
        .containsExactlyElementsOf(IntStream.range(0, Field.COUNT).boxed().toList());
    assertThat(Field.values()).hasSize(Field.COUNT);
  }
}
