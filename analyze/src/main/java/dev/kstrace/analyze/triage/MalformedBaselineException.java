package dev.kstrace.analyze.triage;

import java.io.IOException;
import java.nio.file.Path;

/** A file that is no baseline. */
public final class MalformedBaselineException extends IOException {
  private static final long serialVersionUID = 1L;

  MalformedBaselineException(Path file, int line, String reason) {
    super(
        file
            + ":"
            + line
            + " is no baseline: "
            + reason
            + "; expected what kstrace check --write-baseline writes");
  }
}
