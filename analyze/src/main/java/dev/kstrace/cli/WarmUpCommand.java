package dev.kstrace.cli;

import dev.kstrace.capture.sim.Fault;
import dev.kstrace.capture.sim.Profile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Runs every common command once for the launcher, so that the JVM can archive the classes that a
 * start loads. Hidden: it shows nothing and leaves nothing.
 */
final class WarmUpCommand extends Command {
  WarmUpCommand(Console console) {
    super(console, "warm-up", "Run every command once.");
    spec.usageMessage().hidden(true);
  }

  @Override
  public Integer call() throws IOException {
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    Path folder = Files.createTempDirectory("kstrace-warm-up");
    Console silent =
        new Console(
            new ByteArrayInputStream(new byte[0]),
            nowhere,
            nowhere,
            false,
            false,
            Map.of(),
            folder,
            console.clock(),
            console.today());
    Path trace = folder.resolve("trace.arrow");
    try {
      String profile = Profile.MIC_PCM_48K_10MS.id();
      String fault = Fault.DOUBLE_FREE.id();
      Main.run(silent, "--version");
      Main.run(silent, "--help");
      Main.run(silent, "no-such-command");
      Main.run(
          silent, "capture", "sim", "--profile", profile, "--fault", fault, "-o", trace.toString());
      Main.run(silent, "info", trace.toString());
      Main.run(silent, "check", "--no-config", trace.toString());
      Main.run(silent, "check", "--no-config", "--format", "json", trace.toString());
      Main.run(silent, "query", trace.toString(), "SELECT op, count(*) FROM events GROUP BY op");
      Main.run(silent, "replay", trace.toString(), "--target", "sim:" + profile);
    } finally {
      Files.deleteIfExists(trace);
      Files.deleteIfExists(folder);
    }
    return ExitCode.OK;
  }
}
