package dev.kstrace.replay.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kstrace.replay.DivergenceKind;
import dev.kstrace.replay.NativeReplays;
import dev.kstrace.replay.NativeReplays.Outcome;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Allocators written as in a driver, with and without a fault, plain and under sanitizers. */
class SampleAllocatorsTest {
  private static final String ORDERLY =
      """
      @kstrace.complete_start=true
      1 initialize irql=0 thread=4 pin=0x10 context=0xA status=STATUS_SUCCESS framing={options=0x2 pool=NonPagedPool frames=2 size=1000 align=0x3f}
      2 allocate irql=0 thread=4 context=0xA frame=0x5000
      3 allocate irql=2 thread=5 context=0xA frame=0x6000
      4 allocate irql=2 thread=5 context=0xA frame=0x0
      5 free irql=2 thread=4 context=0xA frame=0x5000
      6 allocate irql=2 thread=5 context=0xA frame=0x5000
      7 free irql=0 thread=5 context=0xA frame=0x6000
      8 free irql=2 thread=4 context=0xA frame=0x5000
      9 delete irql=0 thread=4 context=0xA
      10 trace_end
      """;

  private static final String DOUBLE_FREE =
      """
      @kstrace.complete_start=true
      1 initialize irql=0 thread=4 pin=0x10 context=0xA status=STATUS_SUCCESS framing={options=0x2 pool=NonPagedPool frames=4 size=1000 align=0x0}
      2 allocate irql=0 thread=4 context=0xA frame=0x5000
      3 free irql=0 thread=4 context=0xA frame=0x5000
      4 free irql=0 thread=4 context=0xA frame=0x5000
      5 allocate irql=0 thread=4 context=0xA frame=0x5000
      6 allocate irql=0 thread=4 context=0xA frame=0x6000
      7 trace_end
      """;

  private static final String CALLERS_LEAK =
      ORDERLY.replace("8 free irql=2 thread=4 context=0xA frame=0x5000\n", "8 mark\n");

  private static Outcome replay(String sample, String sanitize, String bug, String recording) {
    String[] defines = bug.isEmpty() ? new String[0] : new String[] {bug};
    return NativeReplays.run(
        recording,
        Natives.start(Natives.target(sample + "_frames.c", sanitize, defines), table(sample)));
  }

  private static String table(String sample) {
    return Character.toUpperCase(sample.charAt(0)) + sample.substring(1) + "AllocatorDispatch";
  }

  private static List<String> frames(Outcome outcome) {
    return outcome.lines().stream()
        .filter(line -> line.contains(" allocate ") && !line.contains("frame=0x0"))
        .map(line -> line.replaceAll(".* frame=0x(\\w+).*", "$1"))
        .toList();
  }

  private static boolean isAligned(String frame) {
    return (Long.parseUnsignedLong(frame, 16) & 0x3F) == 0;
  }

  static List<String> samplesAndSanitizers() {
    return List.of(
        "pool",
        "slab",
        "lookaside",
        "pool+address,undefined",
        "slab+address,undefined",
        "lookaside+address,undefined");
  }

