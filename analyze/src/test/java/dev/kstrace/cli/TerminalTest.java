package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class TerminalTest {
  private static final Terminal.Size BEFORE = new Terminal.Size(20, 120);

  /** Tests have no terminal, as has a program that Ctrl-C ended before it could say the size. */
  @Test
  void aSizeThatNobodySaysIsWhatItWas() {
    assertThat(Terminal.size(Map.of(), BEFORE)).isEqualTo(BEFORE);
    assertThat(Terminal.size(Map.of("COLUMNS", "wide"), BEFORE)).isEqualTo(BEFORE);
    assertThat(Terminal.size(Map.of())).isEqualTo(Terminal.USUAL);
  }

  @Test
  void variablesSayTheSize() {
    assertThat(Terminal.size(Map.of("LINES", "30", "COLUMNS", "100"), BEFORE))
        .isEqualTo(new Terminal.Size(30, 100));
  }
}
