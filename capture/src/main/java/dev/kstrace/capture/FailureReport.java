package dev.kstrace.capture;

import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Tells the host in one sentence what went wrong, and never hurts it. Thread-safe. */
public final class FailureReport {
  private final Path file;
  private final Consumer<String> receiver;

  /**
   * Reports about the recording into a file.
   *
   * @param receiver takes the sentences; what it throws is dropped
   */
  public FailureReport(Path file, Consumer<String> receiver) {
    this.file = file;
    this.receiver = receiver;
  }

  /** The recording ended by itself. */
  public void stopped(Throwable why) {
    say("recording into " + file + " stopped: " + reason(why) + "; the program goes on unrecorded");
  }

  /** A dump that was asked for by a file was written. */
  void dumped(Path target) {
    say("the ring of " + file + " is in " + target);
  }

  /** A dump that was asked for by a file could not be written. */
  void notDumped(Throwable why) {
    say("the ring of " + file + " was not written: " + reason(why));
  }

  private void say(String sentence) {
    try {
      receiver.accept("kstrace: " + sentence);
    } catch (RuntimeException e) {
      // Nobody is left to be told.
    }
  }

  private static String reason(Throwable why) {
    String message =
        why instanceof FileSystemException system && system.getReason() != null
            ? system.getReason()
            : why.getMessage();
    return message == null ? why.getClass().getSimpleName() : message;
  }
}
