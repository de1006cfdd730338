package dev.kstrace.cli.describe;

import dev.kstrace.cli.describe.CommandTree.Argument;
import dev.kstrace.cli.describe.CommandTree.Option;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A manual page in roff, with the macros of man(7). Not thread-safe. */
public final class ManPage {
  private final StringBuilder page = new StringBuilder();

  private ManPage() {}

  /** The name of a command's page without its section, such as {@code kstrace-capture-sim}. */
  public static String name(CommandTree command) {
    return String.join("-", command.path());
  }

  /**
   * The page of a command.
   *
   * @param root the command above all, to which the page refers
   * @param version of the program
   */
  public static String of(CommandTree root, CommandTree command, String version) {
    ManPage man = new ManPage();
    man.write(root, command, version);
    return man.page.toString();
  }

  private void write(CommandTree root, CommandTree command, String version) {
    String title = name(command).toUpperCase(Locale.ROOT);
    page.append(".TH \"").append(escaped(title)).append("\" \"1\" \"\" \"");
    page.append(escaped(version)).append("\" \"kstrace manual\"\n");
    section("NAME");
    String does = command.sentence().replaceFirst("\\.$", "");
    text(name(command) + " - " + Character.toLowerCase(does.charAt(0)) + does.substring(1));
    section("SYNOPSIS");
    text(command.synopsis());
    section("DESCRIPTION");
    text(String.join(" ", command.description()));
    commands(command);
    if (!command.arguments().isEmpty()) {
      section("ARGUMENTS");
      for (Argument argument : command.arguments()) {
        item(italic(argument.label()), argument.description());
      }
    }
    section("OPTIONS");
    command.options().forEach(this::option);
    if (!command.footer().isEmpty()) {
      section("NOTES");
      text(String.join(" ", command.footer()));
    }
    if (!command.examples().isEmpty()) {
      section("EXAMPLES");
      page.append(".nf\n");
      command.examples().forEach(this::text);
      page.append(".fi\n");
    }
    seeAlso(root, command);
  }

  private void commands(CommandTree command) {
    if (!command.children().isEmpty()) {
      section("COMMANDS");
      command.children().forEach(child -> item(bold(child.name()), child.sentence()));
    }
  }

  private void option(Option option) {
    String label = option.isFlag() ? "" : " " + italic(option.label());
    item(
        option.names().stream().map(ManPage::bold).collect(Collectors.joining(", ")) + label,
        option.description());
  }

  private void seeAlso(CommandTree root, CommandTree command) {
    List<CommandTree> others =
        root.all()
            .filter(other -> command.children().contains(other) || isParent(other.path(), command))
            .toList();
    section("SEE ALSO");
    page.append(
        others.stream()
            .map(other -> bold(name(other)) + "(1)")
            .collect(Collectors.joining(",\n", "", "\n")));
  }

  private static boolean isParent(List<String> path, CommandTree command) {
    return path.equals(command.path().subList(0, command.path().size() - 1));
  }

  private void section(String title) {
    page.append(".SH ").append(title).append('\n');
  }

  private void item(String markedTerm, String description) {
    page.append(".TP\n").append(markedTerm).append('\n');
    text(description);
  }

  /** A paragraph, in lines that are no requests. */
  private void text(String words) {
    page.append("\\&").append(escaped(words)).append('\n');
  }

  private static String bold(String text) {
    return "\\fB" + escaped(text) + "\\fR";
  }

  private static String italic(String text) {
    return "\\fI" + escaped(text) + "\\fR";
  }

  private static String escaped(String text) {
    StringBuilder roff = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '\\' -> roff.append("\\e");
                case '-' -> roff.append("\\-");
                case '\'' -> roff.append("\\(aq");
                case '"' -> roff.append("\\(dq");
                case '^' -> roff.append("\\(ha");
                case '~' -> roff.append("\\(ti");
                case '`' -> roff.append("\\(ga");
                default -> {
                  if (c < 0x7F) {
                    roff.appendCodePoint(c);
                  } else {
                    roff.append(String.format(Locale.ROOT, "\\[u%04X]", c));
                  }
                }
              }
            });
    return roff.toString();
  }
}
