package dev.kstrace.cli.export;

/** An export that cannot be made of this trace or with these options; the message is for users. */
public final class IllegalExportException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  IllegalExportException(String message) {
    super(message);
  }
}
