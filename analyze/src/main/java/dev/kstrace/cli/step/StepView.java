package dev.kstrace.cli.step;

import dev.kstrace.cli.text.Described;
import dev.kstrace.cli.text.Words;
import dev.kstrace.replay.Recording;
import dev.kstrace.replay.ReplaySession;
import dev.kstrace.replay.Standing;
import dev.kstrace.replay.TargetDeath;
import dev.kstrace.traces.Escapes;
import dev.kstrace.traces.Hex;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceText;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/** Shows what there is at the place where a session is. */
final class StepView {
  /** Most lines of one list. */
  static final int LISTED = 40;

  private final Recording recording;
  private final ReplaySession session;
  private final PrintStream out;

  StepView(Recording recording, ReplaySession session, PrintStream out) {
    this.recording = recording;
    this.session = session;
    this.out = out;
  }

  /** The last event, and what the target did. */
  void where() {
    int place = session.place();
    TargetDeath death = session.death();
    if (place == 0 && death == null) {
      out.println("in front of the first of " + Words.count(recording.rows(), "event"));
      return;
    }
    if (place > 0) {
      out.println("recorded " + text(recording.events().event(place - 1)));
      for (TraceEvent row : session.answer()) {
        out.println("target   " + text(row));
      }
      session.divergences().forEach(each -> out.println("differs  " + Escapes.escape(each.text())));
    }
    if (death != null) {
      out.println(Escapes.escape(death.text()));
      death.output().forEach(line -> out.println("  " + Escapes.escape(line)));
    }
  }

  private static String text(TraceEvent event) {
    return Escapes.escape(TraceText.format(event));
  }

  /** The events around here. */
  void list(int around) {
    int from = Math.max(0, session.place() - around);
    int to = Math.min(recording.rows(), session.place() + around);
    for (int row = from; row < to; row++) {
      String sign = row == session.place() - 1 ? "> " : "  ";
      out.println(sign + text(recording.events().event(row)));
    }
  }

  /** Frames that are out. */
  void frames() {
    List<Standing.Frame> frames = session.frames();
    out.println(Words.count(frames.size(), "frame") + " out");
    for (Standing.Frame frame : frames.subList(0, Math.min(LISTED, frames.size()))) {
      out.println(
          "  "
              + Hex.of(frame.recorded())
              + ", target "
              + (frame.target() == 0 ? "none" : Hex.of(frame.target()))
              + (frame.bytes() < 0 ? "" : String.format(Locale.ROOT, ", %,d bytes", frame.bytes()))
              + ", allocator #"
              + (frame.allocator() + 1)
              + ", since seq "
              + Long.toUnsignedString(frame.seq()));
    }
    rest(frames.size());
  }

  /** Says how many a list had no room for. */
  void rest(int count) {
    if (count > LISTED) {
      out.println("  and " + (count - LISTED) + " more");
    }
  }

  /** Allocators that are there. */
  void allocators() {
    List<Standing.Allocator> allocators = session.allocators();
    out.println(Words.count(allocators.size(), "allocator"));
    for (Standing.Allocator each : allocators.subList(0, Math.min(LISTED, allocators.size()))) {
      out.println(
          "  #"
              + (each.number() + 1)
              + ", context "
              + Hex.of(each.recorded())
              + ", target "
              + (each.target() == null ? "none" : Hex.of(each.target()))
              + ", "
              + Words.count(each.framesOut(), "frame")
              + " out, "
              + (each.framing() == null ? "framing unknown" : Described.framing(each.framing())));
    }
    rest(allocators.size());
  }

  /** Pool by tag. */
  void pool() throws IOException {
    List<Standing.Pool> pool = session.pool();
    if (pool.isEmpty()) {
      out.println("this target does not tell");
      return;
    }
    for (Standing.Pool tag : pool) {
      out.println(
          String.format(
              Locale.ROOT,
              "  %-8s %,8d blocks %,14d bytes",
              tag.tag().isEmpty() ? "most" : Escapes.escape("'" + tag.tag() + "'"),
              tag.blocks(),
              tag.bytes()));
    }
  }
}
