package dev.kstrace.replay.reproducer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kstrace.replay.CallScriptTest;
import dev.kstrace.replay.host.Natives;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Reproducers in C: built and run with allocators that have the fault, and without it. */
class CTestTest {
  private static final String CALLS =
      """
      @kstrace.complete_start=true
      1 initialize irql=0 thread=4 pin=0x10 context=0xA status=STATUS_SUCCESS framing={options=0x2 pool=NonPagedPool frames=2 size=1000 align=0x3f}
      2 allocate irql=0 thread=4 context=0xA frame=0x5000
      3 allocate irql=2 thread=5 context=0xA frame=0x6000
      4 allocate irql=2 thread=5 context=0xA frame=0x7000
      5 free irql=2 thread=4 context=0xA frame=0x5000
      6 free irql=0 thread=5 context=0xA frame=0x6000
      7 delete irql=0 thread=4 context=0xA
      8 trace_end
      """;

  private static final String DOUBLE_FREE =
      """
      @kstrace.complete_start=true
      1 initialize irql=0 thread=4 pin=0x10 context=0xA status=STATUS_SUCCESS framing={options=0x2 pool=NonPagedPool frames=4 size=1000 align=0x0}
      2 allocate irql=0 thread=4 context=0xA frame=0x5000
      3 free irql=0 thread=4 context=0xA frame=0x5000
      4 free irql=0 thread=4 context=0xA frame=0x5000
      5 allocate irql=0 thread=4 context=0xA frame=0x5000
      6 allocate irql=0 thread=4 context=0xA frame=0x5000
      """;

  @TempDir Path folder;

  private record Run(int code, String said) {}

  private static String source(String recording, boolean callersFaults, String table) {
    Reproducer of =
        new Reproducer("t.arrow", CallScriptTest.script(recording), List.of(), callersFaults);
    return of.asCTest(table);
  }

