package dev.kstrace.cli;

import dev.kstrace.analyze.Explanation;
import dev.kstrace.analyze.Explanation.Holder;
import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.Mark;
import dev.kstrace.analyze.triage.Suppression;
import dev.kstrace.cli.text.Described;
import dev.kstrace.cli.text.Paint;
import dev.kstrace.cli.text.StoryText;
import dev.kstrace.cli.text.Words;
import dev.kstrace.cli.text.Wrap;
import dev.kstrace.traces.Escapes;
import dev.kstrace.traces.Hex;
import java.io.PrintStream;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** An explanation for people. */
final class ExplainedText {
  private static final int WIDTH = 93;

  private final PrintStream out;
  private final Paint paint;

  ExplainedText(PrintStream out, Paint paint) {
    this.out = out;
    this.paint = paint;
  }

  /** Prints all of it. */
  void print(Explained explained) {
    Explanation explanation = explained.explanation();
    long seq = explanation.event().seq();
    out.println(
        paint.bold(Escapes.escape(explanation.file().toString()))
            + ": seq "
            + Long.toUnsignedString(seq)
            + ", "
            + Described.what(explanation.event()));
    Mark mark = explanation.mark();
    if (mark != null) {
      out.println("    during " + Escapes.escape(mark.label()));
    }
    Long allocId = explanation.allocId();
    if (allocId != null) {
      String allocator = Described.allocator(explanation.facts().allocator(allocId));
      out.println("    " + Escapes.escape(allocator));
    }
    StoryText.print(out, paint, explanation.story(), seq);
    holders(explanation);
    for (Finding finding : explanation.blamed()) {
      finding(explained, finding);
    }
    for (Finding finding : explanation.related()) {
      out.println();
      String rule = paint.severity(finding.severity()) + "  " + paint.bold(finding.rule());
      out.println(rule + "  at seq " + Long.toUnsignedString(finding.seq()) + " because of this");
      out.println("  " + Escapes.escape(finding.message()));
    }
    if (explanation.blamed().isEmpty() && explanation.related().isEmpty()) {
      out.println();
      out.println("  No rule objects to this event.");
    }
    if (!explained.others().isEmpty()) {
      out.println();
      out.println("  The same fingerprint at seq " + seqs(explained.others()));
    }
  }

  private static String seqs(List<Finding> findings) {
    String shown =
        findings.stream()
            .limit(20)
            .map(finding -> Long.toUnsignedString(finding.seq()))
            .collect(Collectors.joining(", "));
    return findings.size() > 20 ? shown + " and " + (findings.size() - 20) + " more" : shown;
  }

  private void holders(Explanation explanation) {
    Long frame = explanation.event().frame();
    if (frame == null || explanation.holders().isEmpty()) {
      return;
    }
    out.println();
    String all = explanation.holderCount() > explanation.holders().size() ? ", of which" : ":";
    out.println(
        "  "
            + Hex.of(frame)
            + " was handed out "
            + Words.count(explanation.holderCount(), "time")
            + all);
    for (Holder holder : explanation.holders()) {
      out.println("    " + described(holder));
    }
  }

  private static String described(Holder holder) {
    StringBuilder text = new StringBuilder("frame #").append(holder.frameId());
    text.append(" of allocator #").append(holder.allocId());
    text.append(holder.layer().equals("callback") ? "" : " (" + holder.layer() + ")");
    text.append(": seq ").append(Long.toUnsignedString(holder.allocateSeq()));
    text.append(thread(holder.allocThread()));
    if (holder.freeSeq() == null) {
      return text.append(", never freed (")
          .append(holder.state())
          .append(" at the end)")
          .toString();
    }
    text.append(" to seq ").append(Long.toUnsignedString(holder.freeSeq()));
    text.append(thread(holder.freeThread()));
    if (holder.heldNs() != null) {
      text.append(", held ").append(Words.duration(holder.heldNs()));
    }
    return text.toString();
  }

  private static String thread(@Nullable Long thread) {
    return thread == null ? "" : " (thread " + thread + ")";
  }

  private void finding(Explained explained, Finding finding) {
    out.println();
    String possible = finding.certain() ? "" : " (possible: events not recorded may explain it)";
    String rule = paint.severity(finding.severity()) + "  " + paint.bold(finding.rule());
    out.println(rule + "  fingerprint " + finding.fingerprint() + possible);
    out.println("  " + Escapes.escape(finding.message()));
    wrapped("    advice: ", explained.rule(finding).fix());
    Suppression suppression = explained.suppression(finding);
    if (suppression != null) {
      wrapped("    left:   ", suppression.reason() + " (" + suppression.place() + ")");
    }
  }

  private void wrapped(String label, String text) {
    List<String> lines = Wrap.lines(Escapes.escape(text), WIDTH - label.length());
    for (int i = 0; i < lines.size(); i++) {
      out.println((i == 0 ? label : " ".repeat(label.length())) + lines.get(i));
    }
  }
}
