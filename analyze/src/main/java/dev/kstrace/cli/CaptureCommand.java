package dev.kstrace.cli;

/** {@code kstrace capture}: the sources of a trace. */
final class CaptureCommand extends Command {
  CaptureCommand(Console console) {
    super(console, "capture", "Record a device into a trace, or import a recording.");
    footer("", "Example: kstrace capture sim --list");
    spec.addSubcommand("sim", new CaptureSimCommand(console).spec);
    spec.addSubcommand("run", new CaptureRunCommand(console).spec);
    spec.addSubcommand("etl", new CaptureEtlCommand(console).spec);
    spec.addSubcommand("ftrace", new CaptureFtraceCommand(console).spec);
    spec.addSubcommand("xml", new CaptureXmlCommand(console).spec);
  }

  @Override
  public Integer call() {
    throw UserError.usage("capture what? see kstrace capture --help");
  }
}
