package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.testkit.engine.EngineTestKit;

/** {@code kstrace export --format c-test} and {@code junit-test}; CTestTest compiles the first. */
final class ExportTestsTest {
  private static final String LENIENT = "java:dev.kstrace.cli.LenientAllocator";

  private static final String DOUBLE_FREE =
      """
      @kstrace.complete_start=true
      1 initialize thread=4 irql=0 pin=0x10 context=0xA status=STATUS_SUCCESS framing={options=0x2 pool=NonPagedPool frames=4 size=64 align=0x3f}
      2 allocate thread=4 irql=0 context=0xA frame=0x5000
      3 free thread=4 irql=0 context=0xA frame=0x5000
      4 free thread=4 irql=0 context=0xA frame=0x5000
      5 allocate thread=4 irql=0 context=0xA frame=0x5000
      6 allocate thread=4 irql=0 context=0xA frame=0x6000
      7 free thread=4 irql=0 context=0xA frame=0x5000
      8 free thread=4 irql=0 context=0xA frame=0x6000
      9 delete thread=4 irql=0 context=0xA
      10 trace_end
      """;

  @TempDir Path folder;
  private Cli cli;

  @BeforeEach
  void record() throws IOException {
    cli = new Cli(folder);
    Samples.write(cli.file("t.arrow"), DOUBLE_FREE);
  }

  private Cli.Result cTest(String... options) {
    String[] start = {"export", "@t.arrow", "--format", "c-test", "--table", "Table"};
    String[] all = java.util.Arrays.copyOf(start, start.length + options.length);
    System.arraycopy(options, 0, all, start.length, options.length);
    return cli.run(all);
  }

  private String minimized(String allocator) throws IOException {
    Cli.Result small =
        cli.run(
            "minimize", "@t.arrow", "--divergence", "--target", LENIENT, "-f", "-o", "@s.arrow");
    assertThat(small.code()).as(small.err()).isZero();
    Cli.Result exported =
        cli.run(
            "export",
            "@s.arrow",
            "--format",
            "junit-test",
            "--target",
            allocator,
            "-f",
            "-o",
            "@DoubleFreeTest.java");
    assertThat(exported.all()).isEqualTo("exit 0\n");
    return Files.readString(cli.file("DoubleFreeTest.java"));
  }

