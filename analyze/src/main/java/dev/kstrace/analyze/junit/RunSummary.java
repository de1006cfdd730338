package dev.kstrace.analyze.junit;

import dev.kstrace.analyze.Severity;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * What stands at the end of a run: a line for each recorded test that has findings or a trace, and
 * what to type next. Thread-safe.
 */
@SuppressWarnings("deprecation") // AutoCloseable is enough from JUnit 5.13 on only
final class RunSummary implements ExtensionContext.Store.CloseableResource {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(RunSummary.class);

  private final Map<String, Line> lines = new ConcurrentSkipListMap<>();
  private final PrintStream out;

  /** One test. */
  private record Line(long errors, long warnings, long infos, @Nullable Path trace) {
    boolean isWorthShowing() {
      return errors + warnings + infos > 0 || trace != null;
    }
  }

  RunSummary(PrintStream out) {
    this.out = out;
  }

  /** The one of this run; it is printed when the run is over. */
  static RunSummary of(ExtensionContext test) {
    return test.getRoot()
        .getStore(NAMESPACE)
        .getOrComputeIfAbsent(
            RunSummary.class, unused -> new RunSummary(System.err), RunSummary.class);
  }

  void add(String test, TestVerdict verdict, @Nullable Path trace) {
    lines.put(
        test,
        new Line(
            verdict.count(Severity.ERROR),
            verdict.count(Severity.WARNING),
            verdict.count(Severity.INFO),
            trace));
  }

  @Override
  public void close() {
    long shown = lines.values().stream().filter(Line::isWorthShowing).count();
    out.println();
    out.println(
        String.format(
            Locale.ROOT,
            "kstrace: %,d test%s recorded, %s",
            lines.size(),
            lines.size() == 1 ? "" : "s",
            shown == 0 ? "no findings" : shown + " with findings or a trace"));
    if (shown == 0) {
      return;
    }
    out.println("  errors  warnings  info  test");
    Path example = null;
    for (Map.Entry<String, Line> entry : lines.entrySet()) {
      Line line = entry.getValue();
      if (line.isWorthShowing()) {
        out.println(
            String.format(
                Locale.ROOT,
                "  %6d  %8d  %4d  %s",
                line.errors,
                line.warnings,
                line.infos,
                entry.getKey()));
        example = example == null ? line.trace : example;
      }
    }
    if (example != null) {
      out.println("  next: kstrace check " + example);
    }
  }
}
