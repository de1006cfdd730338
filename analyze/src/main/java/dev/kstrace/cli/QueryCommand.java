package dev.kstrace.cli;

import dev.kstrace.analyze.Query;
import dev.kstrace.cli.result.ResultFormat;
import dev.kstrace.cli.shell.Dialect;
import dev.kstrace.cli.shell.Shell;
import dev.kstrace.cli.shell.TerminalLines;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code kstrace query}: SQL over traces. */
final class QueryCommand extends Command {
  private static final long RETRY_MILLIS = 100;

  private final PositionalParamSpec arguments =
      arguments("1..*", "FILE|SQL", "Traces, then the SQL.");
  private final OptionSpec sqlFile =
      option(String.class, "FILE", "Read the SQL from a file.", "--file");
  private final OptionSpec parameters =
      repeated("NAME=VALUE", "Value of $NAME in the SQL; may be repeated.", "--param");
  private final OptionSpec format =
      option(
          ResultFormat.class,
          "FORMAT",
          "table (default), csv, json, ndjson, markdown or parquet.",
          "--format");
  private final OptionSpec output =
      option(
          String.class,
          "FILE",
          "Write there, as csv, json, ndjson, md or parquet if the name ends so.",
          "-o",
          "--output");
  private final RuleOptions rules =
      new RuleOptions(this, "Let SQL of the query and of rules reach files and the network.");
  private final OptionSpec timeout =
      option(
          Integer.class, "SECONDS", "Stop the query after that; 0 = never (default).", "--timeout");
  private final OptionSpec force = flag("Replace the file if it exists.", "-f", "--force");

  QueryCommand(Console console) {
    super(
        console,
        "query",
        "Answer SQL over traces.",
        "Tables: " + String.join(", ", Query.tableNames()) + ".",
        "docs/tables.md describes them; so does DESCRIBE TABLE, and .schema TABLE in the shell.",
        "The SQL is the last argument, or a file, or standard input. On a terminal without SQL:",
        "a shell. With several traces every table begins with a column trace.");
    footer("", "Example: kstrace query mic.arrow \"SELECT op, count(*) FROM events GROUP BY op\"");
  }

  @Override
  public Integer call() throws SQLException, IOException {
    List<String> names = new ArrayList<>(values(arguments));
    String sql = sql(names);
    List<Path> files = names.stream().map(Command::path).toList();
    if (files.isEmpty()) {
      throw UserError.usage("no trace given: kstrace query FILE... SQL");
    }
    Map<String, Object> values = SqlParameters.parse(values(parameters));
    if (sql == null) {
      return shell(files);
    }
    if (sql.isBlank()) {
      throw UserError.usage("the SQL is empty");
    }
    @Nullable String named = output.getValue();
    @Nullable ResultFormat byName = named == null ? null : ResultFormat.ofName(named);
    ResultFormat wanted = valueOr(format, byName == null ? ResultFormat.TABLE : byName);
    if (named == null) {
      if (wanted == ResultFormat.PARQUET) {
        throw UserError.usage("Parquet is no text; name a file: -o FILE.parquet");
      }
      ConfiguredJudge judge = rules.judge();
      answer(
          files,
          judge,
          null,
          (query, progress) ->
              query.run(
                  sql,
                  values,
                  result -> {
                    progress.close(); // the rows are on the same screen
                    wanted.write(result, console.out());
                  }));
      return judge.exitCode();
    }
    Path target = path(named);
    files.forEach(file -> requireAnother(file, target));
    ConfiguredJudge judge = rules.judge();
    try (OutputFile file = OutputFile.create(target, isSet(force))) {
      write(files, judge, file, wanted, sql, values);
      commit(file, target);
    }
    return judge.exitCode();
  }

  private void write(
      List<Path> files,
      ConfiguredJudge judge,
      OutputFile file,
      ResultFormat wanted,
      String sql,
      Map<String, Object> values)
      throws IOException {
    if (wanted == ResultFormat.PARQUET) {
      answer(files, judge, file.part(), (query, progress) -> query.writeParquet(sql, values));
    } else {
      PrintStream out = file.open();
      answer(
          files,
          judge,
          null,
          (query, progress) -> query.run(sql, values, result -> wanted.write(result, out)));
    }
  }

  private static void commit(OutputFile file, Path target) {
    try {
      file.commit();
    } catch (IOException e) {
      throw Failure.output(target, e);
    }
  }

  /** What is asked of the opened traces. */
  private interface Question {
    void ask(Query query, Progress progress) throws SQLException, IOException;
  }

