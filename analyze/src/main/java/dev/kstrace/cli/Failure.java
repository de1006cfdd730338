package dev.kstrace.cli;

import dev.kstrace.replay.host.NativeBuildException;
import dev.kstrace.traces.Escapes;
import dev.kstrace.traces.MalformedTraceException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Turns what went wrong into one sentence and an exit code: the only place that does. */
final class Failure {
  private Failure() {}

  /** Prints the sentence, or the stack trace where the fault is ours, and gives the exit code. */
  static int report(Throwable failure, PrintStream err) {
    if (failure instanceof UserError error) {
      boolean severalLines =
          error.getCause() instanceof SQLException
              || error.getCause() instanceof NativeBuildException;
      err.println("kstrace: " + printable(error.getMessage(), severalLines));
      return error.exitCode;
    }
    if (failure instanceof MalformedTraceException) {
      err.println("kstrace: " + printable(failure.getMessage(), false));
      return ExitCode.UNREADABLE;
    }
    if (failure instanceof OutOfMemoryError) {
      err.println(
          "kstrace: out of memory ("
              + failure.getMessage()
              + "); let Java have more, such as KSTRACE_JAVA_OPTS=-Xmx4g");
      return ExitCode.INTERNAL;
    }
    err.println(
        "kstrace: this is a bug in kstrace, not in your trace; please report it with the lines"
            + " below");
    failure.printStackTrace(err);
    return ExitCode.INTERNAL;
  }

  /** A message without what names in it might do to a terminal; backslashes in paths stay. */
  static String printable(@Nullable String message, boolean severalLines) {
    StringBuilder text = new StringBuilder();
    String.valueOf(message)
        .codePoints()
        .mapToObj(Character::toString)
        .map(c -> c.equals("\\") || (severalLines && c.equals("\n")) ? c : harmless(c))
        .forEach(text::append);
    return text.toString();
  }

  private static String harmless(String c) {
    return c.equals(" ") ? c : Escapes.escape(c);
  }

  /** An input that cannot be read, as a sentence. */
  static UserError input(Path file, IOException e) {
    if (e instanceof MalformedTraceException) {
      return UserError.unreadable(String.valueOf(e.getMessage()), e);
    }
    String why = reason(e);
    if (e instanceof NoSuchFileException) {
      why = "there is no such file";
    } else if (e instanceof AccessDeniedException) {
      why = "no permission to read it";
    }
    return UserError.unreadable("cannot read " + file + ": " + why, e);
  }

  /** An output that cannot be written, as a sentence. */
  static UserError output(Path file, IOException e) {
    String why = reason(e);
    if (e instanceof FileAlreadyExistsException) {
      why = "it exists already; choose another name, or -f to replace it";
    } else if (e instanceof NoSuchFileException) {
      why = "its folder does not exist";
    } else if (e instanceof AccessDeniedException) {
      why = "no permission to write there";
    }
    return UserError.usage("cannot write " + file + ": " + why, e);
  }

  private static String reason(IOException e) {
    String reason = e instanceof FileSystemException fs ? fs.getReason() : e.getMessage();
    return reason == null ? e.getClass().getSimpleName() : reason;
  }
}
