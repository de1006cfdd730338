package dev.kstrace.capture.imports;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.capture.imports.KsAllocTraceSchema.Event;
import dev.kstrace.capture.imports.KsAllocTraceSchema.Field;
import java.util.Arrays;
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

  @Test
  void fieldsAreNumberedWithoutHoles() {
    assertThat(Arrays.stream(Field.values()).map(Field::index))
        .containsExactlyElementsOf(IntStream.range(0, Field.COUNT).boxed().toList());
    assertThat(Field.values()).hasSize(Field.COUNT);
  }
}
