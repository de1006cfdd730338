package dev.kstrace.cli.describe;

import dev.kstrace.cli.describe.CommandTree.Option;
import dev.kstrace.cli.describe.CommandTree.Values;
import java.util.List;
import java.util.stream.Collectors;

/** Completion for bash 4 and newer. */
final class BashCompletion {
  // The line is split here and not by readline, which takes words apart at : and =.
  private static final String HEAD =
      """
      # Completion of kstrace for bash. For this shell:
      #   source <(kstrace completion bash)
      # for all to come:
      #   kstrace completion bash > ~/.local/share/bash-completion/completions/kstrace
      _kstrace() {
        local line=${COMP_LINE:0:COMP_POINT} path='kstrace' word
        local cur='' option='' kind='' offered='' files=''
        local -a words
        read -ra words <<<"$line"
        if [[ $line != *[[:space:]] ]]; then
          cur=${words[${#words[@]} - 1]}
          unset 'words[${#words[@]}-1]'
        fi
        for word in "${words[@]:1}"; do
          if [[ $option ]]; then
            option=''
            continue
          fi
          case "$path $word" in
            COMMANDS)
              path="$path $word"
              ;;
            VALUED)
              option=$word
              ;;
          esac
        done
        if [[ ! $option && $cur == --*=* ]]; then
          option=${cur%%=*}
          cur=${cur#*=}
        fi
      """;

  private static final String TAIL =
      """
        COMPREPLY=()
        case $kind in
          words) mapfile -t COMPREPLY < <(compgen -W "$offered" -- "$cur") ;;
          file) files=yes && mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
          folder) files=yes && mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
        esac
        [[ ! $files ]] || compopt -o filenames 2>/dev/null
        # What stands before a colon is no part of the word that readline replaces.
        if [[ $cur == *:* && $COMP_WORDBREAKS == *:* ]]; then
          local before=${cur%"${cur##*:}"} i
          for i in "${!COMPREPLY[@]}"; do
            COMPREPLY[i]=${COMPREPLY[i]#"$before"}
          done
        fi
      }
      complete -F _kstrace kstrace
      """;

  private BashCompletion() {}

  static String of(CommandTree root) {
    StringBuilder script = new StringBuilder();
    String commands =
        root.all()
            .filter(command -> command.path().size() > 1)
            .map(command -> quoted(path(command)))
            .collect(Collectors.joining(" | "));
    String valued =
        root.all()
            .flatMap(
                command ->
                    command.options().stream()
                        .filter(option -> !option.isFlag())
                        .flatMap(option -> option.names().stream())
                        .map(name -> quoted(path(command) + " " + name)))
            .collect(Collectors.joining(" | "));
    script.append(HEAD.replace("COMMANDS", commands).replace("VALUED", valued));
    script.append("  case \"$path $option\" in\n");
    root.all().forEach(command -> values(script, command));
    script.append("  esac\n  if [[ ! $option ]]; then\n    case \"$path\" in\n");
    root.all().forEach(command -> words(script, command));
    script.append("    esac\n  fi\n");
    return script.append(TAIL).toString();
  }

  private static void values(StringBuilder script, CommandTree command) {
    for (Option option : command.options()) {
      if (!option.isFlag()) {
        String names =
            option.names().stream()
                .map(name -> quoted(path(command) + " " + name))
                .collect(Collectors.joining(" | "));
        script.append("    ").append(names).append(")").append(offer(option.values()));
        script.append(" ;;\n");
      }
    }
  }

  /** What may stand where no value of an option is expected. */
  private static void words(StringBuilder script, CommandTree command) {
    List<String> options =
        command.options().stream().flatMap(option -> option.names().stream()).toList();
    script.append("      ").append(quoted(path(command))).append(")\n");
    script.append("        if [[ $cur == -* ]]; then\n         ");
    script.append(offer(new Values(CommandTree.Kind.WORDS, options)));
    script.append("\n        else\n         ");
    if (!command.children().isEmpty()) {
      List<String> names = command.children().stream().map(CommandTree::name).toList();
      script.append(offer(new Values(CommandTree.Kind.WORDS, names)));
    } else if (!command.arguments().isEmpty()) {
      script.append(offer(command.arguments().get(0).values()));
    } else {
      script.append(" :");
    }
    script.append("\n        fi\n        ;;\n");
  }

  private static String offer(Values values) {
    return switch (values.kind()) {
      case WORDS -> " kind=words offered=" + quoted(String.join(" ", values.words()));
      case FILE -> " kind=file";
      case FOLDER -> " kind=folder";
      case ANY -> " :";
    };
  }

  private static String path(CommandTree command) {
    return String.join(" ", command.path());
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }
}
