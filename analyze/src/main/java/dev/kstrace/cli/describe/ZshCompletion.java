package dev.kstrace.cli.describe;

import dev.kstrace.cli.describe.CommandTree.Argument;
import dev.kstrace.cli.describe.CommandTree.Option;
import dev.kstrace.cli.describe.CommandTree.Values;

/** Completion for zsh: one function for each command. */
final class ZshCompletion {
  private static final String HEAD =
      """
      #compdef kstrace
      # Completion of kstrace for zsh. Put it as _kstrace into a folder of $fpath, or for a shell:
      #   source <(kstrace completion zsh)
      """;

  private static final String TAIL =
      """
      if [[ $funcstack[1] = _kstrace ]]; then
        _kstrace "$@"
      else
        compdef _kstrace kstrace
      fi
      """;

  private ZshCompletion() {}

  static String of(CommandTree root) {
    StringBuilder script = new StringBuilder(HEAD);
    root.all().forEach(command -> add(script, command));
    return script.append(TAIL).toString();
  }

  private static void add(StringBuilder script, CommandTree command) {
    script.append(function(command)).append("() {\n");
    boolean parent = !command.children().isEmpty();
    if (parent) {
      script.append("  local curcontext=$curcontext state line\n  local -a commands=(\n");
      for (CommandTree child : command.children()) {
        String described = child.name() + ":" + child.sentence();
        script.append("    ").append(quoted(described)).append('\n');
      }
      script.append("  )\n");
    }
    script.append(parent ? "  _arguments -C" : "  _arguments");
    for (Option option : command.options()) {
      for (String name : option.names()) {
        script.append(" \\\n    ").append(quoted(spec(option, name)));
      }
    }
    if (parent) {
      script.append(" \\\n    '1:command:->command' \\\n    '*::argument:->argument'\n");
      dispatch(script, command);
    } else {
      for (Argument argument : command.arguments()) {
        String text = "*:" + escaped(argument.label()) + ":" + action(argument.values());
        script.append(" \\\n    ").append(quoted(text));
      }
      script.append('\n');
    }
    script.append("}\n");
  }

  private static void dispatch(StringBuilder script, CommandTree command) {
    script.append("  case $state in\n    command) _describe command commands ;;\n");
    script.append("    argument)\n      case $words[1] in\n");
    for (CommandTree child : command.children()) {
      script.append("        ").append(child.name()).append(") ");
      script.append(function(child)).append(" ;;\n");
    }
    script.append("      esac\n      ;;\n  esac\n");
  }

  /** An option that may be given with any of its names, but once. */
  private static String spec(Option option, String name) {
    StringBuilder spec = new StringBuilder("(" + String.join(" ", option.names()) + ")" + name);
    if (!option.isFlag() && name.startsWith("--")) {
      spec.append('=');
    }
    spec.append('[').append(escaped(option.description())).append(']');
    if (!option.isFlag()) {
      spec.append(':').append(escaped(option.label())).append(':');
      spec.append(action(option.values()));
    }
    return spec.toString();
  }

  private static String action(Values values) {
    return switch (values.kind()) {
      case WORDS -> "(" + escaped(String.join(" ", values.words())) + ")";
      case FILE -> "_files";
      case FOLDER -> "_files -/";
      case ANY -> "";
    };
  }

  private static String function(CommandTree command) {
    return "_" + String.join("_", command.path());
  }

  private static String escaped(String text) {
    return text.replaceAll("[\\\\:\\[\\]]", "\\\\$0");
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }
}
