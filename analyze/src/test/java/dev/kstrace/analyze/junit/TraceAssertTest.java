package dev.kstrace.analyze.junit;

import static dev.kstrace.analyze.junit.TraceAssert.assertThatTrace;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kstrace.analyze.Severity;
import dev.kstrace.analyze.Traces;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What holds passes, what does not says why. */
final class TraceAssertTest {
  private static final String DOUBLE_FREE =
      """
      @kstrace.complete_start=true
      1 initialize pin=0x10 context=0x20 status=STATUS_SUCCESS \
      framing={pool=NonPagedPool frames=4 size=4096 align=0x3f}
      2 allocate context=0x20 frame=0x10000
      3 free context=0x20 frame=0x10000
      4 free context=0x20 frame=0x10000
      5 delete context=0x20
      6 trace_end
      """;

  @TempDir Path folder;
  private Path trace;

  @BeforeEach
  void write() throws IOException {
    trace = Traces.write(folder.resolve("t.arrow"), DOUBLE_FREE);
  }

  @Test
  void acceptsWhatHolds() {
    assertThatTrace(trace)
        .hasFinding("double-free")
        .at(4)
        .withSeverity(Severity.ERROR)
        .certain()
        .times(1)
        .and()
        .hasAtMostOutstanding(1)
        .endsInOrder()
        .hasNoLosses()
        .ignoring("double-free")
        .hasNoFindings();
  }

  private static void fails(ThrowingCallable assertion, String expectation) {
    assertThatThrownBy(assertion)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining(expectation)
        .hasMessageContaining("error double-free at seq 4");
  }

  @Test
  void refusesWhatDoesNotHold() {
    TraceAssert judged = assertThatTrace(trace);

    fails(judged::hasNoFindings, "expected no findings");
    fails(() -> judged.hasFinding("frame-leak"), "expected a finding of frame-leak");
    fails(() -> judged.hasFinding("double-free").at(3), "of double-free at seq 3");
    fails(() -> judged.hasFinding("double-free").withSeverity(Severity.INFO), "of severity info");
    fails(() -> judged.hasFinding("double-free").times(2), "expected 2 findings of double-free");
    fails(
        () -> judged.hasAtMostOutstanding(0), "at most 0 frames outstanding at once, there were 1");
  }

  @Test
  void seesACutAndALoss() throws IOException {
    TraceAssert cut =
        assertThatTrace(
            Traces.write(
                folder.resolve("cut.arrow"), DOUBLE_FREE.replace("6 trace_end", "9 mark")));

    assertThatThrownBy(cut::endsInOrder).hasMessageContaining("the trace is cut");
    assertThatThrownBy(cut::hasNoLosses).hasMessageContaining("3 events are known to be lost");
  }

  @Test
  void saysThatAFileIsNoTrace() {
    assertThatThrownBy(() -> assertThatTrace(folder.resolve("none.arrow")))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("none.arrow");
  }

  @Test
  void judgesByTheRulesInForce() throws IOException {
    Path config = folder.resolve("house.toml");
    System.setProperty(NearestRules.PARAMETER, config.toString());
    try {
      Files.writeString(config, "disable = [\"double-free\"]\n");
      assertThatTrace(trace).hasNoFindings();
      Files.writeString(config, "[[suppress]]\nrule = \"double-free\"\nreason = \"erratum 12\"\n");
      assertThatTrace(trace).hasNoFindings();
      Files.writeString(config, "disable = [\"no-such-rule\"]\n");
      assertThatThrownBy(() -> assertThatTrace(trace))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("there is no rule no-such-rule");
    } finally {
      System.clearProperty(NearestRules.PARAMETER);
    }
    assertThatTrace(trace).hasFinding("double-free");
  }
}
