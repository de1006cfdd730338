package dev.kstrace.traces;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Files of earlier writers stay readable: {@code samples/} is added to and never regenerated. */
class SampleTest {
  private static final Path SAMPLES = Path.of("samples");

  static List<Path> samples() throws IOException {
    try (Stream<Path> files = Files.list(SAMPLES)) {
      return files.filter(file -> file.toString().endsWith(".arrow")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("samples")
  void readsASampleAsItsTextSays(Path sample) throws IOException {
    Path text = sample.resolveSibling(sample.getFileName().toString().replace(".arrow", ".txt"));
    TraceText.Parsed expected;
    try (Reader reader = Files.newBufferedReader(text)) {
      expected = TraceText.parse(reader, text);
    }
    try (TraceReader reader = TraceReader.open(sample)) {
      assertThat(reader.metadata()).isEqualTo(expected.metadata());
      assertThat(TraceFiles.rest(reader, new EventBatch(7))).isEqualTo(expected.events());
      assertThat(reader.hasFooter()).isTrue();
      assertThat(reader.checkedBatches()).isEqualTo(reader.batches()).isGreaterThan(1);
    }
  }

  @Test
  void hasEveryOperationInTheSampleOfThisVersion() throws IOException {
    assertThat(
            TraceFiles.read(SAMPLES.resolve("version-1.0.arrow")).stream()
                .map(event -> TraceText.opLabel(event.op()))
                .collect(Collectors.toSet()))
        .containsAll(Arrays.stream(Op.values()).map(Op::label).toList());
  }

  @Test
  void listsEverySampleWithItsSize() throws IOException {
    String readme = Files.readString(SAMPLES.resolve("README.md"));
    for (Path sample : samples()) {
      assertThat(readme)
          .contains("| `" + sample.getFileName() + "` | " + Files.size(sample) + " |");
    }
  }
}
