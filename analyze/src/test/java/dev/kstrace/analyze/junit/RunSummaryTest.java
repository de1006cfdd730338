package dev.kstrace.analyze.junit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.Severity;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The table at the end of a run. */
final class RunSummaryTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final RunSummary summary =
      new RunSummary(new PrintStream(bytes, true, StandardCharsets.UTF_8));

  private static TestVerdict verdict(Severity... severities) {
    List<Finding> findings =
        java.util.Arrays.stream(severities)
            .map(
                s ->
                    new Finding("r", s, true, 1, List.of(), null, null, null, null, "m", "f", null))
            .toList();
    return new TestVerdict(findings, Severity.ERROR, 0, 0);
  }

  private String printed() {
    summary.close();
    return bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
  }

  @Test
  void listsTestsByNameAndSaysWhatToTypeNext() {
    summary.add("B.b", verdict(Severity.ERROR, Severity.ERROR, Severity.INFO), Path.of("b.arrow"));
    summary.add("C.clean", verdict(), null);
    summary.add("A.a", verdict(Severity.WARNING), null);

    assertThat(printed())
        .isEqualTo(
            """

            kstrace: 3 tests recorded, 2 with findings or a trace
              errors  warnings  info  test
                   0         1     0  A.a
                   2         0     1  B.b
              next: kstrace check b.arrow
            """);
  }

  @Test
  void isOneLineWhereThereIsNothingToTell() {
    summary.add("C.clean", verdict(), null);

    assertThat(printed()).isEqualTo("\nkstrace: 1 test recorded, no findings\n");
  }
}
