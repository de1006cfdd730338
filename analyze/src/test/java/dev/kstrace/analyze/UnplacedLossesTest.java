package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where events are missing and nobody knows where, every finding is possible and none certain. */
class UnplacedLossesTest {
  private static final String DOUBLE_FREE =
      """
      1 initialize context=0x20 status=STATUS_SUCCESS framing={frames=4 size=64}
      2 allocate context=0x20 frame=0x1000
      3 free context=0x20 frame=0x1000
      4 free context=0x20 frame=0x1000
      """;

  @TempDir Path folder;

  private List<String> judged(String text) throws Exception {
    return Traces.judge(Traces.write(folder.resolve("t.arrow"), text)).findings().stream()
        .map(f -> f.rule() + " " + f.severity() + " " + (f.certain() ? "certain" : "possible"))
        .toList();
  }

  @Test
  void noFindingIsCertain() throws Exception {
    assertThat(judged(DOUBLE_FREE)).containsExactly("double-free ERROR certain");
    assertThat(judged("@kstrace.unplaced_losses=true\n" + DOUBLE_FREE))
        .containsExactly("double-free INFO possible");
  }
}