  /** What the exported class says when JUnit runs it; empty where it passes. */
  private String runJUnit() throws Exception {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter said = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      boolean compiled =
          compiler
              .getTask(
                  said,
                  files,
                  null,
                  List.of("-d", folder.toString(), "-proc:none", "-Xlint:all", "-Werror"),
                  null,
                  files.getJavaFileObjects(cli.file("DoubleFreeTest.java")))
              .call();
      assertThat(compiled).as(said.toString()).isTrue();
    }
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {folder.toUri().toURL()}, getClass().getClassLoader())) {
      var events =
          EngineTestKit.engine("junit-jupiter")
              .selectors(DiscoverySelectors.selectClass(loader.loadClass("DoubleFreeTest")))
              .execute()
              .testEvents();
      events.assertStatistics(tests -> tests.started(1));
      return events.failed().stream()
          .map(event -> event.getRequiredPayload(TestExecutionResult.class))
          .map(result -> String.valueOf(result.getThrowable().orElseThrow().getMessage()))
          .findFirst()
          .orElse("");
    }
  }

  @Test
  void failsUnderJUnitUntilTheAllocatorIsRepaired() throws Exception {
    assertThat(minimized(LENIENT))
        .startsWith("import static")
        .contains("new dev.kstrace.cli.LenientAllocator()", "CALLERS_FAULTS = false");
    assertThat(runJUnit())
        .isEqualTo("at seq 6: allocate returned an address that is out already, as frame 2");

    minimized(LENIENT + "$Repaired");
    assertThat(runJUnit()).isEmpty();
  }

  @Test
  void failsAtTheCallerWhereNothingElseIsWrong() throws Exception {
    Cli.Result result =
        cli.run(
            "export",
            "@t.arrow",
            "--format",
            "junit-test",
            "--target",
            LENIENT + "$Repaired",
            "-o",
            "@DoubleFreeTest.java");

    assertThat(result.err())
        .isEqualTo(
            "note: what this trace shows is its caller's doing: the test fails at it until the"
                + " calls in it are mended; with CALLERS_FAULTS off it judges the allocator"
                + " alone\n");
    assertThat(runJUnit()).isEqualTo("at seq 4: the caller frees frame 1 again");
  }

  @Test
  void givesTheSameBytesTwice() throws IOException {
    cTest("-q", "-o", "@a.c");
    cTest("-q", "-o", "@b.c");

    assertThat(cli.file("a.c")).hasSameBinaryContentAs(cli.file("b.c"));
    String first = minimized(LENIENT);
    assertThat(minimized(LENIENT)).isEqualTo(first);
    assertThat(Files.readString(cli.file("a.c")))
        .contains(
            "Made by kstrace of t.arrow: makes the 9 calls",
            " * - error double-free at seq 4: frame 0x5000 is freed again",
            "#define KSALLOCATOR_TABLE Table\n",
            "#define CALLERS_FAULTS 1\n");
  }

  @Test
  void saysWhereATestHasNothingToFailAt() throws IOException {
    Samples.write(cli.file("t.arrow"), DOUBLE_FREE.replaceFirst("4 free[^\n]*\n", "4 mark\n"));

    assertThat(cTest("-o", "@a.c").err())
        .isEqualTo(
            "note: this trace shows nothing that a test of its calls could check: the test fails"
                + " only on an allocator that breaks its contract under them\n");
    assertThat(Files.readString(cli.file("a.c"))).contains("#define CALLERS_FAULTS 0\n");
  }

  @Test
  void asksForASmallerTraceFirst() throws IOException {
    StringBuilder many = new StringBuilder(DOUBLE_FREE.substring(0, DOUBLE_FREE.indexOf("10 tr")));
    for (int seq = 10; seq <= 2001; seq++) {
      many.append(seq).append(" mark\n");
    }
    Samples.write(cli.file("t.arrow"), many.toString());

    assertThat(cTest("-o", "@a.c").all())
        .isEqualTo(
            "exit 2\nkstrace: t.arrow has more than 2000 events, too many for a test that somebody"
                + " reads: kstrace minimize it first, or give --large\n");
    assertThat(folder).isDirectoryNotContaining("glob:**a.c*");
    assertThat(cTest("--large", "-q", "-o", "@a.c").all()).isEqualTo("exit 0\n");
  }

  @Test
  void namesTheClassAsTheFile() throws IOException {
    for (String file : List.of("1-day.java", "class.java", "plain")) {
      cli.run(
          "export", "@t.arrow", "--format", "junit-test", "--target", LENIENT, "-o", "@" + file);
    }

    assertThat(Files.readString(cli.file("1-day.java"))).contains("final class _1_day {");
    assertThat(Files.readString(cli.file("class.java"))).contains("final class _class {");
    assertThat(Files.readString(cli.file("plain"))).contains("final class plain {");
  }

  @Test
  void refusesNamesThatAreNone() {
    assertThat(
            cli.run("export", "@t.arrow", "--format", "c-test", "--table", "no name", "-o", "@a.c")
                .err())
        .isEqualTo(
            "kstrace: --table no name: expected a symbol of C, such as MyAllocatorDispatch\n");
    String junit = "junit-test";
    assertThat(cli.run("export", "@t.arrow", "--format", junit, "-o", "@A.java").err())
        .isEqualTo(
            "kstrace: which allocator? give --target java:CLASS, an AllocatorDispatch with a"
                + " constructor without parameters\n");
    assertThat(
            cli.run(
                    "export",
                    "@t.arrow",
                    "--format",
                    junit,
                    "--target",
                    "java:a b",
                    "-o",
                    "@A.java")
                .err())
        .isEqualTo(
            "kstrace: --target java:a b: expected the name of a class, such as"
                + " java:com.example.Mine\n");
  }
}
