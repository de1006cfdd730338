package dev.kstrace.cli.describe;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/**
 * A command with all that a shell or a manual needs to know of it, without what is hidden from
 * users. Immutable.
 *
 * @param path the words that call it, such as {@code [kstrace, capture, sim]}
 * @param description lines of its help, the first a sentence of its own
 * @param synopsis how it is called
 * @param options its options
 * @param arguments what it takes beside options; at most one kind
 * @param footer further lines of its help, without the examples
 * @param examples command lines
 * @param children its subcommands
 */
public record CommandTree(
    List<String> path,
    List<String> description,
    String synopsis,
    List<Option> options,
    List<Argument> arguments,
    List<String> footer,
    List<String> examples,
    List<CommandTree> children) {

  /**
   * An option.
   *
   * @param names all its names, with dashes
   * @param label what stands for its value; empty for a flag
   * @param description a sentence
   * @param values what its value may be
   */
  public record Option(List<String> names, String label, String description, Values values) {
    /** Whether it has no value. */
    public boolean isFlag() {
      return label.isEmpty();
    }
  }

  /** An argument without a name. */
  public record Argument(String label, String description, Values values) {}

  /**
   * What may be offered for a value.
   *
   * @param words the words of {@link Kind#WORDS}, else empty
   */
  public record Values(Kind kind, List<String> words) {}

  /** Kinds of values. */
  public enum Kind {
    /** One of some words. */
    WORDS,
    /** A file. */
    FILE,
    /** A folder. */
    FOLDER,
    /** Anything. */
    ANY
  }

  /** The tree below a command, which needs its name and all its subcommands. */
  public static CommandTree of(CommandLine command) {
    CommandSpec spec = command.getCommandSpec();
    List<Option> options = new ArrayList<>();
    for (CommandLine.Model.OptionSpec option : spec.options()) {
      if (!option.hidden()) {
        boolean flag = option.arity().max() == 0;
        options.add(
            new Option(
                List.of(option.names()),
                flag ? "" : option.paramLabel(),
                String.join(" ", option.description()),
                values(option, Kind.ANY)));
      }
    }
    List<Argument> arguments =
        spec.positionalParameters().stream()
            .map(
                argument ->
                    new Argument(
                        argument.paramLabel(),
                        String.join(" ", argument.description()),
                        values(argument, Kind.FILE)))
            .toList();
    List<CommandTree> children =
        command.getSubcommands().values().stream()
            .filter(child -> !child.getCommandSpec().usageMessage().hidden())
            .map(CommandTree::of)
            .toList();
    List<String> footer = List.of(spec.usageMessage().footer());
    return new CommandTree(
        List.of(spec.qualifiedName().split(" ", -1)),
        List.of(spec.usageMessage().description()),
        synopsis(command),
        options,
        arguments,
        HelpExamples.others(footer),
        HelpExamples.of(footer),
        children);
  }

  private static String synopsis(CommandLine command) {
    return command.getHelp().synopsis(0).replaceAll("\\s+", " ").strip();
  }

  private static Values values(ArgSpec argument, Kind otherwise) {
    Iterable<String> candidates = argument.completionCandidates();
    if (candidates != null) {
      return new Values(Kind.WORDS, StreamSupport.stream(candidates.spliterator(), false).toList());
    }
    return new Values(
        switch (argument.paramLabel().replace(",...", "")) {
          case "FILE", "LIB", "PATH" -> Kind.FILE;
          case "DIR", "FOLDER" -> Kind.FOLDER;
          default -> otherwise;
        },
        List.of());
  }

  /** The word that calls it. */
  public String name() {
    return path.get(path.size() - 1);
  }

  /** What it does, in one sentence. */
  public String sentence() {
    return description.isEmpty() ? "" : description.get(0);
  }

  /** This command and all below it, each before those below it. */
  public Stream<CommandTree> all() {
    return Stream.concat(Stream.of(this), children.stream().flatMap(CommandTree::all));
  }
}
