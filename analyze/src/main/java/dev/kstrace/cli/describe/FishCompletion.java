package dev.kstrace.cli.describe;

import dev.kstrace.cli.describe.CommandTree.Option;
import dev.kstrace.cli.describe.CommandTree.Values;
import java.util.stream.Collectors;

/** Completion for fish. */
final class FishCompletion {
  private static final String HEAD =
      """
      # Completion of kstrace for fish:
      #   kstrace completion fish > ~/.config/fish/completions/kstrace.fish
      function __kstrace_at -d 'Whether the words so far call this command'
          set -l path kstrace
          for word in (commandline -opc)[2..-1]
              if contains -- "$path $word" COMMANDS
                  set path "$path $word"
              end
          end
          test "$path" = "$argv"
      end
      complete -c kstrace -f
      """;

  private FishCompletion() {}

  static String of(CommandTree root) {
    String commands =
        root.all()
            .filter(command -> command.path().size() > 1)
            .map(command -> quoted(String.join(" ", command.path())))
            .collect(Collectors.joining(" "));
    StringBuilder script = new StringBuilder(HEAD.replace("COMMANDS", commands));
    root.all().forEach(command -> add(script, command));
    return script.toString();
  }

  private static void add(StringBuilder script, CommandTree command) {
    String at =
        "complete -c kstrace -n " + quoted("__kstrace_at " + String.join(" ", command.path()));
    for (CommandTree child : command.children()) {
      script.append(at).append(" -a ").append(child.name());
      script.append(" -d ").append(quoted(child.sentence())).append('\n');
    }
    if (command.children().isEmpty() && !command.arguments().isEmpty()) {
      Values values = command.arguments().get(0).values();
      if (values.kind() != CommandTree.Kind.ANY) {
        script.append(at).append(offer(values)).append('\n');
      }
    }
    for (Option option : command.options()) {
      script.append(at);
      for (String name : option.names()) {
        script.append(name.startsWith("--") ? " -l " : name.length() == 2 ? " -s " : " -o ");
        script.append(name.replaceFirst("^--?", ""));
      }
      if (!option.isFlag()) {
        script.append(" -r").append(offer(option.values()));
      }
      script.append(" -d ").append(quoted(option.description())).append('\n');
    }
  }

  private static String offer(Values values) {
    return switch (values.kind()) {
      case WORDS -> " -f -a " + quoted(String.join(" ", values.words()));
      case FILE -> " -F";
      case FOLDER -> " -f -a '(__fish_complete_directories)'";
      case ANY -> " -f";
    };
  }

  private static String quoted(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
