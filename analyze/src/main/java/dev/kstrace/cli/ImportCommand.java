package dev.kstrace.cli;

import dev.kstrace.capture.imports.ImportOptions;
import dev.kstrace.capture.imports.ImportReport;
import dev.kstrace.capture.imports.ImportedTrace;
import dev.kstrace.capture.imports.PoolTag;
import dev.kstrace.traces.Escapes;
import dev.kstrace.traces.ReadProgress;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** A command that makes a trace of a recording by other tools. */
abstract class ImportCommand extends Command {
  private final PositionalParamSpec input;
  private final OptionSpec output =
      option(String.class, "FILE", "The trace to write.", "-o", "--output");
  private final OptionSpec whole =
      flag(
          "The recording covers the driver's whole life, from before it was loaded until after it"
              + " was unloaded: what is missing in it did not happen.",
          "--whole");
  private final OptionSpec force = flag("Replace the file if it exists.", "-f", "--force");
  private @Nullable OptionSpec poolTags;

  ImportCommand(Console console, String name, String fileHelp, String... description) {
    super(console, name, description);
    input = arguments("1", "FILE", fileHelp);
  }

  /** Imports a file; as the importers do. */
  abstract ImportReport run(Path file, Path target, ImportOptions options, ReadProgress progress)
      throws IOException;

  /** Declares {@code --pool-tag}. */
  final void takePoolTags() {
    poolTags =
        list(
            "TAG",
            "Instead of the probe's events those of the kernel pool with this tag; several"
                + " separated by commas.",
            "--pool-tag");
  }

  private List<PoolTag> poolTags() {
    try {
      return poolTags == null ? List.of() : values(poolTags).stream().map(PoolTag::parse).toList();
    } catch (IllegalArgumentException e) {
      throw UserError.usage(String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public Integer call() {
    Path file = paths(input).get(0);
    @Nullable String name = output.getValue();
    if (name == null) {
      throw UserError.usage("where to? give -o FILE");
    }
    Path target = path(name);
    requireAnother(file, target);
    ImportReport report = run(file, target);
    if (!quiet()) {
      print(report, name);
    }
    return ExitCode.OK;
  }

  private ImportReport run(Path file, Path target) {
    ImportOptions options = new ImportOptions(true, isSet(whole), poolTags(), Version.producer());
    try (OutputFile output = OutputFile.create(target, isSet(force));
        Progress progress = progress()) {
      ImportReport report = run(file, output.part(), options, progress);
      commit(output, target);
      return report;
    } catch (ImportedTrace.OutputException e) {
      throw Failure.output(target, e.failure());
    } catch (IOException e) {
      throw Failure.input(file, e);
    }
  }

  private static void commit(OutputFile output, Path target) {
    try {
      output.commit();
    } catch (IOException e) {
      throw Failure.output(target, e);
    }
  }

  private void print(ImportReport report, String name) {
    PrintStream err = console.err();
    err.println(
        String.format(
            Locale.ROOT,
            "imported %,d events (%,d allocator calls) of %,d records into %s",
            report.events(),
            report.calls(),
            report.records(),
            Failure.printable(name, false)));
    report.notes().forEach(note -> err.println("  " + Escapes.escape(note)));
  }
}
