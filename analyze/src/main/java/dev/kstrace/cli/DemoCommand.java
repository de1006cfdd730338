package dev.kstrace.cli;

import dev.kstrace.capture.sim.Fault;
import dev.kstrace.capture.sim.Profile;
import dev.kstrace.capture.sim.SimOptions;
import dev.kstrace.traces.TraceReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

/** {@code kstrace demo}: the whole story, each step with the command that does it. */
final class DemoCommand extends Command {
  private static final Profile PROFILE = Profile.TVCAP_UYVY_NTSC;
  private static final Fault FAULT = Fault.OVERLAP_SLOTS;
  private static final long SEED = 7;

  private final OptionSpec output =
      option(
          String.class, "DIR", "Folder for the traces (default: kstrace-demo).", "-o", "--output");
  private final OptionSpec force =
      flag("Replace files that are not an earlier demo's.", "-f", "--force");
  private boolean asExpected = true;

  DemoCommand(Console console) {
    super(
        console,
        "demo",
        "Record a faulty device, judge it, replay the bug, and prove that it is fixed.",
        "Each step shows the command that does it; the files stay.");
    footer("", "Example: kstrace demo");
  }

  @Override
  public Integer call() throws IOException {
    Path folder = path(valueOr(output, "kstrace-demo"));
    Path recorded = folder.resolve("faulty.arrow");
    Path again = folder.resolve("reproduced.arrow");
    Path repaired = folder.resolve("fixed.arrow");
    prepare(folder, recorded, again, repaired);
    String device = PROFILE.id();
    String faulty = "sim:" + device + "+" + FAULT.id();

    say("1. A TV capture card whose allocator cuts its slots wrong. Record it.");
    run(
        ExitCode.OK,
        "capture",
        "sim",
        "--profile",
        device,
        "--fault",
        FAULT.id(),
        "--seed",
        Long.toString(SEED),
        "-f",
        "-o",
        recorded.toString());

    say("2. What is wrong with it?");
    run(ExitCode.FINDINGS, "check", recorded.toString());

    say("3. Ask the trace: who held the two frames, and for how long?");
    run(
        ExitCode.OK,
        "query",
        recorded.toString(),
        """
        SELECT s.seq, s.thread, s.frame, s.base_frame, s.frame - s.base_frame AS offset_bytes,
          a.frame_size, a.frames
        FROM suspects s JOIN allocators a ON a.alloc_id = s.alloc_id
        WHERE s.op = 'allocate' ORDER BY s.seq""");
    run(
        ExitCode.OK,
        "query",
        recorded.toString(),
        """
        SELECT alloc_id, count(*) AS frames, max(held_ns) / 1e6 AS longest_ms
        FROM frames GROUP BY alloc_id ORDER BY alloc_id""");

    say("4. The same calls again, on the faulty allocator: the bug is reproduced.");
    run(
        ExitCode.OK,
        "replay",
        recorded.toString(),
        "--target",
        faulty,
        "-f",
        "-o",
        again.toString());
    run(ExitCode.FINDINGS, "check", "-q", again.toString());

    say("5. The same calls on the repaired allocator: the bug is gone.");
    run(
        ExitCode.OK,
        "replay",
        recorded.toString(),
        "--target",
        "sim:" + device,
        "-f",
        "-o",
        repaired.toString());
    run(ExitCode.OK, "check", repaired.toString());

    say("The traces are in " + folder + "; any Arrow tool reads them. Next: kstrace --help");
    if (!asExpected) {
      console.err().println("kstrace: the demo did not go as it should; this is a bug in kstrace");
      return ExitCode.INTERNAL;
    }
    return ExitCode.OK;
  }

  /** Makes the folder; refuses to replace anything but what an earlier demo left. */
  private void prepare(Path folder, Path... files) throws IOException {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw Failure.output(folder, e);
    }
    if (isSet(force)) {
      return;
    }
    for (Path file : files) {
      if (Files.exists(file) && !isDemo(file)) {
        throw UserError.usage(
            "cannot write " + file + ": it exists and is no earlier demo's; give -o DIR, or -f");
      }
    }
  }

  private static boolean isDemo(Path file) {
    SimOptions options = SimOptions.of(PROFILE).withFaults(EnumSet.of(FAULT)).withSeed(SEED);
    try (TraceReader trace = TraceReader.open(file)) {
      return options.command().equals(trace.metadata().get("kstrace.command"));
    } catch (IOException e) {
      return false;
    }
  }

  private void say(String text) {
    console.out().println();
    console.out().println(text);
  }

  private void run(int expected, String... args) {
    PrintStream out = console.out();
    out.println();
    out.println("$ kstrace " + shown(List.of(args)));
    out.flush();
    int code = Main.run(console, args);
    asExpected &= code == expected;
  }

  /** The arguments as they would be typed. */
  private static String shown(List<String> args) {
    StringBuilder line = new StringBuilder();
    for (String arg : args) {
      boolean plain = arg.matches("[A-Za-z0-9_./:+,=-]+");
      line.append(line.isEmpty() ? "" : " ").append(plain ? arg : '"' + arg + '"');
    }
    return line.toString();
  }
}
