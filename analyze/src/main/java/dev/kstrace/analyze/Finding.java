package dev.kstrace.analyze;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One thing that a rule has to say about a trace. Immutable.
 *
 * @param rule id of the rule
 * @param severity how grave
 * @param certain false where a loss or a cut may have hidden the explanation
 * @param seq the blamed event, unsigned
 * @param relatedSeqs earlier events that belong to it, unsigned
 * @param pin the pin concerned; null = none or unknown
 * @param context the allocator context concerned
 * @param frame the frame address concerned
 * @param allocId the allocator concerned, as in {@code allocators.alloc_id}
 * @param message one sentence, without the rule's general explanation
 * @param fingerprint names the same bug in another run: free of addresses, times and thread ids
 * @param mark what was going on, by the program's own word; null = it did not say
 */
public record Finding(
    String rule,
    Severity severity,
    boolean certain,
    long seq,
    List<Long> relatedSeqs,
    @Nullable Long pin,
    @Nullable Long context,
    @Nullable Long frame,
    @Nullable Long allocId,
    String message,
    String fingerprint,
    @Nullable Mark mark) {

  /** By hand: what records do by themselves takes 10 ms when a process does it first. */
  @Override
  public int hashCode() {
    return 31 * Long.hashCode(seq) + rule.hashCode();
  }

  /** The same finding under a mark. */
  Finding under(@Nullable Mark other) {
    return new Finding(
        rule,
        severity,
        certain,
        seq,
        relatedSeqs,
        pin,
        context,
        frame,
        allocId,
        message,
        fingerprint,
        other);
  }
}
