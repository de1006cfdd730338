package dev.kstrace.cli;

import dev.kstrace.cli.text.Words;
import dev.kstrace.replay.AllocatorSummary;
import dev.kstrace.replay.DivergenceKind;
import dev.kstrace.replay.FirstDivergence;
import dev.kstrace.replay.ReplayReport;
import dev.kstrace.replay.Spread;
import dev.kstrace.replay.TargetDeath;
import dev.kstrace.traces.Escapes;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Hex;
import java.io.PrintStream;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The report of a replay for people. */
final class ReplayReportText {
  private static final int LISTED = 10;

  private final ReplayReport report;
  private final PrintStream out;

  private ReplayReportText(ReplayReport report, PrintStream out) {
    this.report = report;
    this.out = out;
  }

  static void print(ReplayReport report, PrintStream out) {
    ReplayReportText text = new ReplayReportText(report, out);
    text.summary();
    text.divergences();
    report.survived().forEach(text::death);
    TargetDeath death = report.death();
    if (death != null) {
      text.death(death);
    }
  }

  private void summary() {
    out.println(
        "replayed "
            + Words.count(report.calls(), "call")
            + " on "
            + Escapes.escape(report.target())
            + (report.death() == null ? ": " : " until it died: ")
            + outcome());
    for (DivergenceKind kind : DivergenceKind.values()) {
      long count = report.count(kind);
      if (count > 0) {
        String note = " (information: caching policy, no part of the contract)";
        out.println("  " + kind.label() + " " + count + (kind.isContract() ? "" : note));
      }
    }
    report.notes().forEach((kind, count) -> out.println("  noticed: " + kind + " " + count));
    Spread late = report.lateness();
    if (late != null) {
      out.println(
          "  pace: "
              + Words.count(late.count(), "call")
              + ", late by "
              + Words.duration(late.medianNs())
              + " (p50), "
              + Words.duration(late.p99Ns())
              + " (p99), "
              + Words.duration(late.maxNs())
              + " (most)");
    }
    for (String caveat : report.caveats()) {
      out.println("  note: " + caveat);
    }
    if (!report.survived().isEmpty()) {
      int deaths = report.survived().size();
      out.println(
          "  note: The target died "
              + Words.count(deaths, "time")
              + "; each time the recording was replayed anew without the call.");
    }
  }

  private String outcome() {
    if (!report.diverged()) {
      return "all as recorded";
    }
    long differing = report.calls() - report.same();
    return differing > 0
        ? Words.count(differing, "call differs", "calls differ")
        : Words.count(report.leftOut(), "call was", "calls were") + " left out";
  }

  private void divergences() {
    FirstDivergence first = report.first();
    if (first == null) {
      return;
    }
    Set<Long> shown = new HashSet<>();
    full("first divergence: ", first, shown);
    for (FirstDivergence other : report.firsts()) {
      DivergenceKind kind = other.divergence().kind();
      // What was left out follows from what the target did not make.
      boolean ofItsOwn = kind.isContract() && kind != DivergenceKind.SKIPPED;
      if (ofItsOwn && kind != first.divergence().kind()) {
        full("first of kind " + kind.label() + ": ", other, shown);
      }
    }
    report.divergences().stream()
        .filter(divergence -> divergence.kind().isContract())
        .filter(divergence -> !shown.contains(divergence.seq()))
        .limit(LISTED)
        .forEach(divergence -> out.println("  also: " + Escapes.escape(divergence.text())));
    allocators();
  }

  private void full(String heading, FirstDivergence first, Set<Long> shown) {
    shown.add(first.divergence().seq());
    out.println();
    out.println(heading + Escapes.escape(first.divergence().text()));
    out.println("  the events before it:");
    first.before().forEach(line -> out.println("    " + Escapes.escape(line)));
  }

  private void allocators() {
    if (report.allocators().size() < 2) {
      return;
    }
    out.println();
    out.println("by allocator:");
    List<AllocatorSummary> worst =
        report.allocators().stream()
            .filter(each -> each.differing() > 0 || each.leftOut() > 0)
            .limit(LISTED)
            .toList();
    for (AllocatorSummary each : worst) {
      Framing framing = each.framing();
      out.println(
          "  initialized at seq "
              + Long.toUnsignedString(each.seq())
              + ", context "
              + Hex.of(each.context())
              + (framing == null
                  ? ""
                  : ", Frames " + framing.frameLimit() + ", FrameSize " + framing.frameBytes())
              + ": "
              + Words.count(each.calls(), "call")
              + ", "
              + Words.count(each.differing(), "differs", "differ")
              + ", "
              + each.leftOut()
              + " left out");
    }
    int rest = report.allocators().size() - worst.size();
    if (rest > 0) {
      out.println("  " + Words.count(rest, "other"));
    }
  }

  private void death(TargetDeath death) {
    out.println();
    out.println(Escapes.escape(death.text()));
    lines("  what led to it, as recorded:", death.story());
    lines("  what the target wrote:", death.output());
  }

  private void lines(String heading, List<String> lines) {
    if (!lines.isEmpty()) {
      out.println(heading);
      lines.forEach(line -> out.println("    " + indented(line)));
    }
  }

  /** Blanks at the start of what a target wrote are harmless, and its reports are indented. */
  private static String indented(String line) {
    String text = line.stripLeading();
    return " ".repeat(Math.min(line.length() - text.length(), 16)) + Escapes.escape(text);
  }
}
