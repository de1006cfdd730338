package dev.kstrace.replay.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.replay.NativeReplays;
import dev.kstrace.replay.NativeReplays.Outcome;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Whether contexts and frames lie where they lay in the last run, and who says so. */
@EnabledOnOs(OS.LINUX)
class AddressesTest {
  private static final String RECORDING =
      """
      1 initialize thread=4 irql=0 pin=0x10 context=0xA status=STATUS_SUCCESS framing={pool=NonPagedPool frames=2 size=1000}
      2 allocate thread=4 irql=0 context=0xA frame=0x5000
      3 free thread=4 irql=0 context=0xA frame=0x5000
      4 delete thread=4 irql=0 context=0xA
      5 trace_end
      """;

  /** As where the system does not let a process say that its addresses shall not be random. */
  private static HostOptions withRandomAddresses(String table) {
    Map<String, String> environment = new HashMap<>(Natives.environment());
    environment.put("KSTRACE_HOST_STARTED", "1");
    return new HostOptions(table, 60_000, false, false, environment);
  }

  private static Outcome replay(Path library, HostOptions options) {
    return NativeReplays.run(RECORDING, Natives.start(library, options));
  }

  @Test
  void areFixedWhereTheSystemAllowsIt() {
    Path library = Natives.plain("stack_frames.c", "-shared", "-fPIC", "-O2");
    Outcome one = replay(library, HostOptions.of("StackFramesDispatch", Natives.environment()));
    Outcome other = replay(library, HostOptions.of("StackFramesDispatch", Natives.environment()));
    if (one.report().fixedAddresses()) {
      assertThat(one.lines()).isEqualTo(other.lines());
      assertThat(one.report().caveats()).noneMatch(caveat -> caveat.contains("addresses"));
    }
  }

  @Test
  void areFixedInThePoolOfTheStandInsAnyway() {
    Path library = Natives.target("slab_frames.c", "");
    Outcome one = replay(library, withRandomAddresses("SlabAllocatorDispatch"));

    assertThat(one.report().fixedAddresses()).isTrue();
    assertThat(one.lines())
        .isEqualTo(replay(library, withRandomAddresses("SlabAllocatorDispatch")).lines());
  }

  @Test
  void areSaidToChangeWhereTheyDo() {
    Path library = Natives.plain("stack_frames.c", "-shared", "-fPIC", "-O2");
    boolean random =
        !replay(library, withRandomAddresses("StackFramesDispatch")).report().fixedAddresses();

    org.junit.jupiter.api.Assumptions.assumeTrue(
        random, "skipped: addresses are not random on this machine at all");
    assertThat(replay(library, withRandomAddresses("StackFramesDispatch")).report().caveats())
        .anyMatch(
            caveat -> caveat.startsWith("The target's addresses are not the same in each run"));
  }
}