  private void answer(
      List<Path> files, ConfiguredJudge judge, @Nullable Path parquet, Question question) {
    boolean allowIo = rules.limits().allowIo();
    int seconds = seconds();
    AtomicBoolean late = new AtomicBoolean();
    try (Progress progress = progress();
        Query query = Query.open(files, judge, parquet, allowIo, progress)) {
      if (seconds > 0) {
        stopAfter(seconds, query, late);
      }
      question.ask(query, progress);
    } catch (Query.ParameterException e) {
      throw UserError.usage(e.getMessage() + " (--param NAME=VALUE)", e);
    } catch (SQLException e) {
      if (late.get()) {
        String text = "the query did not end within " + seconds + " s and was stopped; make it";
        throw UserError.usage(text + " read less, or give it longer (--timeout)", e);
      }
      throw SqlErrors.explain(e);
    } catch (IOException e) {
      throw Failure.input(failed(files, e), e);
    }
  }

  private int seconds() {
    int seconds = valueOr(timeout, 0);
    if (seconds < 0) {
      throw UserError.usage("--timeout " + seconds + ": expected seconds, or 0 for no limit");
    }
    return seconds;
  }

  /** Stops a query that takes too long; the process does not wait for the thread. */
  private static void stopAfter(int seconds, Query query, AtomicBoolean late) {
    Thread watch =
        new Thread(
            () -> {
              try {
                TimeUnit.SECONDS.sleep(seconds);
                late.set(true);
                while (true) { // it may be between two statements
                  query.cancel();
                  TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // nobody does; it ends with the process
              }
            },
            "query-timeout");
    watch.setDaemon(true);
    watch.start();
  }

  /** Of some files the one that could not be read. */
  static Path failed(List<Path> files, IOException e) {
    String named = e instanceof FileSystemException failure ? failure.getFile() : null;
    return named == null ? files.get(0) : path(named);
  }

  /** Finds the SQL, and takes it out of the arguments where it is one; null = ask for it. */
  private @Nullable String sql(List<String> names) throws IOException {
    @Nullable String named = sqlFile.getValue();
    if (named != null) {
      Path file = path(named);
      try {
        return Files.readString(file);
      } catch (java.nio.charset.CharacterCodingException e) {
        throw UserError.unreadable("cannot read " + file + ": it is no UTF-8 text", e);
      } catch (IOException e) {
        throw Failure.input(file, e);
      }
    }
    String last = names.get(names.size() - 1);
    if (last.chars().anyMatch(Character::isWhitespace) && !Files.exists(Path.of(nameOf(last)))) {
      names.remove(names.size() - 1);
      return last;
    }
    if (Terminal.isInteractive()) {
      return null;
    }
    return new String(console.in().readAllBytes(), StandardCharsets.UTF_8);
  }

  /** A text that could be a file's name; SQL with characters that no path may hold is none. */
  private static String nameOf(String text) {
    try {
      return Path.of(text).toString();
    } catch (java.nio.file.InvalidPathException e) {
      return "";
    }
  }

  private int shell(List<Path> files) throws SQLException {
    if (output.getValue() != null || !values(parameters).isEmpty() || timeout.getValue() != null) {
      throw UserError.usage("-o, --param and --timeout are for SQL that is given; none is");
    }
    ResultFormat first = valueOr(format, ResultFormat.TABLE);
    if (first == ResultFormat.PARQUET) {
      throw UserError.usage("the shell shows text; --format parquet needs SQL and -o FILE");
    }
    ConfiguredJudge judge = rules.judge();
    boolean allowIo = rules.limits().allowIo();
    try (TerminalLines lines = TerminalLines.open(console.environment(), Dialect.SQL)) {
      Shell shell =
          new Shell(
              lines,
              console.out(),
              this::report,
              console.clock(),
              judge.rules().rules(),
              traces -> Query.open(traces, judge, null, allowIo),
              files,
              first);
      if (!quiet()) {
        console.out().println(".help lists what the shell knows; SQL ends with a semicolon.");
        console.out().flush();
      }
      shell.run();
    } catch (SQLException e) {
      throw SqlErrors.explain(e);
    } catch (IOException e) {
      throw Failure.input(failed(files, e), e);
    }
    return ExitCode.OK;
  }

  /** A failure in the shell, told as that of a command would be. */
  private void report(Exception failure, List<Path> files) {
    RuntimeException error;
    if (failure instanceof SQLException sql) {
      error = SqlErrors.explain(sql);
    } else if (failure instanceof IOException io) {
      error = Failure.input(failed(files, io), io);
    } else {
      error = UserError.usage(String.valueOf(failure.getMessage()), failure);
    }
    Failure.report(error, console.err());
  }
}
