package dev.kstrace.cli.export;

import dev.kstrace.analyze.triage.Judging;
import dev.kstrace.traces.ReadProgress;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;

/**
 * A format of {@code kstrace export}.
 *
 * <p>The command finds out where to write, refuses what must not be overwritten, and gives the
 * output its name when all of it is there; an implementation only fills it. The same trace and
 * options give the same bytes, unless the format's documentation says why not.
 */
@FunctionalInterface
public interface Exporter {
  /**
   * Names of the files in the folder that is made, in order; empty where one file is made. Fixed
   * before the trace is read, so that an interrupted export leaves none of them behind.
   */
  default List<String> files() {
    return List.of();
  }

  /**
   * Writes a trace.
   *
   * @param trace a file; that it begins as a trace was checked, nothing else
   * @param judging where the findings come from
   * @param target an empty file, or an empty folder where there are {@link #files}
   * @param progress told how far the latest reading of the trace is, from several threads
   * @throws OutputException if the target cannot be written
   * @throws IllegalExportException if the trace does not have what was asked for
   * @throws IOException if the trace cannot be read
   * @throws SQLException if the database fails
   */
  void write(Path trace, Judging judging, Path target, ReadProgress progress)
      throws IOException, SQLException;
}
