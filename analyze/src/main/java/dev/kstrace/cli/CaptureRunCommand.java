package dev.kstrace.cli;

import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.RingWatch;
import dev.kstrace.analyze.Severity;
import dev.kstrace.analyze.Verdict;
import dev.kstrace.analyze.config.RulesInForce;
import dev.kstrace.analyze.triage.Triage;
import dev.kstrace.capture.OnFull;
import dev.kstrace.capture.RecorderOptions;
import dev.kstrace.capture.RingDumps;
import dev.kstrace.capture.run.RunRecording;
import dev.kstrace.traces.Compression;
import dev.kstrace.traces.TraceMetadata;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code kstrace capture run}: a program that writes into the shared ring. */
final class CaptureRunCommand extends Command {
  private static final int PATIENCE_SECONDS = 3;

  private final OptionSpec output =
      option(String.class, "FILE", "The trace to write.", "-o", "--output");
  private final OptionSpec force = flag("Replace the file if it exists.", "-f", "--force");
  private final OptionSpec onFull =
      option(
          OnFull.class,
          "WHAT",
          "Where the buffer is full: drop the event and count it (default), or block the program,"
              + " for a second at most.",
          "--on-full");
  private final OptionSpec flushMillis =
      option(Long.class, "MS", "Age at which events are on disk (default: 200).", "--flush-ms");
  private final OptionSpec ring =
      option(
          String.class,
          "SIZE",
          "Keep the newest events in so much memory, such as 64MB, and write them at the end.",
          "--ring");
  private final OptionSpec compress =
      option(Compression.class, "HOW", "none (default) or zstd.", "--compress");
  private final OptionSpec check =
      flag(
          "Judge the trace afterwards, a ring meanwhile too; findings make a failure of a success.",
          "--check");
  private final PositionalParamSpec command =
      arguments("1..*", "CMD", "The program and its arguments.");

  CaptureRunCommand(Console console) {
    super(
        console,
        "run",
        "Run a program that includes kstrace_ring.h or kstrace_probe.h, and record it.",
        "The program's exit code is kstrace's.");
    spec.parser().stopAtPositional(true);
    footer("", "Example: kstrace capture run --check -o run.arrow -- ./allocator_test --fast");
  }

  @Override
  public Integer call() throws SQLException, IOException {
    @Nullable String name = output.getValue();
    if (name == null) {
      throw UserError.usage("where to? give -o FILE");
    }
    Path file = path(name);
    List<String> words = values(command);
    requireProgram(words.get(0));
    RulesInForce rules = isSet(check) ? RuleOptions.nearest(console) : null;
    RunRecording recording = start(file, words);
    Process process;
    try {
      process = launch(words, recording);
    } catch (IOException e) {
      recording.close();
      Files.delete(file);
      throw UserError.usage("cannot run " + words.get(0) + ": " + e.getMessage(), e);
    }
    Thread interrupted = new Thread(() -> interrupted(process, recording), "run-interrupted");
    Runtime.getRuntime().addShutdownHook(interrupted);
    @Nullable RingDumps dumps = recording.ringDumps();
    RingWatch watch = dumps != null && rules != null ? watch(recording, dumps, rules) : null;
    int code = await(process);
    end(recording, file);
    List<Path> traces = new ArrayList<>();
    if (watch != null) {
      watch.close().forEach(early -> traces.add(early.dump()));
    }
    traces.add(file);
    try {
      Runtime.getRuntime().removeShutdownHook(interrupted);
    } catch (IllegalStateException e) {
      return ExitCode.INTERRUPTED;
    }
    if (!isSet(check)) {
      return code;
    }
    int verdict = check(traces);
    return code == 0 ? verdict : code;
  }

  private RingWatch watch(RunRecording recording, RingDumps dumps, RulesInForce rules) {
    return new RingWatch(
        dumps,
        recording::recordedEvents,
        rules.rules(),
        verdict -> errors(verdict, rules),
        said -> console.err().println("kstrace: " + Failure.printable(said, false)));
  }

  private List<Finding> errors(Verdict verdict, RulesInForce rules) {
    Triage triage = new Triage(rules.config().suppressions(), console.today(), null);
    return triage.sort(verdict).newFindings().stream()
        .filter(finding -> finding.severity() == Severity.ERROR)
        .toList();
  }

