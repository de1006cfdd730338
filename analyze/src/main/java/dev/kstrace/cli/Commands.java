package dev.kstrace.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Option;

/**
 * The list of commands.
 *
 * <p>Only the command that was asked for is made, since reading the annotations of all of them
 * takes longer than most of them run.
 */
final class Commands {
  private static final Map<String, Function<Console, Object>> ALL = new LinkedHashMap<>();

  static {
    ALL.put("demo", DemoCommand::new);
    ALL.put("capture", CaptureCommand::new);
    ALL.put("info", InfoCommand::new);
    ALL.put("check", CheckCommand::new);
    ALL.put("rules", RulesCommand::new);
    ALL.put("query", QueryCommand::new);
    ALL.put("replay", ReplayCommand::new);
    ALL.put("text", TextCommand::new);
    ALL.put("warm-up", WarmUpCommand::new);
  }

  private Commands() {}

  @Command(
      name = "kstrace",
      mixinStandardHelpOptions = false,
      description = "Records, judges and replays the calls of kernel-streaming allocators.",
      synopsisSubcommandLabel = "COMMAND",
      footer = {
        "",
        "Exit codes: 0 done, 1 findings at or above --fail-on, 2 usage, 3 input unreadable,",
        "4 replay diverged, 5 replay target died, 70 a bug of kstrace, 130 interrupted.",
        "",
        "Start with: kstrace demo"
      })
  private static final class Root implements Runnable {
    private final Console console;

    @Option(
        names = {"-h", "--help"},
        usageHelp = true,
        description = "Show this help and exit.")
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private boolean help;

    @Option(
        names = {"-V", "--version"},
        description = "Show the version and exit.")
    private boolean version;

    Root(Console console) {
      this.console = console;
    }

    @Override
    public void run() {
      if (version) {
        console.out().println("kstrace " + Version.text());
        return;
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
    CommandLine root = new CommandLine(new Root(console));
    root.setCaseInsensitiveEnumValuesAllowed(true);
    root.setExpandAtFiles(false);
    String wanted = args.length == 0 ? "" : args[0];
    if (ALL.containsKey(wanted)) {
      root.addSubcommand(wanted, ALL.get(wanted).apply(console));
    } else {
      ALL.forEach((name, command) -> root.addSubcommand(name, command.apply(console)));
      root.addSubcommand("help", new HelpCommand());
    }
    root.setCaseInsensitiveEnumValuesAllowed(true);
    root.setExpandAtFiles(false);
    root.setUsageHelpWidth(96);
    return root;
  }
}
