package dev.kstrace.replay.reproducer;

import dev.kstrace.replay.CallScript;
import dev.kstrace.replay.CallScript.Allocate;
import dev.kstrace.replay.CallScript.Delete;
import dev.kstrace.replay.CallScript.End;
import dev.kstrace.replay.CallScript.Free;
import dev.kstrace.replay.CallScript.Initialize;
import dev.kstrace.replay.CallScript.Step;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Hex;
import dev.kstrace.traces.NtStatus;
import java.util.List;
import java.util.Locale;

/** Writes a reproducer as a JUnit 5 class. Used once. */
final class JUnitTest {
  /** Calls in one method: a method of Java may have 64 KiB of code. */
  private static final int PART = 500;

  private final StringBuilder calls = new StringBuilder();
  private final StringBuilder parts = new StringBuilder();

  private JUnitTest() {}

  static String text(Reproducer of, String className, String allocator) {
    JUnitTest test = new JUnitTest();
    test.methods(of.script().steps());
    return Source.template("JUnitTest.java.txt")
        .replace("@CLASS@", className)
        .replace("@ALLOCATOR@", allocator)
        .replace("@CALLERS_FAULTS@", String.valueOf(of.callersFaults()))
        .replace("@ALLOCATORS@", String.valueOf(of.script().allocators()))
        .replace("@FRAMES@", String.valueOf(of.script().frames()))
        .replace("@PARTS@", test.parts)
        .replace("@CALLS@", test.calls)
        .replace("@ABOUT@", javadoc(Source.about(of)));
  }

  private static String javadoc(String about) {
    return about
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("@", "&#64;");
  }

  private void methods(List<Step> steps) {
    for (int from = 0, part = 1; from < steps.size(); from += PART, part++) {
      parts.append("    calls").append(part).append("();\n");
      calls.append(from == 0 ? "" : "\n").append("  private void calls").append(part);
      calls.append("() {\n");
      steps.subList(from, Math.min(steps.size(), from + PART)).forEach(this::step);
      calls.append("  }\n");
    }
  }

  private void step(Step step) {
    if (step instanceof End && step.fault() == null) {
      return;
    }
    line("at(%dL);", step.at().seq());
    if (step.fault() != null) {
      line("callersFault(\"%s\");", step.fault());
    }
    if (step instanceof Initialize initialize) {
      initialize(initialize);
    } else if (step instanceof Allocate allocate) {
      context(allocate.allocator(), allocate.context());
      line(
          "allocate(%s, %d, Outcome.%s);",
          allocator(allocate.allocator()), allocate.frame(), allocate.made() ? "MADE" : "REFUSED");
    } else if (step instanceof Free free) {
      context(free.allocator(), free.context());
      String frame =
          free.frame() == CallScript.NO_FRAME ? "NO_FRAME" : String.valueOf(free.frame());
      line("free(%s, %s, %s);", allocator(free.allocator()), frame, hex(free.address()));
    } else if (step instanceof Delete delete) {
      context(delete.allocator(), delete.context());
      line("delete(%s);", allocator(delete.allocator()));
    }
  }

  private void initialize(Initialize call) {
    Framing f = call.framing();
    line("// recorded: %s", NtStatus.format(call.status()));
    line("initialize(");
    line("    %s,", allocator(call.allocator()));
    line("    %s,", hex(call.pin()));
    line("    Outcome.%s,", call.made() ? "MADE" : "REFUSED");
    line(
        "    new Framing(%s, %d, %d, %d, %s, %d));",
        Hex.of(Integer.toUnsignedLong(f.optionsFlags())),
        f.poolType(),
        f.frames(),
        f.frameSize(),
        Hex.of(Integer.toUnsignedLong(f.fileAlignment())),
        f.reserved());
  }

  private void context(int allocator, long context) {
    if (allocator == CallScript.NO_ALLOCATOR) {
      line("unknownContext = %s;", hex(context));
    }
  }

  private static String allocator(int number) {
    return number == CallScript.NO_ALLOCATOR ? "NO_ALLOCATOR" : String.valueOf(number);
  }

  private static String hex(long value) {
    return value == 0 ? "0" : Hex.of(value) + "L";
  }

  private void line(String format, Object... values) {
    calls.append("    ").append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
