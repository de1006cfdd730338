package dev.kstrace.analyze.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.Severity;
import dev.kstrace.analyze.TraceFacts;
import dev.kstrace.capture.AllocatorDispatch;
import dev.kstrace.capture.TraceRecorder;
import dev.kstrace.traces.Framing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;

/** Runs test classes as JUnit would, and looks at what the extension made of them. */
final class RecordTraceTest {
  @TempDir Path folder;

  /** Hands out one frame after the other. */
  static final class Simple implements AllocatorDispatch {
    private long last = 0x10000;

    @Override
    public int initialize(long pin, Framing framing, ContextOut context) {
      context.value = 7;
      return 0;
    }

    @Override
    public void delete(long context) {}

    @Override
    public long allocate(long context) {
      last += 0x1000;
      return last;
    }

    @Override
    public void free(long context, long frame) {}
  }

  static void use(AllocatorDispatch allocator, int frames, int frees) {
    AllocatorDispatch.ContextOut context = new AllocatorDispatch.ContextOut();
    allocator.initialize(1, new Framing(2, 0, 8, 64, 0, 0), context);
    List<Long> held = new ArrayList<>();
    for (int i = 0; i < frames; i++) {
      held.add(allocator.allocate(context.value));
    }
    for (long frame : held) {
      for (int i = 0; i < frees; i++) {
        allocator.free(context.value, frame);
      }
    }
    allocator.delete(context.value);
  }

  private EngineExecutionResults run(Class<?> tests) {
    return run(tests, "none");
  }

  private EngineExecutionResults run(Class<?> tests, String config) {
    return EngineTestKit.engine("junit-jupiter")
        .selectors(DiscoverySelectors.selectClass(tests))
        .configurationParameter("kstrace.directory", folder.toString())
        .configurationParameter("kstrace.config", config)
        .configurationParameter("junit.jupiter.execution.parallel.enabled", "true")
        .execute();
  }

  /** Names of the tests that failed, with the first line of why. */
  private static List<String> failures(EngineExecutionResults results) {
    return results.allEvents().failed().stream().map(RecordTraceTest::failure).sorted().toList();
  }

  private static String failure(Event event) {
    Throwable why =
        event.getRequiredPayload(TestExecutionResult.class).getThrowable().orElseThrow();
    return event.getTestDescriptor().getDisplayName()
        + ": "
        + String.valueOf(why.getMessage()).lines().findFirst().orElse("");
  }

