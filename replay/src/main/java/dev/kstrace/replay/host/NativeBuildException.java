package dev.kstrace.replay.host;

/** Something native cannot be built; the message is for the user, further lines the compiler's. */
public final class NativeBuildException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With a sentence for the user. */
  public NativeBuildException(String message) {
    super(message);
  }

  /** With a sentence for the user and what led to it. */
  public NativeBuildException(String message, Throwable cause) {
    super(message, cause);
  }
}
