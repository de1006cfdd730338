package dev.kstrace.cli;

import dev.kstrace.capture.imports.ImportOptions;
import dev.kstrace.capture.imports.ImportReport;
import dev.kstrace.capture.xml.TracerptImport;
import dev.kstrace.traces.ReadProgress;
import java.io.IOException;
import java.nio.file.Path;

/** {@code kstrace capture xml}: what tracerpt makes of an event trace log. */
final class CaptureXmlCommand extends ImportCommand {
  CaptureXmlCommand(Console console) {
    super(
        console,
        "xml",
        "XML of tracerpt.",
        "Make a trace of the XML that tracerpt writes (tracerpt FILE.etl -o FILE.xml -of XML): of",
        "the events of the probe, or with --pool-tag of pool events. The .etl file itself says",
        "more; see kstrace capture etl.");
    takePoolTags();
    footer("", "Example: kstrace capture xml session.xml -o session.arrow");
  }

  @Override
  ImportReport run(Path file, Path target, ImportOptions options, ReadProgress progress)
      throws IOException {
    return TracerptImport.run(file, target, options, progress);
  }
}
