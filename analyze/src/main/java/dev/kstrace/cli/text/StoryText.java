package dev.kstrace.cli.text;

import dev.kstrace.traces.TraceEvent;
import java.io.PrintStream;
import java.util.List;

/** A story as people read it: one event a line, a mark at the one that it is about. */
public final class StoryText {
  private StoryText() {}

  /** Prints the events of a story; {@code seq} is the one to mark. */
  public static void print(PrintStream out, Paint paint, List<TraceEvent> story, long seq) {
    for (TraceEvent event : story) {
      boolean marked = event.seq() == seq;
      String line = Described.event(event);
      out.println((marked ? "  > " : "    ") + (marked ? paint.bold(line) : line));
    }
  }
}
