package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kstrace.replay.host.CCompiler;
import dev.kstrace.replay.host.NativeBuildException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kstrace build-target}, and {@code kstrace replay} of what it builds. */
final class BuildTargetCommandTest {
  @TempDir Path folder;
  private Cli cli;

  @BeforeEach
  void makeCli() {
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.put("KSTRACE_CACHE", folder.resolve("cache").toString());
    cli = new Cli(folder, "", false, environment);
  }

  private static Path sample(String name) {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(root.resolve("replay/src/test/c"))) {
      root = root.getParent();
    }
    return root.resolve("replay/src/test/c").resolve(name);
  }

  private static void needCompiler() {
    try {
      CCompiler.find(System.getenv());
    } catch (NativeBuildException e) {
      assumeTrue(false, "skipped: " + e.getMessage());
    }
  }

  @Test
  void leadsFromADriversSourceToAVerdict() throws IOException {
    needCompiler();
    Files.copy(sample("pool_frames.c"), cli.file("driver.c"));
    cli.run("capture", "sim", "--profile", "mic-pcm-48k-10ms", "--frames", "40", "-o", "@in.arrow");

    assertThat(
            cli.run("build-target", "@driver.c", "-D", "BUG_LEAK_ON_DELETE", "-o", "@bad.so").all())
        .isEqualTo("exit 0\nwrote bad.so\n");
    assertThat(cli.run("build-target", "@driver.c", "-o", "@good.so").code()).isZero();
    String[] replay = {"replay", "@in.arrow", "--table", "PoolAllocatorDispatch", "--target"};
    Cli.Result bad = cli.run(with(replay, "native:" + cli.file("bad.so"), "-o", "@bad.arrow"));
    Cli.Result good = cli.run(with(replay, "native:" + cli.file("good.so"), "-o", "@good.arrow"));

    assertThat(bad.out())
        .matches(
            "(?s)replayed \\d+ calls on native:bad.so: all as recorded\n.*  noticed: pool-leak .*");
    assertThat(cli.run("check", "-q", "@bad.arrow").out())
        .contains(
            "allocator-pool-leak", "delete leaves memory of the allocator's own: 1 block 'PSrc'")
        .doesNotContain("frame-leak");
    assertThat(good.out())
        .startsWith("replayed ")
        .contains(" calls on native:good.so: all as recorded\n")
        .doesNotContain("noticed");
    assertThat(cli.run("check", "-q", "@good.arrow").code()).isZero();
  }

  private static String[] with(String[] start, String... rest) {
    String[] all = java.util.Arrays.copyOf(start, start.length + rest.length);
    System.arraycopy(rest, 0, all, start.length, rest.length);
    return all;
  }

  @Test
  void showsTheCommandsItRuns() throws IOException {
    needCompiler();
    Files.copy(sample("pool_frames.c"), cli.file("driver.c"));

    assertThat(cli.run("build-target", "-v", "@driver.c", "-o", "@t.so").err())
        .contains(
            " -shared -fPIC ", " -fshort-wchar ", "/shim ", "driver.c ", "-o t.so\nwrote t.so\n");
    assertThat(cli.run("replay", "--print-host-build").out())
        .contains(" -std=gnu11 ", "kst_host.c ", " -lpthread\n");
    String shim = cli.run("build-target", "--shim").out().strip();
    assertThat(folder.resolve(shim).resolve("ntddk.h")).exists();
  }

  @Test
  void keepsTheLastLibraryWhereTheCompilerFails() throws IOException {
    needCompiler();
    Files.writeString(cli.file("driver.c"), "#include <ntddk.h>\nint x = nonsense;\n");
    Files.writeString(cli.file("t.so"), "the last one");

    Cli.Result result = cli.run("build-target", "@driver.c", "-f", "-o", "@t.so");

    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err())
        .startsWith("kstrace: the C compiler failed, exit code 1: ")
        .contains("\ndriver.c:2:9: error: ");
    assertThat(cli.file("t.so")).hasContent("the last one");
    assertThat(folder).isDirectoryNotContaining("glob:**target*.so");
  }

  @Test
  void refusesWhatCannotBeBuilt() throws IOException {
    needCompiler();
    Files.writeString(cli.file("driver.c"), "int x;\n");
    Files.writeString(cli.file("t.so"), "mine");

    assertThat(cli.run("build-target", "@none.c", "-o", "@x.so").all())
        .isEqualTo("exit 3\nkstrace: cannot read none.c: there is no such file\n");
    assertThat(cli.run("build-target", "-o", "@x.so").all())
        .isEqualTo("exit 2\nkstrace: which files? give the driver's .c or .cpp files\n");
    assertThat(cli.run("build-target", "@driver.c").all())
        .isEqualTo("exit 2\nkstrace: where to? give -o LIB, the shared library to make\n");
    assertThat(cli.run("build-target", "@driver.c", "-o", "@t.so").all())
        .isEqualTo(
            "exit 2\nkstrace: cannot write t.so: it exists already; choose another name, or -f to"
                + " replace it\n");
    assertThat(cli.run("build-target", "@driver.c", "--sanitize", "leak", "-o", "@x.so").all())
        .isEqualTo(
            "exit 2\nkstrace: unknown sanitizer, sanitize=leak, expected address, undefined or"
                + " thread\n");
    assertThat(cli.file("t.so")).hasContent("mine");
  }
}
