package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.analyze.ManyTraces.Found;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What looks like a fault and is none: the 28 collected false-positive traps, {@code traps/NN.txt}
 * by their number.
 */
class TrapTest {
  static final Path FOLDER = Path.of("src/test/resources/traps");
  private static final String TOLERATE = "# tolerate: ";

  @Test
  void noTrapGivesAnErrorOrAWarning(@TempDir Path dir) throws Exception {
    ManyTraces traces = new ManyTraces();
    List<Path> files = RuleGoldenTest.files(FOLDER);
    assertThat(files)
        .extracting(file -> file.getFileName().toString())
        .isEqualTo(IntStream.rangeClosed(1, 28).mapToObj("%02d.txt"::formatted).toList());
    for (Path file : files) {
      Path trace = Traces.write(dir.resolve("trace.arrow"), RuleGoldenTest.text(file));
      traces.add(file.getFileName().toString(), TraceFacts.of(trace));
    }
    Map<String, List<Found>> verdicts = traces.judge(RulePack.builtIn());
    for (Path file : files) {
      List<String> tolerated =
          RuleGoldenTest.text(file)
              .lines()
              .filter(line -> line.startsWith(TOLERATE))
              .map(line -> line.substring(TOLERATE.length()))
              .toList();
      assertThat(verdicts.get(file.getFileName().toString()))
          .as(file.toString())
          .filteredOn(found -> found.severity() != Severity.INFO)
          .filteredOn(found -> !tolerated.contains(found.rule()))
          .isEmpty();
    }
  }
}
