package dev.kstrace.analyze;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How grave a finding is, the gravest last. */
public enum Severity {
  /** Worth showing. */
  INFO,
  /** Very likely a bug, or a risk. */
  WARNING,
  /** The contract is broken. */
  ERROR;

  /** The word in outputs and rule headers: {@code info}, {@code warning} or {@code error}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The severity of a word, or null where there is none. */
  public static @Nullable Severity of(@Nullable String label) {
    for (Severity severity : values()) {
      if (severity.label().equals(label)) {
        return severity;
      }
    }
    return null;
  }
}
