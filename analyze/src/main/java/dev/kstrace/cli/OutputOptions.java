package dev.kstrace.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Options of a command that writes a file. */
final class OutputOptions {
  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      required = true,
      description = "The file to write.")
  Path file = Path.of("");

  @Option(
      names = {"-f", "--force"},
      description = "Replace the file if it exists.")
  boolean force;
}
