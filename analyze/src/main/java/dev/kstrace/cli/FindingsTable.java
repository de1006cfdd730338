package dev.kstrace.cli;

import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.FindingGroup;
import dev.kstrace.analyze.Rule;
import dev.kstrace.analyze.Severity;
import dev.kstrace.analyze.Stories;
import dev.kstrace.analyze.TraceFacts;
import dev.kstrace.analyze.Verdict;
import dev.kstrace.cli.text.Described;
import dev.kstrace.cli.text.Paint;
import dev.kstrace.cli.text.StoryText;
import dev.kstrace.cli.text.Words;
import dev.kstrace.cli.text.Wrap;
import dev.kstrace.traces.Escapes;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Findings for people: grouped by rule and cause, the first of each told in full. */
final class FindingsTable {
  private static final int OTHERS_SHOWN = 8;
  private static final int WIDTH = 92;

  private final PrintStream out;
  private final Paint paint;
  private final boolean quiet;
  private final List<Rule> rules;
  private final boolean several;
  private long errors;
  private long warnings;
  private long infos;
  private int traces;

  FindingsTable(PrintStream out, Paint paint, boolean quiet, List<Rule> rules, int files) {
    this.out = out;
    this.paint = paint;
    this.quiet = quiet;
    this.rules = rules;
    this.several = files > 1;
  }

  /** Prints one trace. */
  void add(Verdict verdict) throws IOException {
    traces++;
    errors += verdict.count(Severity.ERROR);
    warnings += verdict.count(Severity.WARNING);
    infos += verdict.count(Severity.INFO);
    heading(verdict);
    List<FindingGroup> groups = FindingGroup.of(verdict.findings());
    List<Finding> told = groups.stream().map(FindingGroup::first).toList();
    Stories stories = quiet ? null : Stories.of(verdict.facts(), told);
    for (FindingGroup group : groups) {
      print(group, verdict.facts(), stories);
    }
    if (!quiet) {
      notApplicable(verdict);
    }
  }

  private void heading(Verdict verdict) {
    TraceFacts facts = verdict.facts();
    out.println(
        paint.bold(Escapes.escape(facts.file().toString()))
            + ": "
            + tally(
                verdict.count(Severity.ERROR),
                verdict.count(Severity.WARNING),
                verdict.count(Severity.INFO)));
    if (quiet) {
      return;
    }
    List<String> parts = new ArrayList<>();
    parts.add(Words.count(facts.events(), "event"));
    parts.add(Words.count(facts.pinInstances(), "pin"));
    parts.add(Words.count(facts.allocatorsMade(), "allocator"));
    parts.add(Words.duration(facts.durationNs()));
    if (!facts.metadata().completeStart()) {
      parts.add("recording began late");
    }
    parts.add(
        facts.cleanEnd()
            ? "orderly end"
            : "cut, live at the end: " + Words.count(facts.liveAtEnd(), "frame"));
    if (facts.lost() > 0 || facts.lostUnknown()) {
      parts.add(
          Words.count(facts.lost(), "event") + " lost" + (facts.lostUnknown() ? " at least" : ""));
    }
    out.println("  " + String.join(", ", parts));
  }

  private void print(
      FindingGroup group, TraceFacts facts, @org.jspecify.annotations.Nullable Stories stories)
      throws IOException {
    Finding first = group.first();
    out.println();
    String possible = first.certain() ? "" : " (possible: lost events may explain it)";
    out.println(
        paint.severity(first.severity())
            + "  "
            + paint.bold(first.rule())
            + "  "
            + Words.count(group.size(), "finding")
            + possible);
    out.println("  seq " + Long.toUnsignedString(first.seq()) + ": " + text(first.message()));
    if (stories == null) {
      return;
    }
    String allocator = Described.allocator(facts, first);
    if (!allocator.isEmpty()) {
      out.println("    " + text(allocator));
    }
    StoryText.print(out, paint, stories.of(first), first.seq());
    if (group.size() > 1) {
      out.println("    also at seq " + others(group));
    }
    List<String> advice = Wrap.lines(RulesCommand.find(first.rule(), rules).fix(), WIDTH - 11);
    for (int i = 0; i < advice.size(); i++) {
      out.println((i == 0 ? "    advice: " : "            ") + advice.get(i));
    }
  }

  private static String others(FindingGroup group) {
    String shown =
        group.findings().stream()
            .skip(1)
            .limit(OTHERS_SHOWN)
            .map(finding -> Long.toUnsignedString(finding.seq()))
            .collect(Collectors.joining(", "));
    int rest = group.size() - 1 - OTHERS_SHOWN;
    return rest > 0 ? shown + " and " + rest + " more" : shown;
  }

  private void notApplicable(Verdict verdict) {
    if (verdict.notApplicable().isEmpty()) {
      return;
    }
    String list =
        verdict.notApplicable().stream()
            .map(rule -> rule.rule() + " (needs " + rule.missing() + ")")
            .collect(Collectors.joining(", "));
    out.println();
    List<String> lines = Wrap.lines("not applicable: " + list, WIDTH);
    lines.forEach(line -> out.println("  " + line));
  }

  /** Prints the sum where there were several traces, and where to read on. */
  void close() {
    if (several) {
      out.println();
      out.println(Words.count(traces, "trace") + ": " + tally(errors, warnings, infos));
    }
    if (!quiet && errors + warnings > 0) {
      out.println();
      out.println("  kstrace rules show RULE explains a rule.");
    }
  }

  private String tally(long errorCount, long warningCount, long infoCount) {
    if (errorCount + warningCount + infoCount == 0) {
      return paint.good("no findings");
    }
    List<String> parts = new ArrayList<>();
    if (errorCount > 0) {
      parts.add(Words.count(errorCount, "error"));
    }
    if (warningCount > 0) {
      parts.add(Words.count(warningCount, "warning"));
    }
    if (infoCount > 0) {
      parts.add(infoCount + " info");
    }
    return String.join(", ", parts);
  }

  private static String text(String fromTrace) {
    return Escapes.escape(fromTrace);
  }
}
