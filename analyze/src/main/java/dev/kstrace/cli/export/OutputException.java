package dev.kstrace.cli.export;

import java.io.IOException;

/** An output could not be written; its message says why. A trace that cannot be read is none. */
public final class OutputException extends IOException {
  private static final long serialVersionUID = 1L;

  OutputException(String message) {
    super(message);
  }

  OutputException(String message, Throwable cause) {
    super(message, cause);
  }
}