  private Run run(List<String> line) {
    try {
      Path said = Files.createTempFile(folder, "said", ".txt");
      Process process =
          new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(said.toFile()).start();
      int code = process.waitFor();
      return new Run(code, Files.readString(said, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private Run compiled(String compiler, Path source, Path program, String... further) {
    List<String> line = new ArrayList<>(List.of(compiler));
    line.addAll(List.of("-Wall", "-Wextra", "-Werror", "-O2", source.toString()));
    line.addAll(List.of(further));
    line.addAll(List.of("-o", program.toString()));
    return run(line);
  }

  /** Builds and runs a reproducer with an allocator that {@code build-target} has made. */
  private Run withStandIns(String recording, Path library, String table) throws IOException {
    Natives.compiler();
    Path source = Files.writeString(folder.resolve("test.c"), source(recording, false, table));
    Path program = folder.resolve("test");
    Run build =
        compiled(
            "cc",
            source,
            program,
            "-DKSTRACE_SHIM",
            "-I" + Natives.standIns(),
            library.toString(),
            "-Wl,-rpath," + library.getParent());
    assertThat(build).isEqualTo(new Run(0, ""));
    return run(List.of(program.toString()));
  }

  private Run sample(String name, String bug, String recording) throws IOException {
    String[] defines = bug.isEmpty() ? new String[0] : new String[] {bug};
    String table = Character.toUpperCase(name.charAt(0)) + name.substring(1) + "AllocatorDispatch";
    return withStandIns(recording, Natives.target(name + "_frames.c", "", defines), table);
  }

  @ParameterizedTest
  @ValueSource(strings = {"pool", "slab", "lookaside"})
  void passesOnASoundAllocator(String name) throws IOException {
    assertThat(sample(name, "", CALLS)).isEqualTo(new Run(0, "passed: 7 calls\n"));
  }

  @ParameterizedTest
  @CsvSource({
    "pool,BUG_NO_LIMIT,'4: allocate returned a frame although Frames are out'",
    "slab,BUG_NO_LIMIT,'4: allocate returned a frame although Frames are out'",
    "lookaside,BUG_NO_LIMIT,'4: allocate returned a frame although Frames are out'",
    "pool,BUG_MISALIGNED,'2: allocate returned a frame that is not aligned as FileAlignment says'",
    "slab,BUG_MISALIGNED,'3: allocate returned a frame that is not aligned as FileAlignment says'",
    "slab,BUG_OVERLAP,'3: allocate returned memory that overlaps frame 1'",
    "pool,BUG_LEAK_ON_DELETE,'7: 1 block ''PSrc'' (100 bytes) still allocated, no frame lies in them'",
    "lookaside,BUG_USE_AFTER_DELETE,'7: block ''LCtx'' of '",
    "slab,BUG_LOCK_HELD,'4: returned with spin lock '"
  })
  void failsWhereTheFaultIs(String name, String bug, String said) throws IOException {
    Run run = sample(name, bug, CALLS);

    assertThat(run.said()).startsWith("FAILED at seq " + said);
    assertThat(run.code()).isEqualTo(1);
  }

  @Test
  void showsAFrameThatIsHandedOutTwice() throws IOException {
    assertThat(sample("slab", "BUG_DOUBLE_FREE", DOUBLE_FREE).said())
        .isEqualTo(
            "FAILED at seq 6: allocate returned an address that is out already, as frame 2\n");
    assertThat(sample("slab", "", DOUBLE_FREE)).isEqualTo(new Run(0, "passed: 6 calls\n"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"cc -std=c11 -pedantic", "cc -std=c17", "c++ -x c++ -std=c++11 -pedantic"})
  void compilesWithoutAWarning(String how) throws IOException {
    Natives.compiler();
    List<String> words = List.of(how.split(" "));
    assumeTrue(Natives.isOnPath(words.get(0)), "skipped: no " + words.get(0));
    for (String recording : List.of(CALLS, DOUBLE_FREE, ALL, "1 trace_end\n")) {
      for (boolean callersFaults : new boolean[] {true, false}) {
        Path source =
            Files.writeString(
                folder.resolve("test.c"), source(recording, callersFaults, "StackFramesDispatch"));
        List<String> line = new ArrayList<>(words);
        line.addAll(List.of("-Wall", "-Wextra", "-Werror", "-O2", "-c", source.toString(), "-o"));
        line.add(folder.resolve("test.o").toString());
        assertThat(run(line)).as(recording).isEqualTo(new Run(0, ""));
      }
    }
  }

  private static final String ALL =
      """
      @kstrace.complete_start=true
      1 initialize pin=0x10 context=0xA status=STATUS_PENDING framing={options=0xffffffff pool=NonPagedPoolNx frames=4294967295 size=4294967295 align=0xffffffff reserved=7}
      2 initialize thread=4294967295 pin=0x10 status=STATUS_INSUFFICIENT_RESOURCES
      3 allocate context=0xFFFFFFFFFFFFFFFF frame=0xFFFFFFFFFFFFF000
      4 free context=0xA frame=0xFFFFFFFFFFFFFFFF
      18446744073709551615 delete context=0xA
      """;

  @Test
  void compilesForWindows() throws IOException {
    String compiler = "x86_64-w64-mingw32-gcc";
    assumeTrue(Natives.isOnPath(compiler), "skipped: no " + compiler);
    Path source =
        Files.writeString(folder.resolve("test.c"), source(CALLS, true, "StackFramesDispatch"));

    Run build =
        compiled(
            compiler,
            source,
            folder.resolve("test.exe"),
            Natives.source("stack_frames.c").toString());

    assertThat(build).isEqualTo(new Run(0, ""));
  }

  @Test
  void needsNothingButTheAllocator() throws IOException {
    Natives.compiler();
    for (boolean callersFaults : new boolean[] {false, true}) {
      Path source =
          Files.writeString(
              folder.resolve("test.c"), source(DOUBLE_FREE, callersFaults, "StackFramesDispatch"));
      Path program = folder.resolve("test");
      Run build = compiled("cc", source, program, Natives.source("stack_frames.c").toString());
      assertThat(build).isEqualTo(new Run(0, ""));
      assertThat(run(List.of(program.toString())).said())
          .isEqualTo(
              callersFaults
                  ? "FAILED at seq 4: the caller frees frame 1 again\n"
                  : "FAILED at seq 6: allocate returned an address that is out already, as frame"
                      + " 2\n");
    }
  }

  @Test
  void asksForATableWhereNoneIsNamed() throws IOException {
    Natives.compiler();
    Path source = Files.writeString(folder.resolve("test.c"), source(CALLS, false, ""));

    assertThat(compiled("cc", source, folder.resolve("test.o"), "-c").said())
        .contains("name the allocator's KSALLOCATOR_DISPATCH: -DKSALLOCATOR_TABLE=SYMBOL");
    assertThat(compiled("cc", source, folder.resolve("test.o"), "-c", "-DKSALLOCATOR_TABLE=Table"))
        .isEqualTo(new Run(0, ""));
  }

  @Test
  void writesTheCallsAsTheyAreRead() {
    assertThat(source(DOUBLE_FREE, false, "Table"))
        .contains(
            """
              at(1, 4u, 0, 0);
              /* STATUS_SUCCESS; OptionsFlags, PoolType, Frames, FrameSize, FileAlignment, Reserved */
              initialize(0, 0x10ull, MADE, 0x2u, 0u, 4u, 1000u, 0x0u, 0u);
              at(2, 4u, 0, 1000);
              allocate(0, 1, MADE);
              at(3, 4u, 0, 2000);
              free_frame(0, 1, 0);
              at(4, 4u, 0, 3000);
              callers_fault("frees frame 1 again");
              free_frame(0, 1, 0);
            """);
  }

  @Test
  void showsTextOfTheTraceAsACommentOnly() {
    Reproducer hostile =
        new Reproducer(
            "a*/int x;/*\u001b[2J\\u002a/@CALLS@",
            CallScriptTest.script(CALLS),
            List.of("*/#error\n#include \"/etc/passwd\" \u00e4"),
            false);
    String text = hostile.asCTest("Table");

    assertThat(text.substring(0, text.indexOf("#include <stdint.h>")))
        .containsOnlyOnce("*/")
        .contains("a* /int x;/ *", "/u001b[2J", "@CALLS@: makes the 7", "* /#error/n#include");
    assertThat(hostile.asJUnitTest("SomeTest", "Some"))
        .doesNotContain("\\u")
        .contains("&#64;CALLS");
    assertThat(text).isASCII();
  }
}
