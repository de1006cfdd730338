package dev.kstrace.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Runs commands in this process through the entry that the program itself uses. Immutable.
 *
 * <p>Arguments that begin with {@code @} name files in the folder; what is printed shows them
 * without the folder, so that whole outputs can be compared.
 *
 * @param folder where files are
 * @param input standard input
 * @param terminal whether standard output is one
 * @param environment environment variables
 * @param slow whether each look at the clock comes two seconds after the one before
 */
record Cli(
    Path folder, String input, boolean terminal, Map<String, String> environment, boolean slow) {
  /** The day of all tests. */
  static final LocalDate TODAY = LocalDate.of(2026, 3, 1);

  /** What a command left behind. */
  record Result(int code, String out, String err) {
    /** All of it, for comparisons that do not care about the stream. */
    String all() {
      return "exit " + code + "\n" + err + out;
    }
  }

  /** Commands without input, on no terminal. */
  Cli(Path folder) {
    this(folder, "", false, Map.of(), false);
  }

  /** Commands where nothing lasts. */
  Cli(Path folder, String input, boolean terminal, Map<String, String> environment) {
    this(folder, input, terminal, environment, false);
  }

  /** A console that shows nothing. */
  static Console silent() {
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    return new Console(
        InputStream.nullInputStream(),
        nowhere,
        nowhere,
        false,
        false,
        Map.of(),
        Path.of(""),
        System::nanoTime,
        () -> TODAY);
  }

  Cli withInput(String text) {
    return new Cli(folder, text, terminal, environment, slow);
  }

  Cli onTerminal(Map<String, String> variables) {
    return new Cli(folder, input, true, variables, slow);
  }

  /** On a terminal, where everything lasts. */
  Cli slowly() {
    return new Cli(folder, input, true, Map.of(), true);
  }

  private LongSupplier clock() {
    AtomicLong now = new AtomicLong();
    return slow ? () -> now.addAndGet(2_000_000_000L) : System::nanoTime;
  }

  Path file(String name) {
    return folder.resolve(name);
  }

  /** Runs one command. */
  Result run(String... args) {
    String[] resolved = new String[args.length];
    for (int i = 0; i < args.length; i++) {
      resolved[i] = args[i].startsWith("@") ? file(args[i].substring(1)).toString() : args[i];
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code;
    try (PrintStream outStream = new PrintStream(out, false, StandardCharsets.UTF_8);
        PrintStream errStream = new PrintStream(err, false, StandardCharsets.UTF_8)) {
      Console console =
          new Console(
              new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
              outStream,
              errStream,
              terminal,
              terminal,
              environment,
              folder,
              clock(),
              () -> TODAY);
      code = Main.run(console, resolved);
    }
    return new Result(code, shown(out), shown(err));
  }

  private String shown(ByteArrayOutputStream bytes) {
    String text = bytes.toString(StandardCharsets.UTF_8);
    return text.replace(System.lineSeparator(), "\n").replace(folder + File.separator, "");
  }
}
