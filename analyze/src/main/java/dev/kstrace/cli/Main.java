package dev.kstrace.cli;

import dev.kstrace.analyze.ReadyDatabase;
import dev.kstrace.cli.text.Words;
import dev.kstrace.traces.NewFile;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Set;
import picocli.CommandLine;

/** Entry point of the {@code kstrace} command. */
public final class Main {
  /** Commands that are sure to need the database. */
  private static final Set<String> QUERYING =
      Set.of("check", "query", "explain", "diff", "export", "demo", "warm-up");

  /** Commands, among them of capture, whose output is worth having before it is whole. */
  private static final Set<String> RECORDING = Set.of("sim", "run", "minimize");

  /** Whether the process was interrupted; what fails then is no news. */
  private static volatile boolean ending;

  private Main() {}

  /** Runs the command and ends the process with its exit code. */
  public static void main(String[] args) {
    if (args.length > 0 && QUERYING.contains(args[0])) {
      ReadyDatabase.begin(Words::prepare);
    }
    Stdout stdout = new Stdout();
    Thread hook = new Thread(() -> interrupted(args, stdout), "interrupted");
    Runtime.getRuntime().addShutdownHook(hook);
    Console console =
        new Console(
            System.in,
            new PrintStream(stdout, false, StandardCharsets.UTF_8),
            stderr(),
            Terminal.isInteractive(),
            Terminal.isErrInteractive(),
            System.getenv(),
            Path.of("").toAbsolutePath(),
            System::nanoTime,
            () -> LocalDate.now(ZoneOffset.UTC));
    int code = run(console, args);
    console.out().flush();
    console.err().flush();
    IOException lost = stdout.failure();
    if (lost != null && !String.valueOf(lost.getMessage()).contains("Broken pipe")) {
      console.err().println("kstrace: cannot write to standard output: " + lost.getMessage());
      code = ExitCode.graver(code, ExitCode.USAGE);
    }
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return; // interrupted at the last moment: the JVM is about to exit with that code
    }
    // halt: nothing is left to be done, and the database's threads need no farewell.
    Runtime.getRuntime().halt(code);
  }

  private static void interrupted(String[] args, Stdout stdout) {
    boolean capture = args.length > 1 && args[0].equals("capture");
    boolean keeps = args.length > 0 && RECORDING.contains(capture ? args[1] : args[0]);
    String line = keeps ? "interrupted; what was written so far is kept" : "interrupted";
    ending = !keeps;
    if (!keeps) {
      stdout.end(); // the thread at work goes on, and would draw over what is said now
    }
    stderr().println("kstrace: " + line);
    if (!keeps) {
      // A compiler, or the host of a target. At a terminal they hear the Ctrl-C as well.
      ProcessHandle.current().descendants().forEach(ProcessHandle::destroy);
      // At once: the thread at work goes on meanwhile, and would begin files anew.
      NewFile.end();
      Runtime.getRuntime().halt(ExitCode.INTERRUPTED);
    }
  }

  private static PrintStream stderr() {
    return new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
  }

  /**
   * Runs a command in this process: what the process does, and what tests do.
   *
   * @return the exit code, see {@link ExitCode}
   */
  static int run(Console console, String... args) {
    if (args.length == 1 && (args[0].equals("--version") || args[0].equals("-V"))) {
      console.out().println("kstrace " + Version.text());
      return ExitCode.OK;
    }
    CommandLine commandLine = Commands.commandLine(console, args);
    commandLine.setOut(new PrintWriter(console.out(), true, StandardCharsets.UTF_8));
    commandLine.setErr(new PrintWriter(console.err(), true, StandardCharsets.UTF_8));
    commandLine.setParameterExceptionHandler(
        (e, unused) -> {
          console.err().println("kstrace: " + Usage.explain(e));
          return ExitCode.USAGE;
        });
    commandLine.setExecutionExceptionHandler(
        (e, unused, result) -> ending ? ExitCode.INTERRUPTED : Failure.report(e, console.err()));
    int code;
    try {
      code = commandLine.execute(args);
    } catch (Error e) {
      // Picocli lets errors pass, and the JVM would then exit with the code of findings.
      code = Failure.report(e, console.err());
    }
    return code;
  }
}
