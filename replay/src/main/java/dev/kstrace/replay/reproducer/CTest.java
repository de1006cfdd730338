package dev.kstrace.replay.reproducer;

import dev.kstrace.replay.CallScript;
import dev.kstrace.replay.CallScript.Allocate;
import dev.kstrace.replay.CallScript.At;
import dev.kstrace.replay.CallScript.Delete;
import dev.kstrace.replay.CallScript.End;
import dev.kstrace.replay.CallScript.Free;
import dev.kstrace.replay.CallScript.Initialize;
import dev.kstrace.replay.CallScript.Step;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Hex;
import dev.kstrace.traces.NtStatus;

/** Writes a reproducer in C. Used once. */
final class CTest {
  private final StringBuilder calls = new StringBuilder();

  private CTest() {}

  static String text(Reproducer of, String table) {
    CTest test = new CTest();
    of.script().steps().forEach(test::step);
    CallScript script = of.script();
    return Source.template("c-test.c")
        .replace("@TABLE@", table(table))
        .replace("@CALLERS_FAULTS@", of.callersFaults() ? "1" : "0")
        .replace("@ALLOCATORS@", String.valueOf(script.allocators()))
        .replace("@FRAMES@", String.valueOf(script.frames()))
        .replace("@COUNT@", String.valueOf(Source.count(of)))
        .replace("@CALLS@", test.calls)
        .replace("@ABOUT@", Source.about(of));
  }

  private static String table(String symbol) {
    String otherwise =
        symbol.isEmpty()
            ? "#error \"name the allocator's KSALLOCATOR_DISPATCH: -DKSALLOCATOR_TABLE=SYMBOL\"\n"
            : "#define KSALLOCATOR_TABLE " + symbol + "\n";
    return "#ifndef KSALLOCATOR_TABLE\n" + otherwise + "#endif";
  }

  private void step(Step step) {
    if (step instanceof End && step.fault() == null) {
      return;
    }
    At at = step.at();
    line(
        "at(%s, %s, %d, %d);",
        seq(at.seq()), Integer.toUnsignedString(at.thread()) + "u", at.irql(), at.ns());
    if (step.fault() != null) {
      line("callers_fault(\"%s\");", step.fault());
    }
    if (step instanceof Initialize initialize) {
      initialize(initialize);
    } else if (step instanceof Allocate allocate) {
      context(allocate.allocator(), allocate.context());
      line(
          "allocate(%s, %d, %s);",
          allocator(allocate.allocator()), allocate.frame(), allocate.made() ? "MADE" : "REFUSED");
    } else if (step instanceof Free free) {
      context(free.allocator(), free.context());
      line("free_frame(%s, %s, %s);", allocator(free.allocator()), frame(free), inside(free));
    } else if (step instanceof Delete delete) {
      context(delete.allocator(), delete.context());
      line("delete_allocator(%s);", allocator(delete.allocator()));
    }
  }

  private void initialize(Initialize call) {
    Framing f = call.framing();
    line(
        "/* %s; OptionsFlags, PoolType, Frames, FrameSize, FileAlignment, Reserved */",
        NtStatus.format(call.status()));
    line(
        "initialize(%s, %sull, %s, %s, %s, %s, %s, %s, %s);",
        allocator(call.allocator()),
        Hex.of(call.pin()),
        call.made() ? "MADE" : "REFUSED",
        hex(f.optionsFlags()),
        number(f.poolType()),
        number(f.frames()),
        number(f.frameSize()),
        hex(f.fileAlignment()),
        number(f.reserved()));
  }

  private void context(int allocator, long context) {
    if (allocator == CallScript.NO_ALLOCATOR) {
      line("unknown_context = %sull;", Hex.of(context));
    }
  }

  private static String allocator(int number) {
    return number == CallScript.NO_ALLOCATOR ? "NO_ALLOCATOR" : String.valueOf(number);
  }

  private static String frame(Free free) {
    return free.frame() == CallScript.NO_FRAME ? "NO_FRAME" : String.valueOf(free.frame());
  }

  private static String inside(Free free) {
    return free.address() == 0 ? "0" : Hex.of(free.address()) + "ull";
  }

  private static String seq(long seq) {
    return Long.toUnsignedString(seq) + (seq < 0 || seq > Integer.MAX_VALUE ? "ull" : "");
  }

  private static String hex(int value) {
    return Hex.of(Integer.toUnsignedLong(value)) + "u";
  }

  private static String number(int value) {
    return Integer.toUnsignedString(value) + "u";
  }

  private void line(String format, Object... values) {
    calls.append("  ").append(String.format(java.util.Locale.ROOT, format, values)).append('\n');
  }
}
