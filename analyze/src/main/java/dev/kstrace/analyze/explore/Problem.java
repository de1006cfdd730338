package dev.kstrace.analyze.explore;

import org.jspecify.annotations.Nullable;

/**
 * Something that goes wrong in an order. Immutable.
 *
 * @param kind what kind of thing
 * @param name the rule, the kind of divergence, or what ended the target
 * @param identity the same for the same problem in another order
 * @param text in words
 * @param seq place of the event in the order's own trace, unsigned; null = none to blame
 * @param recordedSeq the recorded event there, unsigned; null = none to blame
 */
public record Problem(
    Kind kind,
    String name,
    String identity,
    String text,
    @Nullable Long seq,
    @Nullable Long recordedSeq) {

  /** Kinds of problems, the gravest first. */
  public enum Kind {
    /** The target died, hung or came to a deadlock. */
    DEATH,
    /** The target differs from the recording in something that callers may rely on. */
    DIVERGENCE,
    /** A rule finds an error or a warning in what the target did. */
    FINDING;

    /** The lower-case name, as reports show it. */
    public String label() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }
}
