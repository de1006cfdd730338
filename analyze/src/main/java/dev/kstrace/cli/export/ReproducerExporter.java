package dev.kstrace.cli.export;

import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.PassOptions;
import dev.kstrace.analyze.Severity;
import dev.kstrace.analyze.TraceFacts;
import dev.kstrace.analyze.minimize.Trials;
import dev.kstrace.analyze.triage.Judging;
import dev.kstrace.replay.CallScript;
import dev.kstrace.replay.reproducer.Reproducer;
import dev.kstrace.traces.ReadProgress;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceReader;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import javax.lang.model.SourceVersion;
import org.jspecify.annotations.Nullable;

/** A test that makes the recorded calls of an allocator: a program in C, or a class of JUnit. */
public final class ReproducerExporter implements Exporter {
  /** Rules about what an allocator does; all others are about its callers. */
  private static final Set<String> ALLOCATORS =
      Set.of(
          "allocator-pool-leak",
          "duplicate-live-address",
          "frame-misaligned",
          "frame-smaller-than-framing",
          "illegal-initialize-status",
          "irql-not-restored",
          "kernel-routine-misuse",
          "outstanding-exceeds-frames",
          "overlapping-frames",
          "user-address-from-kernel-allocator");

  private static final Pattern KEPT_FINDING = Pattern.compile("a finding of ([a-z0-9-]+)[ ,].*");
  private static final Pattern SYMBOL = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,200}");
  private static final int LISTED = 10;

  private final Function<Reproducer, String> form;
  private final boolean large;
  private final Consumer<String> notes;

  private ReproducerExporter(
      Function<Reproducer, String> form, boolean large, Consumer<String> notes) {
    this.form = form;
    this.large = large;
    this.notes = notes;
  }

  /**
   * Exports a program in C.
   *
   * @param table symbol of the KSALLOCATOR_DISPATCH; null = to be named when it is compiled
   * @param large whether a recording of any length will do
   * @param notes is told what users should know
   * @throws IllegalExportException if the symbol is none
   */
  public static ReproducerExporter cTest(
      @Nullable String table, boolean large, Consumer<String> notes) {
    if (table != null && !SYMBOL.matcher(table).matches()) {
      throw new IllegalExportException(
          "--table " + table + ": expected a symbol of C, such as MyAllocatorDispatch");
    }
    return new ReproducerExporter(of -> of.asCTest(table == null ? "" : table), large, notes);
  }

  /**
   * Exports a class of JUnit 5.
   *
   * @param file the file to be written, which names the class
   * @param target what users write for the allocator: {@code java:CLASS}; null = nothing
   * @param large as in {@link #cTest}
   * @param notes as there
   * @throws IllegalExportException if that names no class
   */
  public static ReproducerExporter junitTest(
      Path file, @Nullable String target, boolean large, Consumer<String> notes) {
    if (target == null || !target.startsWith("java:")) {
      throw new IllegalExportException(
          "which allocator? give --target java:CLASS, an AllocatorDispatch with a constructor"
              + " without parameters");
    }
    String allocator = target.substring("java:".length()).replace('$', '.');
    if (!SourceVersion.isName(allocator)) {
      throw new IllegalExportException(
          "--target " + target + ": expected the name of a class, such as java:com.example.Mine");
    }
    String name = className(String.valueOf(file.getFileName()));
    return new ReproducerExporter(of -> of.asJUnitTest(name, allocator), large, notes);
  }

  /** The class that a file of this name would hold. */
  private static String className(String file) {
    String name = file.replaceFirst("\\.java$", "").replaceAll("[^A-Za-z0-9_]", "_");
    boolean plain = SourceVersion.isIdentifier(name) && !SourceVersion.isKeyword(name);
    return plain ? name : "_" + name;
  }

  @Override
  public void write(Path trace, Judging judging, Path target, ReadProgress progress)
      throws IOException, SQLException {
    TraceMetadata metadata;
    CallScript script;
    try (TraceReader reader = TraceReader.open(trace)) {
      metadata = reader.metadata();
      long most = large ? Long.MAX_VALUE : Reproducer.MOST_EVENTS;
      script = CallScript.read(reader::read, metadata, most);
    }
    if (script == null) {
      throw new IllegalExportException(
          trace
              + " has more than "
              + Reproducer.MOST_EVENTS
              + " events, too many for a test that somebody reads: kstrace minimize it first, or"
              + " give --large");
    }
    TraceFacts facts = TraceFacts.of(trace, PassOptions.NONE.with(progress));
    List<Finding> findings = judging.judge(facts).newFindings();
    boolean allocators = isAllocators(metadata, findings);
    boolean callers = !allocators && script.hasCallersFault();
    tell(allocators, callers);
    Reproducer of =
        new Reproducer(String.valueOf(trace.getFileName()), script, sentences(findings), callers);
    String text = form.apply(of);
    OutputStreams.write(target, out -> out.print(text));
  }

  /** Whether what the trace shows, or was made small for, is something that the allocator does. */
  private static boolean isAllocators(TraceMetadata metadata, List<Finding> findings) {
    String kept = metadata.get(Trials.MINIMIZED_KEY);
    if (kept != null) {
      var rule = KEPT_FINDING.matcher(kept);
      if (!rule.matches() || ALLOCATORS.contains(rule.group(1))) {
        return true;
      }
    }
    return findings.stream().anyMatch(finding -> ALLOCATORS.contains(finding.rule()));
  }

  private void tell(boolean allocators, boolean callers) {
    if (callers) {
      notes.accept(
          "note: what this trace shows is its caller's doing: the test fails at it until the calls"
              + " in it are mended; with CALLERS_FAULTS off it judges the allocator alone");
    } else if (!allocators) {
      notes.accept(
          "note: this trace shows nothing that a test of its calls could check: the test fails only"
              + " on an allocator that breaks its contract under them");
    }
  }

  private static List<String> sentences(List<Finding> findings) {
    return findings.stream()
        .filter(finding -> finding.severity() != Severity.INFO)
        .limit(LISTED)
        .map(
            finding ->
                finding.severity().label()
                    + " "
                    + finding.rule()
                    + " at seq "
                    + Long.toUnsignedString(finding.seq())
                    + ": "
                    + finding.message())
        .toList();
  }
}
