package dev.kstrace.cli.findings;

import dev.kstrace.analyze.Rule;
import dev.kstrace.analyze.RulePack;
import dev.kstrace.analyze.Severity;
import dev.kstrace.cli.text.OutstandingChart;
import dev.kstrace.cli.text.Paint;
import java.io.PrintStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What formats are told about a call before its first trace. Immutable.
 *
 * @param out where to write, UTF-8
 * @param paint colours
 * @param quiet whether to leave out all but the results
 * @param rules the rules in force
 * @param gate findings from this severity on make the call fail; null = none does
 * @param traces how many traces there are
 * @param tool name and version
 * @param withBaseline whether findings are compared with a baseline
 * @param byMark whether findings are counted by mark too
 * @param chart draws what a trace's {@code curves} hold; null where nobody looks
 */
public record Setting(
    PrintStream out,
    Paint paint,
    boolean quiet,
    List<Rule> rules,
    @Nullable Severity gate,
    int traces,
    String tool,
    boolean withBaseline,
    boolean byMark,
    @Nullable OutstandingChart chart) {

  /** The rule of a finding. */
  Rule rule(String id) {
    return RulePack.named(id, rules);
  }

  /** Whether a new finding of a severity makes the call fail. */
  public boolean fails(Severity severity) {
    return gate != null && severity.compareTo(gate) >= 0;
  }
}
