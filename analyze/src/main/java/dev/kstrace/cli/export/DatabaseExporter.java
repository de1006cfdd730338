package dev.kstrace.cli.export;

import dev.kstrace.analyze.Query;
import dev.kstrace.analyze.triage.Judging;
import dev.kstrace.traces.NewFile;
import dev.kstrace.traces.ReadProgress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;

/** A DuckDB file with the tables and functions of {@code kstrace query}. */
public final class DatabaseExporter implements Exporter {
  @Override
  public void write(Path trace, Judging judging, Path target, ReadProgress progress)
      throws IOException, SQLException {
    Files.delete(target); // the database takes no empty file for its own
    // What is not in the file yet; the database leaves it behind where it does not come to an end.
    Path log = target.resolveSibling(target.getFileName() + ".wal");
    NewFile.deleteAtEnd(log);
    try (Query query = Query.open(List.of(trace), judging, null, true, progress)) {
      query.writeDatabase(target);
    } finally {
      Files.deleteIfExists(log);
    }
  }
}
