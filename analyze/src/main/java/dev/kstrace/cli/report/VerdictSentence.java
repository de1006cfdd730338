package dev.kstrace.cli.report;

import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.FindingGroup;
import dev.kstrace.analyze.Severity;
import dev.kstrace.analyze.TraceFacts;
import dev.kstrace.cli.text.Shown;
import dev.kstrace.cli.text.Words;
import java.util.ArrayList;
import java.util.List;

/**
 * The verdict on a trace in a sentence that people quote.
 *
 * @param headline how many findings, and of what
 * @param lead what that means, one or two sentences
 */
record VerdictSentence(String headline, String lead) {
  static VerdictSentence of(Told told) {
    if (told.groups().isEmpty()) {
      String headline = told.known() == 0 ? "No findings" : "No new findings";
      return new VerdictSentence(headline, clean(told) + leftOut(told));
    }
    FindingGroup gravest = told.groups().get(0);
    List<String> counts = new ArrayList<>();
    count(told, Severity.ERROR, "error", "errors", counts);
    count(told, Severity.WARNING, "warning", "warnings", counts);
    count(told, Severity.INFO, "note", "notes", counts);
    return new VerdictSentence(
        join(counts) + ": " + gravest.first().rule() + others(told),
        lead(told, gravest.first()) + leftOut(told));
  }

  private static String others(Told told) {
    long rules = told.groups().stream().map(group -> group.first().rule()).distinct().count() - 1;
    return rules == 0 ? "" : " and " + Words.count(rules, "more rule");
  }

  private static void count(
      Told told, Severity severity, String one, String many, List<String> counts) {
    long count = told.verdict().count(severity);
    if (count > 0) {
      counts.add(Words.count(count, one, many));
    }
  }

  private static String lead(Told told, Finding finding) {
    String pin = told.facts().pinName(finding);
    StringBuilder lead = new StringBuilder(sentence(Shown.text(finding.message())));
    if (pin != null) {
      lead.append(" It happened on pin ").append(Shown.name(pin)).append('.');
    }
    if (!finding.certain()) {
      lead.append(" Missing events may explain it.");
    }
    return lead.toString();
  }

  /** What the page does not show, and why; empty where it shows all. */
  private static String leftOut(Told told) {
    List<String> parts = new ArrayList<>();
    if (told.known() > 0) {
      parts.add(Words.count(told.known(), "finding") + " that the baseline has");
    }
    if (told.suppressed() > 0) {
      parts.add(Words.count(told.suppressed(), "suppressed finding"));
    }
    return parts.isEmpty() ? "" : " Left out: " + join(parts) + ".";
  }

  private static String sentence(String message) {
    String first = message.substring(0, message.isEmpty() ? 0 : 1);
    return first.toUpperCase(java.util.Locale.ROOT)
        + message.substring(first.length())
        + (message.endsWith(".") ? "" : ".");
  }

  private static String clean(Told told) {
    TraceFacts facts = told.facts();
    if (told.known() + told.suppressed() > 0) {
      return Words.count(facts.events(), "event") + ", nothing new.";
    }
    if (facts.events() == 0) {
      return "The trace has no events, so that there is nothing to judge.";
    }
    List<String> gaps = new ArrayList<>();
    if (!facts.metadata().completeStart()) {
      gaps.add("the recording began after the device was in use");
    }
    if (facts.lost() > 0 || facts.lostUnknown()) {
      gaps.add(
          facts.lost() == 0
              ? "an unknown number of events is lost"
              : (facts.lostUnknown() ? "at least " : "")
                  + Words.count(facts.lost(), "event")
                  + (facts.lost() == 1 ? " is lost" : " are lost"));
    }
    if (!facts.cleanEnd()) {
      gaps.add("the recording is cut at its end");
    }
    String all =
        Words.count(facts.events(), "event")
            + (facts.events() == 1 ? " keeps" : " keep")
            + " the contract";
    return gaps.isEmpty() ? all + "." : all + " as far as recorded: " + join(gaps) + ".";
  }

  private static String join(List<String> parts) {
    int last = parts.size() - 1;
    return last == 0
        ? parts.get(0)
        : String.join(", ", parts.subList(0, last)) + " and " + parts.get(last);
  }
}
