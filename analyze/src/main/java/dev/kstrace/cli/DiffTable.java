package dev.kstrace.cli;

import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.FindingsDiff;
import dev.kstrace.analyze.FindingsDiff.Entry;
import dev.kstrace.analyze.PinMeasures.Quantity;
import dev.kstrace.analyze.TraceDiff;
import dev.kstrace.analyze.TraceDiff.Change;
import dev.kstrace.cli.text.Paint;
import dev.kstrace.cli.text.Words;
import dev.kstrace.traces.Escapes;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The difference of two traces for people; nothing where there is none. */
final class DiffTable {
  private final PrintStream out;
  private final Paint paint;

  DiffTable(PrintStream out, Paint paint) {
    this.out = out;
    this.paint = paint;
  }

  void print(FindingsDiff findings, TraceDiff diff) {
    if (findings.added().isEmpty() && findings.fixed().isEmpty() && diff.isEmpty()) {
      return;
    }
    out.println(
        "findings: "
            + count(findings.added(), "new")
            + ", "
            + count(findings.fixed(), "fixed")
            + ", "
            + count(findings.remaining(), "remaining"));
    findings(findings.added(), "new");
    findings(findings.fixed(), "fixed");
    table("events", diff.events());
    table("pin", diff.pins());
  }

  private static String count(List<Entry> entries, String word) {
    return entries.stream().mapToInt(Entry::count).sum() + " " + word;
  }

  private void findings(List<Entry> entries, String word) {
    for (Entry entry : entries) {
      Finding finding = entry.example();
      out.println();
      out.println(
          String.format(Locale.ROOT, "%-5s  ", word)
              + paint.severity(finding.severity())
              + "  "
              + paint.bold(finding.rule())
              + "  "
              + Words.count(entry.count(), "finding")
              + ", fingerprint "
              + finding.fingerprint());
      String seq = Long.toUnsignedString(finding.seq());
      out.println("  seq " + seq + ": " + Escapes.escape(finding.message()));
    }
  }

  private void table(String head, List<Change> changes) {
    if (changes.isEmpty()) {
      return;
    }
    int width = head.length();
    for (Change change : changes) {
      width = Math.max(width, Escapes.escape(change.subject()).length());
    }
    out.println();
    line(width, head, head.equals("pin") ? "what" : "", "A", "B", "change");
    for (Change change : changes) {
      Quantity quantity = change.quantity();
      line(
          width,
          Escapes.escape(change.subject()),
          quantity == null ? "" : quantity.label(),
          shown(quantity, change.before()),
          shown(quantity, change.after()),
          change(change));
    }
  }

  private void line(int width, String subject, String what, String a, String b, String change) {
    String format =
        what.isEmpty()
            ? "%-" + width + "s  %s%14s  %14s  %s"
            : "%-" + width + "s  %-16s  %14s  %14s  %s";
    out.println(String.format(Locale.ROOT, format, subject, what, a, b, change).stripTrailing());
  }

  private static String shown(@Nullable Quantity quantity, @Nullable Long value) {
    if (value == null) {
      return "-";
    }
    return quantity != null && quantity.isDuration()
        ? Words.duration(value)
        : String.format(Locale.ROOT, "%,d", value);
  }

  /** The difference of counts, the ratio of durations. */
  private static String change(Change change) {
    Long before = change.before();
    Long after = change.after();
    if (before == null || after == null) {
      return before == null ? "only in B" : "only in A";
    }
    Quantity quantity = change.quantity();
    if (quantity == null || !quantity.isDuration()) {
      return String.format(Locale.ROOT, "%+,d", after - before);
    }
    return before <= 0 || after <= 0
        ? ""
        : String.format(Locale.ROOT, "x %.2f", (double) after / before);
  }
}
