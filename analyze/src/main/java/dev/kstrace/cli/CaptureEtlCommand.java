package dev.kstrace.cli;

import dev.kstrace.capture.etl.EtlImport;
import dev.kstrace.capture.imports.ImportOptions;
import dev.kstrace.capture.imports.ImportProgress;
import dev.kstrace.capture.imports.ImportReport;
import dev.kstrace.capture.imports.PoolTag;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

/** {@code kstrace capture etl}: an event trace log of Windows. */
final class CaptureEtlCommand extends ImportCommand {
  private final OptionSpec poolTags =
      list(
          "TAG",
          "Instead of the probe's events those of the kernel pool with this tag; several separated"
              + " by commas.",
          "--pool-tag");

  CaptureEtlCommand(Console console) {
    super(
        console,
        "etl",
        "An .etl file.",
        "Make a trace of an event trace log of Windows (.etl): of the events of the probe, or with",
        "--pool-tag of pool events.");
    footer("", "Example: kstrace capture etl session.etl -o session.arrow");
  }

  @Override
  List<PoolTag> poolTags() {
    try {
      return values(poolTags).stream().map(PoolTag::parse).toList();
    } catch (IllegalArgumentException e) {
      throw UserError.usage(String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  ImportReport run(Path file, Path target, ImportOptions options, ImportProgress progress)
      throws IOException {
    return EtlImport.run(file, target, options, progress);
  }
}
