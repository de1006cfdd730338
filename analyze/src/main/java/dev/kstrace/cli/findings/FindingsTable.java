package dev.kstrace.cli.findings;

import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.FindingGroup;
import dev.kstrace.analyze.Stories;
import dev.kstrace.analyze.TraceFacts;
import dev.kstrace.analyze.Verdict;
import dev.kstrace.analyze.triage.Baseline;
import dev.kstrace.analyze.triage.TriagedVerdict;
import dev.kstrace.cli.text.Described;
import dev.kstrace.cli.text.Paint;
import dev.kstrace.cli.text.Shown;
import dev.kstrace.cli.text.StoryText;
import dev.kstrace.cli.text.Words;
import dev.kstrace.cli.text.Wrap;
import dev.kstrace.traces.Escapes;
import dev.kstrace.traces.TraceMetadata;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Findings for people: grouped by rule and cause, the first of each told in full. */
public final class FindingsTable implements FindingsFormat {
  private static final int OTHERS_SHOWN = 8;
  private static final int WIDTH = 92;
  private static final int MOST_CURVES = 4;

  private final Setting setting;
  private final PrintStream out;
  private final Paint paint;
  private final Summary summary = new Summary();
  private final MarkTallies marks = new MarkTallies();

  /** Writes nothing yet. */
  public FindingsTable(Setting setting) {
    this.setting = setting;
    out = setting.out();
    paint = setting.paint();
  }

  @Override
  public void add(TriagedVerdict verdict) throws IOException {
    Tally tally = Tally.of(verdict);
    summary.add(verdict.facts().file().toString(), tally);
    if (setting.byMark()) {
      marks.add(verdict, setting.traces() > 1);
    }
    heading(verdict.facts(), tally);
    List<FindingGroup> groups = FindingGroup.of(verdict.newFindings());
    List<Finding> told = groups.stream().map(FindingGroup::first).toList();
    Stories stories = setting.quiet() ? null : Stories.of(verdict.facts(), told);
    for (FindingGroup group : groups) {
      print(group, verdict.facts(), stories);
    }
    if (!setting.quiet()) {
      notApplicable(verdict.verdict());
    }
  }

  @Override
  public void unreadable(Path file, String why) {
    summary.add(file.toString(), null); // why is told on standard error
  }

  private void heading(TraceFacts facts, Tally tally) {
    out.println(paint.bold(text(facts.file().toString())) + ": " + words(tally));
    if (setting.quiet()) {
      return;
    }
    List<String> parts = new ArrayList<>();
    parts.add(Words.count(facts.events(), "event"));
    parts.add(Words.count(facts.pinInstances(), "pin"));
    parts.add(Words.count(facts.allocatorsMade(), "allocator"));
    parts.add(Words.duration(facts.durationNs()));
    String test = facts.metadata().get(TraceMetadata.TEST);
    if (test != null) {
      parts.add("test " + Shown.name(test));
    }
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
    if (setting.chart() != null) {
      setting.chart().print(out, facts.curves(), MOST_CURVES);
    }
  }

  private void print(
      FindingGroup group, TraceFacts facts, @org.jspecify.annotations.Nullable Stories stories)
      throws IOException {
    Finding first = group.first();
    out.println();
    String possible = first.certain() ? "" : " (possible: events not recorded may explain it)";
    out.println(
        paint.severity(first.severity())
            + "  "
            + paint.bold(first.rule())
            + "  "
            + Words.count(group.size(), "finding")
            + possible);
    out.println("  seq " + Long.toUnsignedString(first.seq()) + ": " + Shown.text(first.message()));
    if (first.mark() != null) {
      out.println("    during " + Shown.name(first.mark().label()));
    }
    if (stories == null) {
      return;
    }
    String allocator = Described.allocator(facts, first);
    if (!allocator.isEmpty()) {
      out.println("    " + Shown.text(allocator));
    }
    StoryText.print(out, paint, stories.of(first), first.seq());
    if (group.size() > 1) {
      out.println("    also at seq " + others(group));
    }
    List<String> advice = Wrap.lines(setting.rule(first.rule()).fix(), WIDTH - 11);
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
    Map<String, List<String>> rulesByInput = new TreeMap<>();
    for (Verdict.NotApplicable rule : verdict.notApplicable()) {
      rulesByInput.computeIfAbsent(rule.missing(), key -> new ArrayList<>()).add(rule.rule());
    }
    String list =
        rulesByInput.entrySet().stream()
            .map(entry -> String.join(", ", entry.getValue()) + " (needs " + entry.getKey() + ")")
            .collect(Collectors.joining("; "));
    out.println();
    List<String> lines = Wrap.lines("not applicable: " + list, WIDTH);
    lines.forEach(line -> out.println("  " + line));
  }

  @Override
  public void end(Outcome outcome) {
    if (setting.traces() > 1) {
      out.println();
      print(summary, "trace");
      long judged = summary.rows().stream().filter(row -> row.tally() != null).count();
      out.println(Words.count(judged, "trace") + ": " + words(summary.total()));
    }
    printMarks();
    fixed(outcome.fixed());
    Tally total = summary.total();
    if (!setting.quiet() && total.errors() + total.warnings() > 0) {
      out.println();
      out.println("  kstrace rules show RULE explains a rule.");
    }
  }

  private void printMarks() {
    if (!marks.isEmpty()) {
      out.println();
      print(marks.summary(), "mark");
      out.println(marks.words());
    }
    if (marks.nextCommand() != null) {
      out.println("  next: " + text(marks.nextCommand()));
    }
  }

  private void print(Summary table, String first) {
    List<Summary.Column> columns = table.columns();
    int width =
        table.rows().stream().mapToInt(row -> name(row).length()).reduce(first.length(), Math::max);
    StringBuilder title = new StringBuilder(first + " ".repeat(width - first.length()));
    columns.forEach(column -> title.append("  ").append(column.title()));
    out.println(title);
    for (Summary.Row row : table.rows()) {
      Tally tally = row.tally();
      StringBuilder line = new StringBuilder(name(row));
      line.append(" ".repeat(width - line.length()));
      if (tally == null) {
        line.append("  unreadable");
      } else {
        for (Summary.Column column : columns) {
          String number = Long.toString(column.of(tally));
          line.append(" ".repeat(2 + Math.max(0, column.title().length() - number.length())));
          line.append(number);
        }
      }
      out.println(line);
    }
  }

  private static String name(Summary.Row row) {
    return text(row.name());
  }

  private void fixed(Baseline fixed) {
    if (!fixed.entries().isEmpty()) {
      out.println();
      out.println("fixed, of the findings in the baseline:");
    }
    for (Baseline.Entry entry : fixed.entries()) {
      out.println(
          "  "
              + paint.severity(entry.severity())
              + "  "
              + entry.rule()
              + "  "
              + Words.count(entry.count(), "finding")
              + ", fingerprint "
              + entry.fingerprint());
    }
  }

  private String words(Tally tally) {
    return tally.isClean() ? paint.good(tally.words()) : tally.words();
  }

  private static String text(String fromTrace) {
    return Escapes.escape(fromTrace);
  }
}
