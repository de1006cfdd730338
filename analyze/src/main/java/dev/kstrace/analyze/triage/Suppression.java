package dev.kstrace.analyze.triage;

import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.TraceFacts;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Findings that somebody decided to leave, and why. Conditions that are null hold for all findings.
 * Immutable.
 *
 * @param place where it is written, such as {@code kstrace.toml:12}
 * @param rule ids of rules
 * @param fingerprint one fingerprint
 * @param pin names of pins
 * @param trace the file's path with {@code /} between folders, or its name alone
 * @param reason why; not blank
 * @param until the last day on which it holds; null = for good
 */
public record Suppression(
    String place,
    @Nullable Glob rule,
    @Nullable String fingerprint,
    @Nullable Glob pin,
    @Nullable Glob trace,
    String reason,
    @Nullable LocalDate until) {

  /** Whether it holds no more on a day, which is asked for only where that matters. */
  boolean isExpired(Supplier<LocalDate> today) {
    return until != null && until.isBefore(today.get());
  }

  boolean matches(TraceFacts facts, Finding finding) {
    return (rule == null || rule.matches(finding.rule()))
        && (fingerprint == null || fingerprint.equals(finding.fingerprint()))
        && (pin == null || matchesPin(facts.pinName(finding)))
        && (trace == null || matchesTrace(facts.file()));
  }

  private boolean matchesPin(@Nullable String name) {
    return pin != null && name != null && pin.matches(name);
  }

  private boolean matchesTrace(Path file) {
    Path name = file.getFileName();
    return trace != null
        && (trace.matches(file.toString().replace('\\', '/'))
            || (name != null && trace.matches(name.toString())));
  }
}
