package dev.kstrace.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.replay.CallScript.Allocate;
import dev.kstrace.replay.CallScript.Free;
import dev.kstrace.replay.CallScript.Initialize;
import dev.kstrace.replay.CallScript.Step;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceText;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Recordings as calls of numbered allocators and frames. */
public class CallScriptTest {
  private static final String START =
      """
      @kstrace.complete_start=true
      1 initialize pin=0x10 context=0xA status=STATUS_SUCCESS framing={options=0x2 pool=NonPagedPool frames=4 size=16 align=0x0}
      """;

  /** The script of a recording written as text. */
  public static CallScript script(String recording) {
    return script(recording, Long.MAX_VALUE);
  }

  private static CallScript script(String recording, long most) {
    TraceText.Parsed text = Replays.parse(recording);
    Iterator<TraceEvent> events = text.events().iterator();
    ReplayEngine.Source source =
        (EventBatch into) -> {
          into.clear();
          for (int i = 0; i < 3 && events.hasNext(); i++) {
            into.add(events.next());
          }
          return into.rows() > 0;
        };
    try {
      return CallScript.read(source, text.metadata(), most);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static String shown(Step step) {
    String call = "end";
    if (step instanceof Initialize initialize) {
      call = "initialize " + initialize.allocator();
    } else if (step instanceof Allocate allocate) {
      call = "allocate " + allocate.allocator() + " " + allocate.frame() + " " + allocate.made();
    } else if (step instanceof Free free) {
      call = "free " + free.allocator() + " " + free.frame() + " " + free.address();
    } else if (step instanceof CallScript.Delete delete) {
      call = "delete " + delete.allocator();
    }
    return step.at().seq() + " " + call + (step.fault() == null ? "" : ": " + step.fault());
  }

  private static List<String> steps(String recording) {
    return script(recording).steps().stream().map(CallScriptTest::shown).toList();
  }

  @Test
  void namesFramesByTheAllocateThatReturnedThem() {
    assertThat(
            steps(
                START
                    + """
                      2 allocate context=0xA frame=0x5000
                      3 free context=0xA frame=0x5000
                      4 allocate context=0xA frame=0x5000
                      5 allocate context=0xA frame=0x0
                      6 free context=0xA frame=0x5000
                      7 delete context=0xA
                      8 trace_end
                      """))
        .containsExactly(
            "1 initialize 0",
            "2 allocate 0 1 true",
            "3 free 0 1 0",
            "4 allocate 0 2 true",
            "5 allocate 0 3 false",
            "6 free 0 2 0",
            "7 delete 0",
            "8 end");
  }

  @Test
  void meansBothFramesOfAnAddressThatWasOutTwice() {
    assertThat(
            steps(
                START
                    + """
                      2 allocate context=0xA frame=0x5000
                      3 allocate context=0xA frame=0x5000
                      4 free context=0xA frame=0x5000
                      5 free context=0xA frame=0x5000
                      6 free context=0xA frame=0x5000
                      """))
        .containsExactly(
            "1 initialize 0",
            "2 allocate 0 1 true",
            "3 allocate 0 2 true",
            "4 free 0 1 0",
            "5 free 0 2 0",
            "6 free 0 2 0: frees frame 2 again");
  }

  @Test
  void saysWhatTheCallerDidWrong() {
    assertThat(
            steps(
                START
                    + """
                      2 initialize pin=0x20 context=0xB status=STATUS_SUCCESS
                      3 allocate context=0xA frame=0x5000
                      4 free context=0xB frame=0x5000
                      5 free context=0xA frame=0x5008
                      6 free context=0xA frame=0x0
                      7 free context=0xA frame=0x77
                      8 allocate context=0xA frame=0x6000
                      9 delete context=0xA
                      10 free context=0xA frame=0x6000
                      11 allocate context=0xC frame=0x0
                      12 allocate context=0xB frame=0x7000
                      13 trace_end
                      """))
        .containsExactly(
            "1 initialize 0",
            "2 initialize 1",
            "3 allocate 0 1 true",
            "4 free 1 1 0: gives frame 1 of allocator 0 to allocator 1",
            "5 free 0 1 8: frees an address 8 bytes inside frame 1",
            "6 free 0 0 0: frees NULL",
            "7 free 0 0 119: frees an address that nobody handed out",
            "8 allocate 0 2 true",
            "9 delete 0: deletes allocator 0 while frame 1 and 1 more are out",
            "10 free 0 2 0: uses allocator 0 after its delete",
            "11 allocate -1 3 false: uses a context that no initialize returned",
            "12 allocate 1 4 true",
            "13 end: ends while frame 4 is out");
  }

  @Test
  void leavesOutWhatIsNotToBeUnderstoodWithoutTheStart() {
    String late =
        """
        1 allocate context=0xA frame=0x5000
        2 initialize pin=0x20 context=0xB status=STATUS_SUCCESS
        3 free context=0xB frame=0x5000
        4 free context=0xB frame=0x6000
        5 initialize pin=0x20 status=STATUS_INSUFFICIENT_RESOURCES
        """;
    CallScript script = script(late);

    assertThat(script.steps().stream().map(CallScriptTest::shown))
        .containsExactly("2 initialize 0", "5 initialize -1");
    assertThat(script.leftOut()).isEqualTo(3);
  }

  @Test
  void refusesMoreThanIsAskedFor() {
    assertThat(script(START + "2 mark\n3 mark\n", 2)).isNull();
    assertThat(script(START + "2 mark\n", 2)).isNotNull();
  }
}
