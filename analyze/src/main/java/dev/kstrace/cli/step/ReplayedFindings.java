package dev.kstrace.cli.step;

import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.explore.ReplayJudging;
import dev.kstrace.replay.ReplayEngine;
import dev.kstrace.replay.ReplayOptions;
import dev.kstrace.replay.ReplayReport;
import dev.kstrace.replay.ReplayTarget;
import dev.kstrace.traces.NewFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/** What the rules say of what a target makes of a whole recording. */
final class ReplayedFindings {
  /**
   * One finding.
   *
   * @param finding it
   * @param recordedSeq the recorded event that it blames, unsigned
   */
  record Entry(Finding finding, long recordedSeq) {}

  private ReplayedFindings() {}

  /** Replays everything on a fresh target and judges it. */
  static List<Entry> of(Path recording, Supplier<ReplayTarget> targets, ReplayJudging judging)
      throws IOException {
    Path replayed = Files.createTempFile("kstrace-replayed-", ".arrow");
    NewFile.deleteAtEnd(replayed); // where the process is interrupted
    try (ReplayTarget target = targets.get()) {
      ReplayReport report =
          new ReplayEngine(ReplayOptions.DEFAULTS).run(recording, target, replayed, true);
      return judging.findings(replayed).stream()
          .map(finding -> new Entry(finding, report.shifts().recorded(finding.seq())))
          .toList();
    } finally {
      Files.deleteIfExists(replayed);
    }
  }
}
