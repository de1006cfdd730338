package dev.kstrace.cli;

import picocli.CommandLine.Option;

/** Options that every command has. */
class CommonOptions {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  boolean help;

  @Option(
      names = {"-q", "--quiet"},
      description = "Say nothing but results and errors.")
  boolean quiet;

  @Option(
      names = "--color",
      paramLabel = "WHEN",
      defaultValue = "auto",
      description = "Colour: auto (on a terminal), always or never.")
  Console.Colour colour = Console.Colour.AUTO;
}
