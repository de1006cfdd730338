package dev.kstrace.replay.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.replay.DivergenceKind;
import dev.kstrace.replay.NativeReplays;
import dev.kstrace.replay.NativeReplays.Outcome;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls that wait, on fibers and on threads of the system. */
class BlockedCallsTest {
  private static final String START =
      """
      @kstrace.complete_start=true
      1 initialize t=10..11 irql=0 thread=1 pin=0x10 context=0xA status=STATUS_SUCCESS framing={frames=1 size=64}
      2 allocate t=20..21 irql=0 thread=1 context=0xA frame=0x5000
      """;

  private static Outcome replay(String recording, boolean osThreads, String sanitize, int waits) {
    HostOptions options =
        new HostOptions("WaitsDispatch", 60_000, false, osThreads, Natives.environment());
    return NativeReplays.run(
        recording, Natives.start(Natives.target("waits.c", sanitize, "WAITS=" + waits), options));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void letsOtherCallsRunWhileDeleteWaits(boolean osThreads) {
    Outcome outcome =
        replay(
            START
                + """
                3 delete t=30..50 irql=0 thread=2 context=0xA
                4 free t=40..41 irql=0 thread=1 context=0xA frame=0x5000
                5 trace_end
                """,
            osThreads,
            "",
            1);

    assertThat(outcome.report().death()).isNull();
    assertThat(outcome.report().diverged()).isFalse();
    assertThat(outcome.report().notes()).isEmpty();
    assertThat(outcome.lines()).hasSize(5);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void putsTheRowOfAnAllocateWhereItReturns(boolean osThreads) {
    Outcome outcome =
        replay(
            START
                + """
                3 allocate t=30..31 irql=0 thread=2 context=0xA frame=0x6000
                4 free t=40..41 irql=0 thread=1 context=0xA frame=0x5000
                5 free t=50..51 irql=0 thread=2 context=0xA frame=0x6000
                6 delete t=60..61 irql=0 thread=1 context=0xA
                7 trace_end
                """,
            osThreads,
            "",
            1);

    assertThat(outcome.report().death()).isNull();
    assertThat(outcome.report().count(DivergenceKind.BLOCKED)).isEqualTo(1);
    assertThat(outcome.lines()).hasSize(8);
    assertThat(outcome.lines().get(2)).startsWith("3 mark").contains("waits for a later one");
    assertThat(outcome.lines().get(3)).startsWith("4 free");
    assertThat(outcome.lines().get(4))
        .startsWith("5 allocate callback t=30..40 thread=2 irql=0 context=0x20000001")
        .contains(" frame=0x20000001", " size=64");
    String frame = outcome.lines().get(4).replaceAll(".* frame=(\\S+).*", "$1");
    assertThat(outcome.lines().get(5)).startsWith("6 free").contains(" frame=" + frame);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void callsItADeadlockWhereAThreadsNextCallIsDue(boolean osThreads) {
    Outcome outcome =
        replay(
            START
                + """
                3 allocate t=30..31 irql=0 thread=2 context=0xA frame=0x6000
                4 mark t=35
                5 free t=40..41 irql=0 thread=2 context=0xA frame=0x6000
                """,
            osThreads,
            "",
            1);
    // The frame that thread 2 frees does not exist: the call is left out, yet it is due.
    assertThat(outcome.report().death().text())
        .matches(
            "target died at seq 3: deadlock: the next call of a thread is due that has not"
                + " returned from the last one; thread 2 waits in allocate for the semaphore at"
                + " 0x2000000\\w+\\.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "address"})
  void callsItADeadlockWhereTheRecordingEnds(String sanitize) {
    Outcome outcome =
        replay(
            START
                + """
                3 delete t=30..50 irql=0 thread=2 context=0xA
                4 delete t=31..51 irql=0 thread=3 context=0xA
                5 trace_end
                """,
            false,
            sanitize,
            1);

    assertThat(outcome.report().death().seq()).isEqualTo(3);
    assertThat(outcome.report().death().text())
        .contains(
            "deadlock: the recording ends and calls have not returned; thread 2 waits in delete for"
                + " the notification event at 0x")
        .contains(" thread 3 waits in delete for the fast mutex at 0x");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void namesASpinLockThatIsTakenTwice(boolean osThreads) {
    Outcome outcome =
        replay(
            START.replace("frames=1", "frames=4")
                + """
                3 allocate t=30..31 irql=0 thread=2 context=0xA frame=0x6000
                4 allocate t=40..41 irql=0 thread=1 context=0xA frame=0x7000
                5 allocate t=50..51 irql=0 thread=2 context=0xA frame=0x8000
                """,
            osThreads,
            "",
            2);

    assertThat(outcome.report().death().seq()).isEqualTo(3);
    assertThat(outcome.report().death().text())
        .contains("thread 2 waits in allocate for the spin lock at 0x")
        .contains(" thread 1 waits in allocate for the spin lock at 0x");
  }
}
