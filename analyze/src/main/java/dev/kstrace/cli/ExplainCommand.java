package dev.kstrace.cli;

import dev.kstrace.analyze.Explanation;
import dev.kstrace.analyze.Explanation.Holder;
import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.Judge;
import dev.kstrace.analyze.Mark;
import dev.kstrace.analyze.RulePack;
import dev.kstrace.analyze.TraceFacts;
import dev.kstrace.analyze.Verdict;
import dev.kstrace.cli.text.Described;
import dev.kstrace.cli.text.Paint;
import dev.kstrace.cli.text.StoryText;
import dev.kstrace.cli.text.Words;
import dev.kstrace.cli.text.Wrap;
import dev.kstrace.traces.Escapes;
import dev.kstrace.traces.Hex;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code kstrace explain}: the story of one event or finding. */
final class ExplainCommand extends Command {
  private static final int WIDTH = 92;
  private static final int SHORTEST_PREFIX = 4;

  private final PositionalParamSpec arguments =
      arguments("1..*", "FILE SEQ|FINGERPRINT", "A trace, and what to explain.");

  ExplainCommand(Console console) {
    super(
        console,
        "explain",
        "Tell the story of an event or a finding.",
        "SEQ is an event; FINGERPRINT, or its beginning, a finding as kstrace check names it.",
        "Shown are the allocator and its framing, the events in order with what came before and",
        "after at the same address, who held that address, and what the rules say.");
    footer("", "Example: kstrace explain mic.arrow 57");
  }

  @Override
  public Integer call() throws SQLException {
    List<String> words = values(arguments);
    if (words.size() != 2) {
      throw UserError.usage(
          "a trace and what to explain are needed: kstrace explain FILE SEQ, or FINGERPRINT");
    }
    Path file = path(words.get(0));
    try {
      Verdict verdict = Judge.judge(TraceFacts.of(file), RulePack.builtIn());
      explain(verdict, words.get(1));
    } catch (IOException e) {
      throw Failure.input(file, e);
    }
    return ExitCode.OK;
  }

  private void explain(Verdict verdict, String what) throws SQLException, IOException {
    List<Finding> named = what.length() < SHORTEST_PREFIX ? List.of() : named(verdict, what);
    Long seq = named.isEmpty() ? seq(what) : Long.valueOf(named.get(0).seq());
    if (seq == null) {
      throw UserError.usage(
          "no finding of "
              + verdict.facts().file()
              + " has fingerprint "
              + what
              + "; kstrace check --format json FILE names them");
    }
    Explanation explanation = Explanation.of(verdict, seq);
    if (explanation == null) {
      throw UserError.usage(
          "there is no event "
              + what
              + " in "
              + verdict.facts().file()
              + ", which has "
              + Words.count(verdict.facts().events(), "event"));
    }
    print(explanation, named);
  }

  /** The findings of a fingerprint or of its beginning; they must be of one. */
  private static List<Finding> named(Verdict verdict, String beginning) {
    List<Finding> named =
        verdict.findings().stream()
            .filter(finding -> finding.fingerprint().startsWith(beginning))
            .toList();
    long different = named.stream().map(Finding::fingerprint).distinct().count();
    if (different > 1) {
      throw UserError.usage(
          beginning + " is the beginning of " + different + " fingerprints; give more of it");
    }
    return named;
  }

  private static @Nullable Long seq(String text) {
    try {
      return Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private void print(Explanation explanation, List<Finding> named) {
    PrintStream out = console.out();
    Paint paint = new Paint(colour());
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
    holders(out, explanation);
    for (Finding finding : explanation.blamed()) {
      finding(out, paint, finding);
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
    if (named.size() > 1) {
      out.println();
      out.println("  The same fingerprint at seq " + seqs(named.subList(1, named.size())));
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

  private static void holders(PrintStream out, Explanation explanation) {
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

  private static void finding(PrintStream out, Paint paint, Finding finding) {
    out.println();
    String possible = finding.certain() ? "" : " (possible: lost events may explain it)";
    String rule = paint.severity(finding.severity()) + "  " + paint.bold(finding.rule());
    out.println(rule + "  fingerprint " + finding.fingerprint() + possible);
    out.println("  " + Escapes.escape(finding.message()));
    String fix = RulePack.named(finding.rule(), RulePack.builtIn()).fix();
    List<String> advice = Wrap.lines(fix, WIDTH - 11);
    for (int i = 0; i < advice.size(); i++) {
      out.println((i == 0 ? "    advice: " : "            ") + advice.get(i));
    }
  }
}
