package dev.kstrace.cli;

import dev.kstrace.analyze.explore.Problem;
import dev.kstrace.analyze.explore.Tried;
import dev.kstrace.cli.text.Words;
import dev.kstrace.traces.Escapes;
import java.io.PrintStream;
import java.util.List;
import java.util.stream.Collectors;

/** What came of replaying other orders, for people. */
final class ExploreReportText {
  private static final int SEEDS = 8;

  private ExploreReportText() {}

  static void print(ExploreReport report, PrintStream out) {
    int broken = report.broken().size();
    out.println(
        "explored "
            + Words.count(report.orders(), "order")
            + " of "
            + Words.count(report.events(), "event")
            + " on "
            + Escapes.escape(report.target())
            + (report.orders() == 1
                ? ", seed " + report.firstSeed()
                : ", seeds "
                    + report.firstSeed()
                    + " to "
                    + (report.firstSeed() + report.orders() - 1)
                    + ", "
                    + report.different()
                    + " different")
            + ": "
            + (broken == 0
                ? "none breaks anything"
                : Words.count(broken, "breaks", "break") + " something"));
    for (String caveat : report.caveats()) {
      out.println("  note: " + caveat);
    }
    if (!report.recorded().isEmpty()) {
      out.println();
      out.println("the recorded order has problems already, not counted again:");
      report.recorded().forEach(problem -> out.println("  " + line(problem)));
    }
    for (ExploreReport.Entry entry : report.entries()) {
      Tried first = entry.orders().get(0);
      out.println();
      out.println(line(entry.problem()));
      out.println("  " + Words.count(entry.orders().size(), "order") + ": " + seeds(entry));
      out.println("  seed " + first.seed() + " is " + described(first) + place(entry.problem()));
      out.println("  again: --schedule " + first.seed() + " -o FILE");
    }
  }

  private static String line(Problem problem) {
    return problem.kind().label()
        + " "
        + Escapes.escape(problem.name())
        + ": "
        + Escapes.escape(problem.text());
  }

  private static String seeds(ExploreReport.Entry entry) {
    List<Tried> orders = entry.orders();
    String seeds =
        orders.stream()
            .limit(SEEDS)
            .map(tried -> Long.toString(tried.seed()))
            .collect(Collectors.joining(", "));
    String rest = orders.size() > SEEDS ? " and " + (orders.size() - SEEDS) + " more" : "";
    return (orders.size() == 1 ? "seed " : "seeds ") + seeds + rest;
  }

  private static String described(Tried order) {
    return order.way().label()
        + (order.letting() == 0
            ? ""
            : ", " + Words.count(order.letting(), "call lets", "calls let") + " the next one in")
        + (order.failing() == 0
            ? ""
            : ", " + Words.count(order.failing(), "call is", "calls are") + " short of memory");
  }

  private static String place(Problem problem) {
    if (problem.seq() == null || problem.recordedSeq() == null) {
      return "";
    }
    return "; the event was recorded as seq " + Long.toUnsignedString(problem.recordedSeq());
  }
}
