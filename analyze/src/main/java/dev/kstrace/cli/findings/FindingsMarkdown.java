package dev.kstrace.cli.findings;

import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.FindingGroup;
import dev.kstrace.analyze.Stories;
import dev.kstrace.analyze.TraceFacts;
import dev.kstrace.analyze.triage.Baseline;
import dev.kstrace.analyze.triage.TriagedVerdict;
import dev.kstrace.cli.text.Described;
import dev.kstrace.cli.text.Words;
import dev.kstrace.traces.TraceEvent;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Markdown for a comment on a pull request: a table of the traces, then the groups of new findings.
 * All that comes from a trace is code, where nothing in it has a meaning.
 *
 * <p>Hosts refuse comments of more than 65,536 characters, so that only so many groups are told.
 */
public final class FindingsMarkdown implements FindingsFormat {
  private static final int ROOM = 50_000;
  private static final int ROWS = 100;
  private static final int MESSAGE = 300;

  private final Setting setting;
  private final Summary summary = new Summary();
  private final List<String> unreadable = new ArrayList<>();
  private final StringBuilder details = new StringBuilder();
  private long untold;

  /** Writes nothing before the end, since the table comes first. */
  public FindingsMarkdown(Setting setting) {
    this.setting = setting;
  }

  @Override
  public void add(TriagedVerdict verdict) throws IOException {
    TraceFacts facts = verdict.facts();
    summary.add(facts.file().toString(), Tally.of(verdict));
    List<FindingGroup> groups = FindingGroup.of(verdict.newFindings());
    List<Finding> first = groups.stream().map(FindingGroup::first).toList();
    Stories stories =
        Stories.of(facts, details.length() < ROOM && !setting.quiet() ? first : List.of());
    for (FindingGroup group : groups) {
      String text = group(facts, group, stories);
      if (details.length() + text.length() > ROOM) {
        untold++;
      } else {
        details.append(text);
      }
    }
  }

  private String group(TraceFacts facts, FindingGroup group, Stories stories) {
    Finding finding = group.first();
    StringBuilder text = new StringBuilder("\n### ");
    text.append(finding.severity().label()).append(": ").append(finding.rule()).append("\n\n");
    text.append(Words.count(group.size(), "finding")).append(" in ");
    text.append(code(facts.file().toString()));
    text.append(finding.certain() ? "" : " (possible: events not recorded may explain it)");
    text.append(", first at seq ").append(Long.toUnsignedString(finding.seq())).append(": ");
    text.append(code(finding.message()));
    if (finding.mark() != null) {
      text.append(", during ").append(code(finding.mark().label()));
    }
    text.append("\n\n");
    List<TraceEvent> story = stories.of(finding);
    if (!story.isEmpty()) {
      text.append("<details><summary>The calls</summary>\n\n");
      text.append(Markdown.block(lines(facts, finding, story)));
      text.append("\n</details>\n\n");
    }
    text.append(Markdown.escape(setting.rule(finding.rule()).fix())).append('\n');
    return text.toString();
  }

  private static List<String> lines(TraceFacts facts, Finding finding, List<TraceEvent> story) {
    List<String> lines = new ArrayList<>();
    String allocator = Described.allocator(facts, finding);
    if (!allocator.isEmpty()) {
      lines.add(shortened(dev.kstrace.traces.Escapes.escape(allocator)));
    }
    for (TraceEvent event : story) {
      lines.add((event.seq() == finding.seq() ? "> " : "  ") + shortened(Described.event(event)));
    }
    return lines;
  }

  private static String code(String text) {
    return Markdown.code(shortened(text));
  }

  private static String shortened(String text) {
    return text.length() <= MESSAGE ? text : text.substring(0, MESSAGE) + "...";
  }

  @Override
  public void unreadable(Path file, String why) {
    summary.add(file.toString(), null);
    unreadable.add(why);
  }

  @Override
  public void end(Outcome outcome) {
    PrintStream out = setting.out();
    out.print("## kstrace: " + summary.total().words() + "\n\n");
    table(out);
    for (String why : unreadable) {
      out.print("\n" + code(why) + "\n");
    }
    for (Outcome.Note note : outcome.notes()) {
      out.print("\n" + note.severity().label() + ": " + code(note.text()) + "\n");
    }
    out.print(details);
    if (untold > 0) {
      out.print(
          "\nToo long for a comment: " + Words.count(untold, "more group") + " of findings.\n");
    }
    fixed(out, outcome.fixed());
  }

  private void table(PrintStream out) {
    List<Summary.Column> columns = summary.columns();
    StringBuilder title = new StringBuilder("| trace |");
    StringBuilder rule = new StringBuilder("|---|");
    for (Summary.Column column : columns) {
      title.append(' ').append(column.title()).append(" |");
      rule.append("---:|");
    }
    out.print(title + "\n" + rule + "\n");
    for (Summary.Row row : summary.rows().stream().limit(ROWS).toList()) {
      StringBuilder line =
          new StringBuilder("| ").append(Markdown.cell(shortened(row.name()))).append(" |");
      Tally tally = row.tally();
      for (Summary.Column column : columns) {
        line.append(' ').append(tally == null ? "unreadable" : column.of(tally)).append(" |");
      }
      out.print(line + "\n");
    }
    if (summary.rows().size() > ROWS) {
      out.print("\nand " + Words.count(summary.rows().size() - ROWS, "more trace") + "\n");
    }
  }

  private static void fixed(PrintStream out, Baseline fixed) {
    if (!fixed.entries().isEmpty()) {
      out.print("\n### fixed, of the findings in the baseline\n\n");
    }
    for (Baseline.Entry entry : fixed.entries().stream().limit(ROWS).toList()) {
      out.print(
          "- "
              + entry.rule()
              + ": "
              + entry.count()
              + ", fingerprint "
              + code(entry.fingerprint())
              + "\n");
    }
  }
}
