package dev.kstrace.cli;

import org.jspecify.annotations.Nullable;

/** Something that the user can put right; its message is for them, and it shows no stack trace. */
final class UserError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  final int exitCode;

  private UserError(int exitCode, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  /** A command line that cannot be carried out. */
  static UserError usage(String message) {
    return new UserError(ExitCode.USAGE, message, null);
  }

  /** As {@link #usage(String)}, with what led to it. */
  static UserError usage(String message, Throwable cause) {
    return new UserError(ExitCode.USAGE, message, cause);
  }

  /** A native target that cannot be built; further lines of the message are the compiler's. */
  static UserError build(dev.kstrace.replay.host.NativeBuildException e) {
    return new UserError(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
  }

  /** An input that cannot be read. */
  static UserError unreadable(String message, @Nullable Throwable cause) {
    return new UserError(ExitCode.UNREADABLE, message, cause);
  }
}
