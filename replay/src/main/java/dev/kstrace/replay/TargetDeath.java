package dev.kstrace.replay;

import java.util.List;

/**
 * The end of a target that did not return from a call. Immutable.
 *
 * @param seq place of the recorded event whose call did not return, unsigned
 * @param event that event as a line of the text form
 * @param exception what ended it: the class of what was thrown, a signal, an exit code
 * @param message its message, or particulars such as the fault address; empty where there are none
 * @param output first lines of what it wrote to its standard error; empty for a target in this JVM
 * @param story recorded events of the frame and allocator concerned, oldest first; empty where the
 *     recording cannot be read twice
 */
public record TargetDeath(
    long seq,
    String event,
    String exception,
    String message,
    List<String> output,
    List<String> story) {
  /** Copies the lists. */
  public TargetDeath {
    output = List.copyOf(output);
    story = List.copyOf(story);
  }

  /** The death in one line. */
  public String text() {
    return "target died at seq " + Long.toUnsignedString(seq) + ": " + reason();
  }

  /** What ended the target, in words. */
  String reason() {
    return exception + (message.isEmpty() ? "" : ": " + message);
  }

  /**
   * What deaths of the same cause have in common in other recordings: how the target ended, without
   * addresses and numbers, and in which operation.
   */
  public String cause() {
    String[] words = event.split(" ", 3);
    String op = words.length < 2 ? "the end" : words[1];
    // Who else waited, and for how long, changes with the recording.
    boolean waits = exception.equals("deadlock") || exception.equals("hang");
    String how = waits ? "" : ": " + message.replaceAll("0x[0-9a-fA-F]+|[0-9]+", "#");
    return exception + how + " in " + op;
  }

  /** This death with a story. */
  TargetDeath withStory(List<String> lines) {
    return new TargetDeath(seq, event, exception, message, output, lines);
  }
}