  private int check(List<Path> traces) {
    List<String> words = new ArrayList<>(List.of("check", "--by-mark"));
    if (quiet()) {
      words.add("-q");
    }
    traces.forEach(trace -> words.add(trace.toString()));
    return Main.run(console, words.toArray(String[]::new));
  }

  /**
   * Before the output is touched: a mistyped program must not cost the trace that {@code -f} names.
   */
  private void requireProgram(String name) {
    if (File.separatorChar == '\\') {
      return; // there, names are completed with extensions
    }
    Pattern folders = Pattern.compile(Pattern.quote(File.pathSeparator));
    boolean found =
        name.contains("/")
            ? Files.isExecutable(path(name))
            : folders
                .splitAsStream(console.environment().getOrDefault("PATH", ""))
                .anyMatch(folder -> Files.isExecutable(path(folder + "/" + name)));
    if (!found) {
      throw UserError.usage("cannot run " + name + ": there is no such program");
    }
  }

  private RunRecording start(Path file, List<String> words) throws IOException {
    try {
      return RunRecording.start(file, metadata(words), options());
    } catch (IOException e) {
      throw Failure.output(file, e);
    }
  }

  private RecorderOptions options() {
    RecorderOptions usual = RunRecording.options();
    @Nullable String size = ring.getValue();
    try {
      return usual
          .withOnFull(valueOr(onFull, OnFull.DROP))
          .withFlushMillis(valueOr(flushMillis, usual.flushMillis()))
          .withRing(size == null ? 0 : Sizes.parse(size))
          .withCompression(valueOr(compress, Compression.NONE))
          .withOverwrite(isSet(force))
          .withReporter(console.err()::println);
    } catch (IllegalArgumentException e) {
      throw UserError.usage(String.valueOf(e.getMessage()), e);
    }
  }

  private static TraceMetadata metadata(List<String> words) {
    return TraceMetadata.of(
        Map.of(
            TraceMetadata.ORIGIN,
            "recorded",
            TraceMetadata.COMPLETE_START,
            "true",
            TraceMetadata.CLOCK,
            "monotonic",
            TraceMetadata.PRODUCER,
            Version.producer(),
            "kstrace.command",
            String.join(" ", words)));
  }

  private static Process launch(List<String> words, RunRecording recording) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(words).inheritIO();
    builder.environment().put(RunRecording.VARIABLE, recording.ring().toString());
    return builder.start();
  }

  private static int await(Process process) {
    while (true) {
      try {
        return process.waitFor();
      } catch (InterruptedException e) {
        // Nobody interrupts this thread to end it; the program decides when it is over.
      }
    }
  }

  /** Ctrl-C reaches the program too: it gets a moment to end, and what it did is kept. */
  private static void interrupted(Process process, RunRecording recording) {
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroy();
        process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
      }
      recording.close();
    } catch (IOException | InterruptedException e) {
      // The process is going down; what was written so far is readable.
    }
  }

  private void end(RunRecording recording, Path file) {
    boolean stopped = false;
    try {
      recording.close();
    } catch (IOException e) {
      stopped = true; // the recording has said so itself
    }
    if (recording.processes() == 0) {
      console
          .err()
          .println(
              "kstrace: the program recorded nothing; was it built with kstrace_probe.h or"
                  + " kstrace_ring.h, and does it call them?");
    } else if (!quiet()) {
      console
          .err()
          .println(
              String.format(
                  Locale.ROOT,
                  "recorded %,d events of %d process%s%s into %s%s%s",
                  recording.recordedEvents(),
                  recording.processes(),
                  recording.processes() == 1 ? "" : "es",
                  ring.getValue() == null ? "" : ", the newest",
                  Failure.printable(file.toString(), false),
                  recording.lostEvents() == 0
                      ? ""
                      : String.format(Locale.ROOT, ", %,d lost", recording.lostEvents()),
                  stopped
                      ? ", cut: the recording stopped"
                      : recording.endedInOrder() ? "" : ", cut: the program did not end in order"));
    }
  }
}
