package dev.kstrace.cli;

import dev.kstrace.analyze.Query;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code kstrace query}: SQL over traces. */
final class QueryCommand extends Command {
  private final PositionalParamSpec arguments =
      arguments("1..*", "FILE|SQL", "Traces, then the SQL.");
  private final OptionSpec sqlFile =
      option(String.class, "FILE", "Read the SQL from a file.", "--file");
  private final OptionSpec format =
      option(ResultFormat.class, "FORMAT", "table (default), csv or json.", "--format");

  QueryCommand(Console console) {
    super(
        console,
        "query",
        "Answer SQL over traces.",
        "Tables: events, calls, suspects, allocators, frames, unfreed_frames, pins, pin_states,",
        "marks, losses, disorder, findings, trace_info, metadata; DESCRIBE TABLE lists columns.",
        "The SQL is the last argument, or a file, or standard input. With several traces every",
        "table begins with a column trace.");
    footer("", "Example: kstrace query mic.arrow \"SELECT op, count(*) FROM events GROUP BY op\"");
  }

  @Override
  public Integer call() throws IOException {
    List<String> names = new ArrayList<>(values(arguments));
    String sql = sql(names);
    if (sql.isBlank()) {
      throw UserError.usage("the SQL is empty");
    }
    if (names.isEmpty()) {
      throw UserError.usage("no trace given: kstrace query FILE... SQL");
    }
    List<Path> files = names.stream().map(Command::path).toList();
    ResultFormat printer = valueOr(format, ResultFormat.TABLE);
    try {
      Query.run(files, sql, result -> printer.print(result, console.out()));
    } catch (SQLException e) {
      throw SqlErrors.explain(e, sql);
    } catch (IOException e) {
      throw Failure.input(failed(files, e), e);
    }
    return ExitCode.OK;
  }

  /** Of some files the one that could not be read. */
  private static Path failed(List<Path> files, IOException e) {
    String named = e instanceof FileSystemException failure ? failure.getFile() : null;
    return named == null ? files.get(0) : path(named);
  }

  /** Finds the SQL, and takes it out of the arguments where it is one. */
  private String sql(List<String> names) throws IOException {
    @Nullable String named = sqlFile.getValue();
    if (named != null) {
      Path file = path(named);
      try {
        return Files.readString(file);
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
      throw UserError.usage(
          "no SQL given: pass it as the last argument, with --file, or on standard input");
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
}
