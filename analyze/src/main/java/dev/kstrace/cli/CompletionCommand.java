package dev.kstrace.cli;

import dev.kstrace.cli.describe.CommandTree;
import dev.kstrace.cli.describe.CompletionShell;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code kstrace completion}: a script that lets a shell complete the commands. */
final class CompletionCommand extends Command {
  private static final List<String> SHELLS =
      Arrays.stream(CompletionShell.values())
          .map(shell -> shell.name().toLowerCase(Locale.ROOT))
          .toList();

  private final PositionalParamSpec shell =
      arguments("1", "SHELL", String.join(", ", SHELLS) + ".", SHELLS);

  CompletionCommand(Console console) {
    super(
        console,
        "completion",
        "Print a script that lets your shell complete commands.",
        "For bash: source <(kstrace completion bash). The first lines of each script say how to",
        "keep it.");
    footer("", "Example: kstrace completion bash");
  }

  @Override
  public Integer call() {
    String wanted = values(shell).get(0);
    if (!SHELLS.contains(wanted.toLowerCase(Locale.ROOT))) {
      throw UserError.usage(
          "no completion for shell " + wanted + ", expected one of " + String.join(", ", SHELLS));
    }
    CompletionShell known = CompletionShell.valueOf(wanted.toUpperCase(Locale.ROOT));
    console.out().print(known.script(CommandTree.of(Commands.commandLine(console))));
    return ExitCode.OK;
  }
}
