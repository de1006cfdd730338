package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.analyze.LargeTraceGenerator;
import dev.kstrace.analyze.PassOptions;
import dev.kstrace.analyze.RulePack;
import dev.kstrace.analyze.TraceFacts;
import dev.kstrace.analyze.triage.Baseline;
import dev.kstrace.analyze.triage.Triage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FirstFindingTest {
  private static final String LINE = "kstrace: found error double-free at seq ";

  @TempDir private Path dir;

  @Test
  void aLongTraceNamesItsFirstFindingOnce() throws Exception {
    assertThat(said(true, 100, null)).startsWith(LINE).endsWith(", reading on\n").hasLineCount(1);
  }

  @Test
  void aShortTraceSaysNothing() throws Exception {
    assertThat(said(true, 1, null)).isEmpty();
  }

  @Test
  void nobodyIsToldWhereNobodyWatches() throws Exception {
    assertThat(said(false, 100, null)).isEmpty();
  }

  @Test
  void whatIsKnownIsNoNews() throws Exception {
    assertThat(said(true, 100, found())).doesNotContain("double-free");
  }

  private Baseline found() throws Exception {
    Triage triage = new Triage(List.of(), () -> LocalDate.EPOCH, null);
    triage.sort(dev.kstrace.analyze.Judge.judge(TraceFacts.of(trace()), RulePack.builtIn()));
    return triage.found();
  }

  private Path trace() throws IOException {
    Path file = dir.resolve("trace.arrow");
    LargeTraceGenerator.write(file, LargeTraceGenerator.Shape.STREAMING, 100_000, 1);
    return file;
  }

  /** What is said of a trace where each look at the clock finds so many ms gone. */
  private String said(boolean watched, int milliseconds, @Nullable Baseline known)
      throws IOException {
    long[] now = {0};
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console console =
        new Console(
            new ByteArrayInputStream(new byte[0]),
            new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            watched,
            watched,
            Map.of(),
            dir,
            () -> 0,
            () -> LocalDate.EPOCH);
    try (Progress progress = Progress.of(console, false)) {
      FirstFinding first =
          new FirstFinding(
              progress,
              RulePack.builtIn(),
              () -> new Triage(List.of(), () -> LocalDate.EPOCH, known),
              () -> now[0] += milliseconds * 1_000_000L);
      TraceFacts.of(trace(), new PassOptions(false, progress, first));
    }
    return err.toString(StandardCharsets.UTF_8);
  }
}
