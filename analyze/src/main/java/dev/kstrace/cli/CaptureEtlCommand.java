package dev.kstrace.cli;

import dev.kstrace.capture.etl.EtlImport;
import dev.kstrace.capture.imports.ImportOptions;
import dev.kstrace.capture.imports.ImportReport;
import dev.kstrace.traces.ReadProgress;
import java.io.IOException;
import java.nio.file.Path;

/** {@code kstrace capture etl}: an event trace log of Windows. */
final class CaptureEtlCommand extends ImportCommand {
  CaptureEtlCommand(Console console) {
    super(
        console,
        "etl",
        "An .etl file.",
        "Make a trace of an event trace log of Windows (.etl): of the events of the probe, or with",
        "--pool-tag of pool events.");
    takePoolTags();
    footer("", "Example: kstrace capture etl session.etl -o session.arrow");
  }

  @Override
  ImportReport run(Path file, Path target, ImportOptions options, ReadProgress progress)
      throws IOException {
    return EtlImport.run(file, target, options, progress);
  }
}
