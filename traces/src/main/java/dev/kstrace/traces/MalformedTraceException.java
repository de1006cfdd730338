package dev.kstrace.traces;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A file that is no trace, or a damaged one. The message is one sentence for the user and names the
 * file once.
 */
public final class MalformedTraceException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * Damage somewhere in a file.
   *
   * @param file the file
   * @param reason what is wrong and what was expected, without the file's name
   */
  public MalformedTraceException(Path file, String reason) {
    super(file + ": " + reason);
  }
}
