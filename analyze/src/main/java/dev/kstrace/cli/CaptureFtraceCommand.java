package dev.kstrace.cli;

import dev.kstrace.capture.ftrace.FtraceImport;
import dev.kstrace.capture.imports.ImportOptions;
import dev.kstrace.capture.imports.ImportReport;
import dev.kstrace.traces.ReadProgress;
import java.io.IOException;
import java.nio.file.Path;

/** {@code kstrace capture ftrace}: a Linux streaming driver. */
final class CaptureFtraceCommand extends ImportCommand {
  CaptureFtraceCommand(Console console) {
    super(
        console,
        "ftrace",
        "Text of ftrace, as in /sys/kernel/tracing/trace.",
        "Make a trace of what ftrace recorded of the buffer allocator of a Linux streaming driver",
        "(videobuf2): kprobes on vb2_*_alloc, their returns, and vb2_*_put.");
    footer("", "Example: kstrace capture ftrace vivid.txt -o vivid.arrow");
  }

  @Override
  ImportReport run(Path file, Path target, ImportOptions options, ReadProgress progress)
      throws IOException {
    return FtraceImport.run(file, target, options, progress);
  }
}
