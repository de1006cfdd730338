package dev.kstrace.cli;

import dev.kstrace.analyze.config.Names;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says what is wrong with a command line, and what was probably meant. */
final class Usage {
  private static final Pattern ENUM =
      Pattern.compile("expected one of \\[([A-Za-z_, -]+)\\] \\(case-insensitive\\)");

  private Usage() {}

  static String explain(ParameterException e) {
    CommandLine command = e.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    String text =
        e instanceof UnmatchedArgumentException unmatched
            ? unmatched(command, unmatched.getUnmatched().get(0))
            : sentence(String.valueOf(e.getMessage()));
    return text + " (see " + name + " --help)";
  }

  private static String unmatched(CommandLine command, String word) {
    if (word.startsWith("-")) {
      List<String> options = new ArrayList<>(command.getCommandSpec().optionsMap().keySet());
      return "there is no option " + word + meant(word, options);
    }
    Collection<String> commands =
        command.getParent() == null ? Commands.names() : command.getSubcommands().keySet();
    if (commands.isEmpty()) {
      return "one argument too many: '" + word + "'";
    }
    return "there is no command '" + word + "'" + meant(word, commands);
  }

  private static String meant(String word, Collection<String> names) {
    String near = Names.nearest(word, names);
    return near == null ? "" : "; did you mean " + near + "?";
  }

  /** What picocli says, in words that are not a programmer's. */
  private static String sentence(String message) {
    if (message.isEmpty()) {
      return "wrong arguments";
    }
    String text = Character.toLowerCase(message.charAt(0)) + message.substring(1);
    Matcher names = ENUM.matcher(text);
    if (names.find()) {
      // A constant whose word is not its name is listed under both.
      String[] both = names.group(1).toLowerCase(Locale.ROOT).replace('_', '-').split(", ", -1);
      String listed = Stream.of(both).distinct().collect(Collectors.joining(", "));
      text = names.replaceFirst("expected one of " + listed);
    }
    return text.replaceFirst("is not a long$", "is not a whole number of 64 bits")
        .replaceFirst("is not an int$", "is not a whole number of 32 bits");
  }
}
