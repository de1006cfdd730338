package dev.kstrace.cli;

import dev.kstrace.analyze.PassOptions;
import dev.kstrace.analyze.TraceFacts;
import dev.kstrace.cli.text.OutstandingChart;
import dev.kstrace.cli.text.Paint;
import dev.kstrace.traces.TraceReader;
import dev.kstrace.traces.TraceStructure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * A command with its options.
 *
 * <p>Options are declared through picocli's model instead of its annotations: reading annotations
 * costs as much as starting the JVM.
 */
abstract class Command implements Callable<Integer> {
  final CommandSpec spec = CommandSpec.wrapWithoutInspection(this);
  final Console console;
  private final OptionSpec quiet;
  private final OptionSpec colour;

  /**
   * A command with the options that all have.
   *
   * @param name the word that users type
   * @param description lines of the help
   */
  Command(Console console, String name, String... description) {
    this.console = console;
    spec.name(name).usageMessage().description(description);
    flag("Show this help and exit.", true, "-h", "--help");
    quiet = flag("Say nothing but results and errors.", "-q", "--quiet");
    colour =
        option(Console.Colour.class, "WHEN", "auto (on a terminal), always or never.", "--color");
  }

  /** Lines at the end of the help: an example. */
  final void footer(String... lines) {
    spec.usageMessage().footer(lines);
  }

  /** Declares an option without a value. */
  final OptionSpec flag(String description, String... names) {
    return flag(description, false, names);
  }

  private OptionSpec flag(String description, boolean help, String... names) {
    OptionSpec option =
        OptionSpec.builder(names[0], names)
            .names(names)
            .type(boolean.class)
            .arity("0")
            .usageHelp(help)
            .description(description)
            .build();
    spec.addOption(option);
    return option;
  }

  /** Declares an option with a value, null where it is not given. */
  final OptionSpec option(Class<?> type, String label, String description, String... names) {
    return option(type, words(type), label, description, names);
  }

  /**
   * Declares an option whose value is one of some words, null where it is not given. Shells offer
   * the words; that the value is one of them the command has to see to.
   *
   * @param words asked for only where they are offered
   */
  final OptionSpec choice(
      Iterable<String> words, String label, String description, String... names) {
    return option(String.class, words, label, description, names);
  }

  private OptionSpec option(
      Class<?> type,
      @Nullable Iterable<String> words,
      String label,
      String description,
      String... names) {
    OptionSpec option =
        OptionSpec.builder(names[0], names)
            .names(names)
            .type(type)
            .completionCandidates(words)
            .arity("1")
            .paramLabel(label)
            .description(description)
            .build();
    spec.addOption(option);
    return option;
  }

  /** The constants of an enum as users write them; null for other types. */
  private static @Nullable Iterable<String> words(Class<?> type) {
    Object[] constants = type.getEnumConstants();
    return constants == null
        ? null
        : () ->
            Arrays.stream(constants)
                .map(constant -> ((Enum<?>) constant).name().toLowerCase(Locale.ROOT))
                .iterator();
  }

  /** Declares an option that may be given several times, empty where it is not given. */
  final OptionSpec repeated(String label, String description, String... names) {
    return values(null, label, description, "", names);
  }

  /** Declares {@code -o}: the file that the command writes. */
  final OptionSpec output(String description) {
    return option(String.class, "FILE", description, "-o", "--output");
  }

  /** Declares {@code -f}. */
  final OptionSpec force() {
    return flag("Replace the file if it exists.", "-f", "--force");
  }

  /** The path of an {@link #output} that must be given. */
  static Path required(OptionSpec output) {
    @Nullable String file = output.getValue();
    if (file == null) {
      throw UserError.usage("where to? give -o FILE");
    }
    return path(file);
  }

  /** Declares an option with several values separated by commas, empty where it is not given. */
  final OptionSpec list(String label, String description, String... names) {
    return values(null, label, description, ",", names);
  }

  /** As {@link #list}, with words that shells offer. */
  final OptionSpec choices(
      Iterable<String> words, String label, String description, String... names) {
    return values(words, label, description, ",", names);
  }