  @ParameterizedTest
  @MethodSource("samplesAndSanitizers")
  void areCleanWithoutAFault(String how) {
    String[] parts = how.split("\\+", 2);
    Outcome outcome = replay(parts[0], parts.length > 1 ? parts[1] : "", "", ORDERLY);

    assertThat(outcome.report().death()).isNull();
    assertThat(outcome.report().diverged()).isFalse();
    assertThat(outcome.report().notes()).isEmpty();
    assertThat(outcome.report().extraCalls()).isZero();
    assertThat(frames(outcome)).hasSize(3).allMatch(SampleAllocatorsTest::isAligned);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "address,undefined"})
  void aDriverInCppIsCleanToo(String sanitize) {
    assumeTrue(Natives.isOnPath("c++"), "skipped: no c++ on PATH");
    Path library = Natives.target("camera_frames.cpp", sanitize, "DBG=1");

    Outcome outcome = NativeReplays.run(ORDERLY, Natives.start(library, "CamAllocatorDispatch"));

    assertThat(outcome.report().death()).isNull();
    assertThat(outcome.report().diverged()).isFalse();
    assertThat(outcome.report().notes()).isEmpty();
    assertThat(frames(outcome)).hasSize(3).allMatch(SampleAllocatorsTest::isAligned);
  }

  @Test
  void whatADriverPrintsHasMicrosoftsFormats() {
    assumeTrue(Natives.isOnPath("c++"), "skipped: no c++ on PATH");
    Path library = Natives.target("camera_frames.cpp", "", "BUG_BUGCHECK");

    Outcome outcome =
        NativeReplays.run(DOUBLE_FREE, Natives.start(library, "CamAllocatorDispatch"));

    assertThat(outcome.report().death().output())
        .contains("camera frames: 4 of -1099511627776, 0xabc, wide, narrow, x 00042%");
  }

  @ParameterizedTest
  @CsvSource({
    "pool,'',PSrc,1,100",
    "slab,'',DmaB,1,4096",
    "lookaside,'',LFrm,2,8192",
    "pool,'address,undefined',PSrc,1,100",
    "slab,'address,undefined',DmaB,1,4096"
  })
  void showTheMemoryThatTheyLeak(
      String sample, String sanitize, String tag, int blocks, int bytes) {
    Outcome outcome = replay(sample, sanitize, "BUG_LEAK_ON_DELETE", ORDERLY);

    assertThat(outcome.report().diverged()).isFalse();
    assertThat(outcome.report().notes()).containsOnlyKeys("pool-leak");
    assertThat(outcome.lines())
        .filteredOn(line -> line.contains("pool-leak"))
        .singleElement()
        .asString()
        .startsWith("10 mark none")
        .contains(
            "\"note\":\"pool-leak\",\"tag\":\"" + tag + "\",\"context\":\"0x",
            ",\"blocks\":" + blocks + ",\"bytes\":" + bytes + ",\"behind\":1}");
  }

  @ParameterizedTest
  @CsvSource({"pool,PFrm", "slab,", "lookaside,LFrm"})
  void tellTheCallersLeakFromTheirOwn(String sample, String tag) {
    Outcome outcome = replay(sample, "", "", CALLERS_LEAK);

    assertThat(outcome.report().notes().keySet())
        .isEqualTo(tag == null ? java.util.Set.of() : java.util.Set.of("frame-memory"));
  }

  @ParameterizedTest
  @CsvSource({"pool", "slab", "lookaside"})
  void showThatALimitIsNotKept(String sample) {
    Outcome outcome = replay(sample, "", "BUG_NO_LIMIT", ORDERLY);

    assertThat(outcome.report().count(DivergenceKind.NULLNESS)).isEqualTo(1);
    assertThat(outcome.report().first().divergence().seq()).isEqualTo(4);
    assertThat(outcome.report().extraCalls()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"pool,'undefined'", "slab,''", "lookaside,''", "pool,''"})
  void showSlotsThatAreNotAligned(String sample, String sanitize) {
    Outcome outcome = replay(sample, sanitize, "BUG_MISALIGNED", ORDERLY);

    assertThat(frames(outcome)).isNotEmpty().anyMatch(frame -> !isAligned(frame));
  }

  @ParameterizedTest
  @CsvSource({"pool", "slab", "lookaside"})
  void showAContextThatIsUsedAfterDelete(String sample) {
    Outcome plain = replay(sample, "", "BUG_USE_AFTER_DELETE", ORDERLY);
    assertThat(plain.report().notes()).containsOnlyKeys("use-after-free");

    Outcome checked = replay(sample, "address", "BUG_USE_AFTER_DELETE", ORDERLY);
    assertThat(checked.report().death().text())
        .startsWith("target died at seq 9: AddressSanitizer: heap-use-after-free on address");
    assertThat(String.join("\n", checked.report().death().output())).contains(sample + "_frames.c");
  }

  @ParameterizedTest
  @CsvSource({"pool", "slab", "lookaside"})
  void bearADoubleFreeWithoutAFault(String sample) {
    Outcome outcome = replay(sample, "", "", DOUBLE_FREE);

    assertThat(outcome.report().death()).isNull();
    assertThat(outcome.report().count(DivergenceKind.ALIAS)).isZero();
    assertThat(outcome.report().notes()).doesNotContainKey("bad-pool-free");
  }

  @Test
  void showADoubleFreeThatTheyAccept() {
    assertThat(replay("pool", "", "BUG_DOUBLE_FREE", DOUBLE_FREE).report().notes())
        .containsKey("bad-pool-free");
    for (String sample : List.of("slab", "lookaside")) {
      Outcome outcome = replay(sample, "", "BUG_DOUBLE_FREE", DOUBLE_FREE);
      assertThat(outcome.report().count(DivergenceKind.ALIAS)).as(sample).isEqualTo(1);
      assertThat(frames(outcome).get(1)).as(sample).isEqualTo(frames(outcome).get(2));
    }
    for (String sample : List.of("pool", "lookaside")) {
      assertThat(replay(sample, "address", "BUG_DOUBLE_FREE", DOUBLE_FREE).report().death().text())
          .startsWith("target died at seq 4: AddressSanitizer: attempting double-free on");
    }
  }

  @Test
  void showALockThatIsStillHeldAtReturn() {
    Outcome outcome = replay("slab", "", "BUG_LOCK_HELD", ORDERLY);
    assertThat(outcome.report().notes()).containsKey("lock-misuse");
    assertThat(outcome.report().death().text())
        .startsWith("target died at seq 6: deadlock: ")
        .contains("thread 5 waits in allocate for the spin lock at 0x")
        .contains("thread 4 waits in free for the spin lock at 0x");
  }

  @Test
  void showARoutineThatIsCalledAtTheWrongIrql() {
    Outcome outcome = replay("pool", "", "", ORDERLY.replace("9 delete irql=0", "9 delete irql=2"));
    assertThat(outcome.lines())
        .anyMatch(line -> line.contains("PoolDelete at DISPATCH_LEVEL, allowed up to APC_LEVEL"));
    Outcome paged = replay("pool", "", "", ORDERLY.replace("pool=NonPagedPool", "pool=PagedPool"));
    assertThat(paged.report().notes()).containsOnlyKeys("wrong-irql");
    assertThat(paged.lines())
        .anyMatch(
            line ->
                line.contains(
                    "ExAllocatePoolWithTag(PagedPool) at DISPATCH_LEVEL, allowed up to APC_LEVEL"));
  }

  @Test
  void showWhoWritesIntoAFrameThatIsOut() {
    HostOptions touch =
        new HostOptions("SlabAllocatorDispatch", 60_000, true, false, Natives.environment());
    Outcome clean =
        NativeReplays.run(ORDERLY, Natives.start(Natives.target("slab_frames.c", ""), touch));
    assertThat(clean.report().notes()).isEmpty();

    // Slots that are too small: the second frame's user writes into the first, or the other way.
    Outcome outcome =
        NativeReplays.run(
            ORDERLY, Natives.start(Natives.target("slab_frames.c", "", "BUG_OVERLAP"), touch));
    assertThat(outcome.report().notes()).containsKey("frame-damaged");
    assertThat(outcome.lines())
        .anyMatch(line -> line.contains("was written by somebody else while it was out"));
  }

  @Test
  void giveTheSameResultOnThreadsOfTheSystem() {
    for (String sample : List.of("pool", "slab", "lookaside")) {
      HostOptions os = new HostOptions(table(sample), 60_000, false, true, Natives.environment());
      Outcome threads =
          NativeReplays.run(ORDERLY, Natives.start(Natives.target(sample + "_frames.c", ""), os));
      assertThat(threads.lines()).isEqualTo(replay(sample, "", "", ORDERLY).lines());
    }
  }

  @ParameterizedTest
  @CsvSource({"pool", "slab", "lookaside"})
  void showARaceOnTheirListToThreadSanitizer(String sample) {
    HostOptions os = new HostOptions(table(sample), 60_000, false, true, Natives.environment());
    String source = sample + "_frames.c";
    Outcome clean = NativeReplays.run(ORDERLY, Natives.start(Natives.target(source, "thread"), os));
    assertThat(clean.report().death()).isNull();
    assertThat(clean.report().notes()).isEmpty();

    Path racy = Natives.target(source, "thread", "BUG_RACE");
    Outcome outcome = NativeReplays.run(ORDERLY, Natives.start(racy, os));
    assertThat(outcome.report().death().text())
        .matches("target died at seq [3-8]: ThreadSanitizer: data race");
    assertThat(String.join("\n", outcome.report().death().output())).contains(source);
  }
}
