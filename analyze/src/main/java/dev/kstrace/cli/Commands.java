package dev.kstrace.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The list of commands.
 *
 * <p>Only the command that was asked for is made: a short command should not wait for the options
 * of all others.
 */
final class Commands {
  private static final Map<String, Function<Console, Command>> ALL = new LinkedHashMap<>();

  static {
    ALL.put("demo", DemoCommand::new);
    ALL.put("capture", CaptureCommand::new);
    ALL.put("info", InfoCommand::new);
    ALL.put("top", TopCommand::new);
    ALL.put("check", CheckCommand::new);
    ALL.put("explain", ExplainCommand::new);
    ALL.put("diff", DiffCommand::new);
    ALL.put("report", ReportCommand::new);
    ALL.put("rules", RulesCommand::new);
    ALL.put("query", QueryCommand::new);
    ALL.put("export", ExportCommand::new);
    ALL.put("replay", ReplayCommand::new);
    ALL.put("minimize", MinimizeCommand::new);
    ALL.put("build-target", BuildTargetCommand::new);
    ALL.put("text", TextCommand::new);
    ALL.put("etl-info", EtlInfoCommand::new);
    ALL.put("verify", VerifyCommand::new);
    ALL.put("recover", RecoverCommand::new);
    ALL.put("cut", CutCommand::new);
    ALL.put("merge", MergeCommand::new);
    ALL.put("completion", CompletionCommand::new);
    ALL.put("man", ManCommand::new);
    ALL.put("warm-up", WarmUpCommand::new);
  }

  private Commands() {}

  /** {@code kstrace} without a command. */
  private static final class Root extends Command {
    private final OptionSpec version = flag("Show the version and exit.", "-V", "--version");

    Root(Console console) {
      super(
          console,
          "kstrace",
          "Records, judges and replays the calls of kernel-streaming allocators.");
      spec.usageMessage().synopsisSubcommandLabel("COMMAND");
      footer(
          "",
          "Exit codes: 0 done, 1 findings at or above --fail-on, 2 usage, 3 input unreadable,",
          "4 replay diverged, 5 replay target died, 70 a bug of kstrace, 130 interrupted.",
          "",
          "Start with: kstrace demo");
    }

    @Override
    public Integer call() {
      if (isSet(version)) {
        console.out().println("kstrace " + Version.text());
        return ExitCode.OK;
      }
      throw UserError.usage("no command given; kstrace --help lists them, kstrace demo shows them");
    }
  }

  /** Names of all commands that users should know. */
  static List<String> names() {
    List<String> names = new ArrayList<>(ALL.keySet());
    names.remove("warm-up");
    return names;
  }

  /** The command line with the one command that the arguments name, or with all of them. */
  static CommandLine commandLine(Console console, String... args) {
    Command root = new Root(console);
    String wanted = args.length == 0 ? "" : args[0];
    Function<Console, Command> one = ALL.get(wanted);
    if (one != null) {
      root.spec.addSubcommand(wanted, one.apply(console).spec);
    } else {
      ALL.forEach((name, command) -> root.spec.addSubcommand(name, command.apply(console).spec));
    }
    return new CommandLine(root.spec)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExpandAtFiles(false)
        .setUsageHelpWidth(96);
  }
}
