package dev.kstrace.cli;

import dev.kstrace.cli.describe.CommandTree;
import dev.kstrace.cli.describe.ManPage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code kstrace man}: manual pages, made of what the commands say of themselves. */
final class ManCommand extends Command {
  private final PositionalParamSpec words =
      arguments("0..*", "COMMAND", "The command, in all its words; default: kstrace itself.");
  private final OptionSpec output =
      option(
          String.class, "DIR", "Write the pages of all commands into a folder.", "-o", "--output");
  private final OptionSpec force = flag("Replace pages that exist.", "-f", "--force");

  ManCommand(Console console) {
    super(
        console,
        "man",
        "Print a manual page, or write those of all commands.",
        "kstrace man check | man -l - shows one. A folder man1 below a folder of MANPATH is where",
        "man looks for all of them.");
    footer("", "Examples: kstrace man capture sim", "          kstrace man -o man1");
  }

  @Override
  public Integer call() throws IOException {
    CommandTree root = CommandTree.of(Commands.commandLine(console));
    @Nullable String folder = output.getValue();
    if (folder == null) {
      CommandTree command = named(root);
      console.out().print(ManPage.of(root, command, Version.producer()));
      return ExitCode.OK;
    }
    if (!values(words).isEmpty()) {
      throw UserError.usage("-o DIR writes the pages of all commands; name none");
    }
    write(root, path(folder));
    return ExitCode.OK;
  }

  private CommandTree named(CommandTree root) {
    List<String> wanted = new ArrayList<>(root.path());
    wanted.addAll(values(words));
    return root.all()
        .filter(command -> command.path().equals(wanted))
        .findFirst()
        .orElseThrow(
            () ->
                UserError.usage(
                    "there is no command "
                        + String.join(" ", wanted)
                        + "; kstrace --help lists them"));
  }

  private void write(CommandTree root, Path folder) throws IOException {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw Failure.output(folder, e);
    }
    List<CommandTree> all = root.all().toList();
    for (CommandTree command : all) {
      Path page = folder.resolve(ManPage.name(command) + ".1");
      try (OutputFile file = OutputFile.create(page, isSet(force))) {
        file.open().print(ManPage.of(root, command, Version.producer()));
        file.commit();
      } catch (IOException e) {
        throw Failure.output(page, e);
      }
    }
    if (!quiet()) {
      console
          .err()
          .println(
              "wrote " + all.size() + " pages into " + Failure.printable(folder.toString(), false));
    }
  }
}
