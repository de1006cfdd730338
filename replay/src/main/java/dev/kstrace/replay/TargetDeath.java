package dev.kstrace.replay;

/**
 * The end of a target that threw instead of returning. Immutable.
 *
 * @param seq place of the recorded event whose call did not return, unsigned
 * @param event that event as a line of the text form
 * @param exception class of what was thrown
 * @param message its message; empty where it had none
 */
public record TargetDeath(long seq, String event, String exception, String message) {
  /** The death in one line. */
  public String text() {
    return "target died at seq "
        + Long.toUnsignedString(seq)
        + ": "
        + exception
        + (message.isEmpty() ? "" : ": " + message);
  }
}
