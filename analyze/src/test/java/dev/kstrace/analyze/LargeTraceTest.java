package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Traces as long as the benchmarks' in miniature: nothing but what was planted is found. */
class LargeTraceTest {
  private static final int EVENTS = 60_000;

  @TempDir Path dir;

  @ParameterizedTest
  @EnumSource(LargeTraceGenerator.Shape.class)
  void findsWhatWasPlantedWhateverThePassForgets(LargeTraceGenerator.Shape shape)
      throws IOException, SQLException {
    Path file = dir.resolve("large.arrow");
    LargeTraceGenerator.write(file, shape, EVENTS, 7);
    Verdict verdict = Judge.judge(TraceFacts.of(file), RulePack.builtIn());
    assertThat(verdict.findings())
        .filteredOn(finding -> finding.severity() == Severity.ERROR)
        .extracting(Finding::rule)
        .containsExactlyInAnyOrderElementsOf(LargeTraceGenerator.PLANTED);
    Verdict forgetful = Judge.judge(TraceFacts.of(file, 100), RulePack.builtIn());
    assertThat(forgetful.findings()).isEqualTo(verdict.findings());
  }

  @ParameterizedTest
  @EnumSource(LargeTraceGenerator.Shape.class)
  void isTheSameForTheSameSeed(LargeTraceGenerator.Shape shape) throws IOException {
    Path one = dir.resolve("one.arrow");
    Path two = dir.resolve("two.arrow");
    LargeTraceGenerator.write(one, shape, 5_000, 3);
    LargeTraceGenerator.write(two, shape, 5_000, 3);
    assertThat(one).hasSameBinaryContentAs(two);
    assertThat(List.of(Traces.read(one).size())).containsExactly(5_000);
  }
}
