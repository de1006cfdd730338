package dev.kstrace.cli.describe;

import dev.kstrace.cli.describe.CommandTree.Kind;
import dev.kstrace.cli.describe.CommandTree.Option;
import java.util.List;
import java.util.stream.Collectors;

/** Completion for PowerShell 5.1 and newer. */
final class PowerShellCompletion {
  private static final String HEAD =
      """
      # Completion of kstrace for PowerShell; add it to your $PROFILE:
      #   kstrace completion powershell | Out-String | Invoke-Expression
      Register-ArgumentCompleter -Native -CommandName @('kstrace', 'kstrace.cmd') -ScriptBlock {
          param($wordToComplete, $commandAst, $cursorPosition)
          $commands = @{
      """;

  private static final String TAIL =
      """
          }
          $path = 'kstrace'
          $option = $null
          foreach ($element in ($commandAst.CommandElements | Select-Object -Skip 1)) {
              if ($element.Extent.EndOffset -ge $cursorPosition) { break }
              $word = $element.Extent.Text
              if ($option) { $option = $null; continue }
              if ($commands.ContainsKey("$path $word")) { $path = "$path $word" }
              elseif ($commands[$path].valued.ContainsKey($word)) { $option = $word }
          }
          $offered = if ($option) { $commands[$path].valued[$option] }
          elseif ($wordToComplete.StartsWith('-')) { $commands[$path].options }
          else { $commands[$path].words }
          $offered | Where-Object { $_ -and $_.text.StartsWith($wordToComplete) } | ForEach-Object {
              [System.Management.Automation.CompletionResult]::new(
                  $_.text, $_.text, 'ParameterValue', $_.tip)
          }
      }
      """;

  private PowerShellCompletion() {}

  static String of(CommandTree root) {
    StringBuilder script = new StringBuilder(HEAD);
    root.all().forEach(command -> add(script, command));
    return script.append(TAIL).toString();
  }

  private static void add(StringBuilder script, CommandTree command) {
    script.append("        ").append(quoted(String.join(" ", command.path()))).append(" = @{\n");
    script.append("            words = @(\n");
    for (CommandTree child : command.children()) {
      script.append(entry(child.name(), child.sentence()));
    }
    command.arguments().stream()
        .flatMap(argument -> argument.values().words().stream())
        .forEach(word -> script.append(entry(word, word)));
    script.append("            )\n            options = @(\n");
    for (Option option : command.options()) {
      option.names().forEach(name -> script.append(entry(name, option.description())));
    }
    script.append("            )\n            valued = @{\n");
    for (Option option : command.options()) {
      if (!option.isFlag()) {
        option.names().forEach(name -> script.append(valued(name, option)));
      }
    }
    script.append("            }\n        }\n");
  }

  /** Where nothing is offered PowerShell offers files by itself. */
  private static String valued(String name, Option option) {
    List<String> words = option.values().kind() == Kind.WORDS ? option.values().words() : List.of();
    String entries =
        words.stream()
            .map(word -> "@{ text = " + quoted(word) + "; tip = " + quoted(word) + " }")
            .collect(Collectors.joining(", "));
    return "                " + quoted(name) + " = @(" + entries + ")\n";
  }

  private static String entry(String text, String tip) {
    return "                @{ text = " + quoted(text) + "; tip = " + quoted(tip) + " }\n";
  }

  /** The language takes typographic quotes for plain ones. */
  private static String quoted(String text) {
    return "'" + text.replaceAll("['\\u2018-\\u201b]", "$0$0") + "'";
  }
}