  private OptionSpec values(
      @Nullable Iterable<String> words,
      String label,
      String description,
      String separator,
      String... names) {
    OptionSpec option =
        OptionSpec.builder(names[0], names)
            .names(names)
            .type(List.class)
            .auxiliaryTypes(String.class)
            .completionCandidates(words)
            .arity("1")
            .splitRegex(separator)
            .paramLabel(separator.isEmpty() ? label : label + separator + "...")
            .hideParamSyntax(true)
            .description(description)
            .build();
    spec.addOption(option);
    return option;
  }

  /**
   * Declares the arguments without a name.
   *
   * @param arity how many, {@code 0..1}, {@code 1} or {@code 1..*}
   */
  final PositionalParamSpec arguments(String arity, String label, String description) {
    return arguments(arity, label, description, null);
  }

  /** As above, with words that shells offer; null = files. */
  final PositionalParamSpec arguments(
      String arity, String label, String description, @Nullable Iterable<String> words) {
    PositionalParamSpec arguments =
        PositionalParamSpec.builder()
            .type(List.class)
            .auxiliaryTypes(String.class)
            .completionCandidates(words)
            .index(arity.endsWith("*") ? "0..*" : "0")
            .arity(arity)
            .required(!arity.startsWith("0")) // the model does not conclude it from the arity
            .paramLabel(label)
            .description(description)
            .build();
    spec.addPositional(arguments);
    return arguments;
  }

  /** Whether a flag was given. */
  static boolean isSet(OptionSpec flag) {
    return Boolean.TRUE.equals(flag.getValue());
  }

  /** An option's value, or another where it was not given. */
  static <T> T valueOr(OptionSpec option, T otherwise) {
    @Nullable T value = option.getValue();
    return value == null ? otherwise : value;
  }

  /** Values of {@link #list} or {@link #arguments}. */
  static List<String> values(picocli.CommandLine.Model.ArgSpec arguments) {
    @Nullable List<String> values = arguments.getValue();
    return values == null ? List.of() : values;
  }

  /** Values of {@link #arguments} as paths. */
  static List<Path> paths(PositionalParamSpec arguments) {
    return values(arguments).stream().map(Command::path).toList();
  }

  /** A path, or a message that says why it is none. */
  static Path path(String text) {
    if (text.isEmpty()) {
      throw UserError.usage("a file name is empty; give one, such as trace.arrow");
    }
    try {
      return Path.of(text);
    } catch (java.nio.file.InvalidPathException e) {
      throw UserError.usage("not a path: " + e.getMessage(), e);
    }
  }

  /**
   * Refuses an output that is the input under whatever name: it would be lost before it is read.
   */
  static void requireAnother(Path input, Path output) {
    try {
      if (Files.exists(output) && Files.isSameFile(input, output)) {
        throw UserError.usage(
            "cannot write " + output + ": it is the input itself; choose another name");
      }
    } catch (IOException e) {
      throw Failure.output(output, e);
    }
  }

  /** Refuses an input that is no trace before anything is written. */
  static void requireReadable(Path file) {
    try {
      TraceReader.open(file).close();
    } catch (IOException e) {
      throw Failure.input(file, e);
    }
  }

  /** Walks over a file that may be damaged, and shows how far that is. */
  final TraceStructure structure(Path file) throws IOException {
    try (Progress progress = progress()) {
      return TraceStructure.of(file, progress);
    }
  }

  /** Reads a trace for a verdict, and shows how far that is. */
  final TraceFacts facts(Path file) throws IOException {
    try (Progress progress = progress()) {
      return TraceFacts.of(file, PassOptions.NONE.with(progress));
    }
  }

  /** The bar of what lasts; to be closed before anything else is printed. */
  final Progress progress() {
    return Progress.of(console, quiet());
  }

  /** Whether {@code -q} was given. */
  final boolean quiet() {
    return isSet(quiet);
  }

  /** Draws frames outstanding for a person; null where nobody looks, or only results are wanted. */
  final @Nullable OutstandingChart chart() {
    return console.terminal() && !quiet()
        ? new OutstandingChart(console.width(), console.unicode(), new Paint(colour()))
        : null;
  }

  /** Whether to colour the output. */
  final boolean colour() {
    return console.colour(valueOr(colour, Console.Colour.AUTO));
  }
}
