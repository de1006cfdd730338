package dev.kstrace.cli.result;

import java.io.IOException;
import java.io.PrintStream;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How the rows of a query are written.
 *
 * <p>Columns named {@code pin}, {@code context}, {@code frame} or {@code base_frame} that hold
 * unsigned 64-bit numbers are addresses and are written as 0x-hex. Rows are written while they come
 * about; nothing is kept but what a table needs to be aligned.
 */
public enum ResultFormat {
  /** Aligned columns for people. */
  TABLE(TableResult::write),

  /** RFC 4180. */
  CSV(CsvResult::write),

  /** An array of objects. */
  JSON((result, out) -> JsonResult.write(result, out, false)),

  /** One object a line. */
  NDJSON((result, out) -> JsonResult.write(result, out, true)),

  /** A table of GitHub's Markdown. */
  MARKDOWN(MarkdownResult::write),

  /** A file that the database writes itself. */
  PARQUET(
      (result, out) -> {
        throw new IllegalStateException("Parquet is written by the database");
      });

  @SuppressWarnings("ImmutableEnumChecker") // functions without state
  private final Writer writer;

  ResultFormat(Writer writer) {
    this.writer = writer;
  }

  private interface Writer {
    void write(ResultSet result, PrintStream out) throws SQLException, IOException;
  }

  /**
   * Writes a result to its end, or until nobody reads any more.
   *
   * @throws IOException never because of {@code out}: ask it with {@code checkError}
   */
  public void write(ResultSet result, PrintStream out) throws SQLException, IOException {
    writer.write(result, out);
    out.flush();
  }

  /** The format that a file's name asks for, or null where it asks for none. */
  public static @Nullable ResultFormat ofName(String file) {
    String name = file.toLowerCase(Locale.ROOT);
    return switch (name.substring(name.lastIndexOf('.') + 1)) {
      case "txt" -> TABLE;
      case "csv" -> CSV;
      case "json" -> JSON;
      case "ndjson", "jsonl" -> NDJSON;
      case "md" -> MARKDOWN;
      case "parquet" -> PARQUET;
      default -> null;
    };
  }
}
