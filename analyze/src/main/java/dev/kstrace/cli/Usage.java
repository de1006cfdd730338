package dev.kstrace.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says what is wrong with a command line, and what was probably meant. */
final class Usage {
  private Usage() {}

  static String explain(ParameterException e) {
    CommandLine command = e.getCommandLine();
    StringBuilder text = new StringBuilder();
    if (e instanceof UnmatchedArgumentException unmatched && isRoot(command)) {
      String word = unmatched.getUnmatched().get(0);
      text.append("there is no command ").append(word);
      String near = Names.nearest(word, Commands.names());
      if (near != null) {
        text.append("; did you mean ").append(near).append('?');
      }
    } else {
      text.append(sentence(String.valueOf(e.getMessage())));
    }
    List<String> names = List.of(command.getCommandSpec().qualifiedName());
    return text.append(" (see ").append(String.join(" ", names)).append(" --help)").toString();
  }

  private static boolean isRoot(CommandLine command) {
    return command.getParent() == null;
  }

  private static String sentence(String message) {
    String first = message.isEmpty() ? "wrong arguments" : message;
    return Character.toLowerCase(first.charAt(0)) + first.substring(1);
  }
}
