package dev.kstrace.cli.shell;

import dev.kstrace.analyze.Query;
import dev.kstrace.analyze.Rule;
import dev.kstrace.cli.result.ResultFormat;
import dev.kstrace.cli.text.Words;
import dev.kstrace.cli.text.Wrap;
import dev.kstrace.traces.Escapes;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Answers statements and dot commands until the input ends. Errors are told and change nothing. Not
 * thread-safe.
 */
public final class Shell {
  private static final String FINDINGS =
      "SELECT %sseq, severity, certainty, rule, message FROM findings ORDER BY ALL";

  /** Columns below which a text is not folded. */
  private static final int NARROWEST = 20;

  private final Lines lines;
  private final PrintStream out;
  private final Errors errors;
  private final LongSupplier clock;
  private final List<Rule> rules;
  private final Opener opener;
  private List<Path> files;
  private Query query;
  private ResultFormat format;
  private boolean timing;

  /** Says what went wrong, to the user. */
  @FunctionalInterface
  public interface Errors {
    /**
     * Tells of a failure.
     *
     * @param files the traces that were asked
     */
    void report(Exception failure, List<Path> files);
  }

  /** Opens traces to ask them. */
  @FunctionalInterface
  public interface Opener {
    /** As {@link Query#open}. */
    Query open(List<Path> files) throws SQLException, IOException;
  }

  /**
   * A shell on traces.
   *
   * @param clock ns, for the time that an answer takes
   * @param rules those in force
   * @param opener opens traces, those of {@code .open} too
   * @param files at least one
   * @param format how results are written at first
   * @throws IOException if a trace cannot be read
   */
  public Shell(
      Lines lines,
      PrintStream out,
      Errors errors,
      LongSupplier clock,
      List<Rule> rules,
      Opener opener,
      List<Path> files,
      ResultFormat format)
      throws SQLException, IOException {
    this.lines = lines;
    this.out = out;
    this.errors = errors;
    this.clock = clock;
    this.rules = rules;
    this.opener = opener;
    this.files = files;
    this.query = opener.open(files);
    this.format = format;
  }

  /** Reads and answers to the end of the input, or {@code .quit}. */
  public void run() throws SQLException {
    lines.onInterrupt(() -> query.cancel());
    try {
      for (String text = lines.read(); text != null; text = lines.read()) {
        String command = text.strip();
        if (command.equals(".quit") || command.equals(".exit")) {
          break;
        }
        if (command.startsWith(".")) {
          dotCommand(Arrays.asList(command.split("\\s+", -1)));
        } else if (!command.isEmpty()) {
          answer(text);
        }
        out.flush();
      }
    } finally {
      query.close();
    }
  }

  private void answer(String sql) {
    long start = clock.getAsLong();
    try {
      query.run(sql, Map.of(), result -> format.write(result, new Output(out)));
    } catch (SQLException | IOException | Query.ParameterException e) {
      out.flush();
      if (!query.isCancelled()) {
        errors.report(e, files);
      }
    }
    if (query.isCancelled()) {
      out.println("cancelled");
    }
    if (timing) {
      out.println("took " + Words.duration(clock.getAsLong() - start));
    }
  }

  /** Standard output, which says that it takes no more once the query was cancelled. */
  private final class Output extends PrintStream {
    Output(PrintStream target) {
      super(target, false, StandardCharsets.UTF_8);
    }

    @Override
    public boolean checkError() {
      return query.isCancelled() || super.checkError();
    }
  }

  private void dotCommand(List<String> words) {
    List<String> arguments = words.subList(1, words.size());
    switch (words.get(0)) {
      case ".help" -> help();
      case ".tables" -> tables();
      case ".schema" -> schema(arguments);
      case ".rules" -> rules();
      case ".findings" -> answer(FINDINGS.formatted(files.size() > 1 ? "trace, " : ""));
      case ".timing" -> timing(arguments);
      case ".open" -> open(arguments);
      case ".format" -> format(arguments);
      default -> out.println("there is no " + Escapes.escape(words.get(0)) + "; .help lists all");
    }
  }

  private void help() {
    for (DotCommand command : DotCommand.ALL) {
      out.println(String.format(Locale.ROOT, "%-18s %s", command.usage(), command.doc()));
    }
    out.println(
        """

        SQL goes on until a semicolon. Tab completes, Ctrl-C stops what runs or takes the line
        back, Ctrl-D leaves.""");
  }

  private void tables() {
    Query.tables().forEach((name, doc) -> line(22, name, doc));
  }

  /** A name and what it is, which goes on below itself where the screen ends. */
  private void line(int indent, String name, String doc) {
    String lead = String.format(Locale.ROOT, "%-" + indent + "s ", name);
    int room = Math.max(NARROWEST, lines.width() - lead.length());
    out.println(lead + String.join("\n" + " ".repeat(lead.length()), Wrap.lines(doc, room)));
  }

  private void schema(List<String> arguments) {
    List<String> known = Query.tableNames();
    for (String name : arguments.isEmpty() ? known : arguments) {
      if (!known.contains(name.toLowerCase(Locale.ROOT))) {
        out.println("there is no table " + Escapes.escape(name) + "; .tables lists all");
        continue;
      }
      out.println(name.toLowerCase(Locale.ROOT));
      for (Query.Column column : Query.columns(name.toLowerCase(Locale.ROOT))) {
        line(
            34,
            String.format(Locale.ROOT, "  %-22s %s", column.name(), column.type()),
            column.doc());
      }
    }
  }

  private void rules() {
    rules.forEach(rule -> line(40, rule.id(), rule.severity().label()));
  }

  private void timing(List<String> arguments) {
    String value = arguments.size() == 1 ? arguments.get(0) : "";
    if (value.equals("on") || value.equals("off")) {
      timing = value.equals("on");
    } else {
      out.println(".timing on or .timing off");
    }
  }

  private void open(List<String> arguments) {
    if (arguments.isEmpty()) {
      out.println(".open FILE...");
      return;
    }
    List<Path> wanted = new ArrayList<>();
    try {
      for (String argument : arguments) {
        wanted.add(Path.of(argument));
      }
      Query opened = opener.open(wanted);
      query.close();
      query = opened;
      files = List.copyOf(wanted);
    } catch (SQLException | IOException | InvalidPathException e) {
      errors.report(e, wanted);
    }
  }

  private void format(List<String> arguments) {
    List<String> names =
        Arrays.stream(ResultFormat.values())
            .filter(value -> value != ResultFormat.PARQUET)
            .map(value -> value.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.toList());
    String name = arguments.isEmpty() ? "" : arguments.get(0).toLowerCase(Locale.ROOT);
    if (names.contains(name)) {
      format = ResultFormat.valueOf(name.toUpperCase(Locale.ROOT));
    } else {
      out.println(".format " + String.join(", ", names));
    }
  }
}
