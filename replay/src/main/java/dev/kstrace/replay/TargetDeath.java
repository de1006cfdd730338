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

  /** This death with a story. */
  TargetDeath withStory(List<String> lines) {
    return new TargetDeath(seq, event, exception, message, output, lines);
  }
}
