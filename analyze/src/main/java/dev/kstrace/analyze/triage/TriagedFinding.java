package dev.kstrace.analyze.triage;

import dev.kstrace.analyze.Finding;
import org.jspecify.annotations.Nullable;

/**
 * A finding and what to do about it. Immutable.
 *
 * @param suppression the one that covers it, null unless it is suppressed
 */
public record TriagedFinding(Finding finding, Status status, @Nullable Suppression suppression) {
  /** What to do about a finding. */
  public enum Status {
    /** It counts. */
    NEW,
    /** The baseline has it. */
    KNOWN,
    /** Somebody decided to leave it. */
    SUPPRESSED
  }
}