  /** Traces that are left, by their names below the folder. */
  private List<String> traces() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> folder.relativize(file).toString().replace('\\', '/'))
          .map(name -> name.replace(RecordTraceTest.class.getName() + "$", ""))
          .sorted()
          .toList();
    }
  }

  @RecordTrace(ringMegabytes = 1)
  static class LongRun {
    AllocatorDispatch allocator = new Simple();

    private void useForLong(int calls) {
      AllocatorDispatch.ContextOut context = new AllocatorDispatch.ContextOut();
      allocator.initialize(1, new Framing(2, 0, 8, 64, 0, 0), context);
      for (int i = 0; i < calls; i++) {
        allocator.free(context.value, allocator.allocate(context.value));
      }
      allocator.delete(context.value);
    }

    @Test
    void cleanForLong() {
      useForLong(20_000);
    }

    @Test
    void freesTwiceLongAgo() throws InterruptedException {
      use(allocator, 1, 2);
      useForLong(3_000);
      Thread.sleep(1_000); // the ring is looked at
      useForLong(20_000);
    }

    @Test
    void freesTwiceAfterLong() {
      useForLong(20_000);
      use(allocator, 1, 2);
    }
  }

  @Test
  void aRingIsDumpedWhereATestFails() throws IOException {
    EngineExecutionResults results = run(LongRun.class);

    assertThat(failures(results))
        .hasSize(2)
        .anyMatch(line -> line.startsWith("freesTwiceAfterLong(): error double-free: seq 40006:"))
        .anyMatch(line -> line.startsWith("freesTwiceLongAgo(): double-free at seq 4:"));
    assertThat(traces())
        .containsExactly(
            "LongRun/freesTwiceAfterLong.arrow",
            "LongRun/freesTwiceLongAgo-1.arrow",
            "LongRun/freesTwiceLongAgo.arrow");
    Path trace = folder.resolve(LongRun.class.getName()).resolve("freesTwiceAfterLong.arrow");
    assertThat(TraceFacts.of(trace).events()).isLessThan(20_000);
  }

  @RecordTrace
  static class Fields {
    AllocatorDispatch inline = new Simple();
    AllocatorDispatch before;
    static AllocatorDispatch shared = new Simple();

    @BeforeEach
    void make() {
      before = new Simple();
      shared.allocate(0); // not recorded: static fields belong to no test
    }

    @Test
    void clean() {
      use(inline, 2, 1);
    }

    @Test
    void freesTwice() {
      use(before, 1, 2);
    }
  }

  @Test
  void wrapsFieldsAndFailsOnFindings() throws IOException {
    EngineExecutionResults results = run(Fields.class);

    assertThat(failures(results))
        .containsExactly(
            "freesTwice(): error double-free: seq 4: frame 0x11000 is freed again; it was freed at"
                + " seq 3");
    assertThat(traces()).containsExactly("Fields/freesTwice.arrow");
    TraceAssert.assertThatTrace(
            folder.resolve(RecordTraceTest.class.getName() + "$Fields/freesTwice.arrow"))
        .hasFinding("double-free")
        .at(4)
        .certain()
        .times(1);
    assertThat(
            results.testEvents().reportingEntryPublished().stream()
                .map(event -> event.getPayload().orElseThrow().toString()))
        .singleElement()
        .asString()
        .contains("kstrace.trace", "freesTwice.arrow");
  }

  @Test
  void theConfigurationOfTheTeamCounts() throws IOException {
    Path config = folder.resolve("kstrace.toml");
    Files.writeString(config, "[[suppress]]\nrule = 'double-free'\nreason = 'erratum'\n");
    assertThat(failures(run(Fields.class, config.toString()))).isEmpty();

    Files.writeString(config, "disable = ['double-free']\n");
    assertThat(failures(run(Fields.class, config.toString()))).isEmpty();

    Files.writeString(
        config, "[[suppress]]\nrule = 'double-free'\nreason = 'erratum'\nuntil = 2020-01-01\n");
    assertThat(failures(run(Fields.class, config.toString()))).hasSize(1);

    Files.writeString(config, "disable = ['double-fre']\n");
    assertThat(failures(run(Fields.class, config.toString())))
        .isNotEmpty()
        .allMatch(line -> line.contains("there is no rule double-fre; did you mean double-free?"));
  }

  static class Methods {
    @Test
    @RecordTrace(keep = RecordTrace.Keep.ALWAYS)
    void always(TraceRecorder recorder) {
      use(recorder.wrap(new Simple()), 1, 1);
    }

    @Test
    @RecordTrace(keep = RecordTrace.Keep.NEVER)
    void never(TraceRecorder recorder) {
      use(recorder.wrap(new Simple()), 1, 2);
    }

    @Test
    @RecordTrace
    void recordsNothing() {}

    @Test
    @RecordTrace
    @AllowFindings("double-free")
    void allowed(TraceRecorder recorder) {
      use(recorder.wrap(new Simple()), 1, 2);
    }

    @Test
    @RecordTrace
    @AllowFindings("double-fre")
    void misspelt() {}

    @Test
    @RecordTrace
    @MaxOutstanding(2)
    void tooMany(TraceRecorder recorder) {
      use(recorder.wrap(new Simple()), 3, 1);
    }

    @Test
    @RecordTrace
    @MaxOutstanding(3)
    void justEnough(TraceRecorder recorder) {
      use(recorder.wrap(new Simple()), 3, 1);
    }

    @Test
    @RecordTrace
    void throwsItself(TraceRecorder recorder) {
      use(recorder.wrap(new Simple()), 1, 2);
      recorder.wrap(new Simple()).initialize(1, new Framing(2, 0, 8, 64, 0, 0), out());
      Assertions.fail("by itself");
    }

    private static AllocatorDispatch.ContextOut out() {
      return new AllocatorDispatch.ContextOut();
    }
  }

  @Test
  void keepsAllowsAndLimitsAsAnnotated() throws IOException {
    EngineExecutionResults results = run(Methods.class);

    assertThat(failures(results))
        .containsExactly(
            "misspelt(): @AllowFindings names no rule, value=double-fre; kstrace rules list shows"
                + " them",
            "never(TraceRecorder): error double-free: seq 4: frame 0x11000 is freed again; it was"
                + " freed at seq 3",
            "throwsItself(TraceRecorder): by itself",
            "tooMany(TraceRecorder): 3 frames were outstanding at once, @MaxOutstanding allows 2");
    assertThat(traces())
        .containsExactly(
            "Methods/always.arrow", "Methods/throwsItself.arrow", "Methods/tooMany.arrow");
  }

  @Test
  void tellsFindingsBesidesTheTestsOwnFailureAndDoesNotCallItLeaked() {
    EngineExecutionResults results = run(Methods.class);

    Throwable own =
        results.testEvents().failed().stream()
            .filter(event -> event.getTestDescriptor().getDisplayName().startsWith("throwsItself"))
            .map(event -> event.getRequiredPayload(TestExecutionResult.class))
            .map(result -> result.getThrowable().orElseThrow())
            .findFirst()
            .orElseThrow();
    assertThat(own.getSuppressed()).hasSize(1);
    assertThat(own.getSuppressed()[0].getMessage())
        .contains("double-free")
        .doesNotContain("allocator-not-deleted");
  }

  @RecordTrace(keep = RecordTrace.Keep.ALWAYS)
  static class Many {
    static Stream<AllocatorDispatch> allocators() {
      return Stream.of(new Simple(), new Simple());
    }

    @ParameterizedTest(name = "a/{index}")
    @MethodSource("allocators")
    void parameters(AllocatorDispatch allocator) {
      use(allocator, 1, 1);
    }

    @RepeatedTest(2)
    void repeated(TraceRecorder recorder) {
      use(recorder.wrap(new Simple()), 1, 1);
    }

    @TestFactory
    Stream<DynamicTest> dynamic() {
      return Stream.of(1, 2)
          .map(
              frees ->
                  dynamicTest(
                      "frees " + frees,
                      () -> use(CurrentTrace.recorder().wrap(new Simple()), 1, frees)));
    }

    @Nested
    class Inner {
      @Test
      void overloaded() {
        use(CurrentTrace.recorder().wrap(new Simple()), 1, 1);
      }

      @Test
      void overloaded(TraceRecorder recorder) {
        use(recorder.wrap(new Simple()), 1, 1);
      }
    }
  }

  @Test
  void namesTheTraceOfEachInvocation() throws IOException {
    EngineExecutionResults results = run(Many.class);

    assertThat(failures(results))
        .containsExactly(
            "frees 2: error double-free: seq 4: frame 0x11000 is freed again; it was freed at seq"
                + " 3");
    assertThat(traces())
        .containsExactly(
            "Many$Inner/overloaded().arrow",
            "Many$Inner/overloaded(TraceRecorder).arrow",
            "Many/dynamic-001-frees_1.arrow",
            "Many/dynamic-002-frees_2.arrow",
            "Many/parameters-001-a_1.arrow",
            "Many/parameters-002-a_2.arrow",
            "Many/repeated-001-repetition_1_of_2.arrow",
            "Many/repeated-002-repetition_2_of_2.arrow");
  }

  @RecordTrace(keep = RecordTrace.Keep.ALWAYS)
  @Execution(ExecutionMode.CONCURRENT)
  static class Parallel {
    @RepeatedTest(12)
    void apart(TraceRecorder recorder) {
      AllocatorDispatch allocator = recorder.wrap(new Simple());
      for (int i = 0; i < 50; i++) {
        use(allocator, 4, 1);
      }
    }
  }

  @Test
  void keepsParallelTestsApart() throws IOException {
    assertThat(failures(run(Parallel.class))).isEmpty();
    assertThat(traces()).hasSize(12);
    for (String name : traces()) {
      Path file = folder.resolve(RecordTraceTest.class.getName() + "$" + name);
      assertThat(TraceFacts.of(file).events()).isEqualTo(50 * 10 + 1);
    }
  }

  @RecordTrace
  @TestInstance(TestInstance.Lifecycle.PER_CLASS)
  static class Shared {
    static final List<Class<?>> SEEN = new ArrayList<>();
    AllocatorDispatch allocator = new Simple();

    @RepeatedTest(2)
    void sees() {
      use(allocator, 1, 1);
    }

    @AfterEach
    void note() {
      SEEN.add(allocator.getClass());
    }
  }

  @Test
  void leavesNothingBehindInAnInstanceThatTestsShare() {
    assertThat(failures(run(Shared.class))).isEmpty();
    assertThat(Shared.SEEN).hasSize(2).doesNotContain(Simple.class);
    Assertions.assertThrows(IllegalStateException.class, CurrentTrace::recorder);
  }

  @Test
  void deletesTheTraceOfAnEarlierRun() throws IOException {
    Path old = folder.resolve(Fields.class.getName()).resolve("clean.arrow");
    Files.createDirectories(old.getParent());
    Files.writeString(old, "of yesterday");

    run(Fields.class);

    assertThat(old).doesNotExist();
  }

  @Test
  void saysAtMostTwentyLines() {
    List<Finding> findings = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      findings.add(
          new Finding(
              "rule-" + i,
              Severity.ERROR,
              true,
              i,
              List.of(),
              null,
              null,
              null,
              null,
              "message",
              "fingerprint-" + i,
              null));
    }
    TestVerdict verdict = new TestVerdict(findings, Severity.ERROR, 0, 0);

    assertThat(verdict.text(Path.of("t.arrow")).lines())
        .hasSize(20)
        .endsWith("and 33 more", "trace: t.arrow", "next:  kstrace check t.arrow");
  }
}
