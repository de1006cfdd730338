package dev.kstrace.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kstrace.traces.TraceMetadata;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Allocators that users wrote in Java and compiled somewhere else. */
class JavaTargetsTest {
  private static final TraceMetadata METADATA = TraceMetadata.of(Map.of());

  @TempDir static Path classes;

  @BeforeAll
  static void compileUserClasses() throws IOException {
    String body =
        """
          public int initialize(long pin, dev.kstrace.traces.Framing framing, ContextOut context) {
            context.value = 0x77;
            return 0;
          }
          public void delete(long context) {}
          public long allocate(long context) { return 0x12000; }
          public void free(long context, long frame) {}
          public void close() { System.setProperty("user.allocator", "closed"); }
        }
        """;
    String implementing = " implements dev.kstrace.capture.AllocatorDispatch";
    compile("Good", "public class Good" + implementing + ", java.io.Closeable {" + body);
    compile("Hidden", "class Hidden" + implementing + " {" + body);
    compile("Half", "public abstract class Half" + implementing + " {}");
    compile("Needy", "public class Needy" + implementing + " { public Needy(int n) {}" + body);
    compile(
        "Angry",
        "public class Angry"
            + implementing
            + " { public Angry() { throw new IllegalStateException(\"no pool\"); }"
            + body);
    compile(
        "Broken",
        "public class Broken"
            + implementing
            + " { static final int ZERO = Integer.parseInt(\"x\");"
            + body);
    compile("Other", "public class Other {}");
  }

  private static void compile(String name, String source) throws IOException {
    Path file = Files.createDirectories(classes.resolve("src/user")).resolve(name + ".java");
    Files.writeString(file, "package user;\n" + source);
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-proc:none",
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                classes.toString(),
                file.toString());
    assertThat(result).isZero();
  }

  private static ReplayTarget load(String name, Path... classPath) {
    return ReplayTargets.parse("java:" + name, METADATA, List.of(classPath));
  }

  private static void drive(ReplayTarget target) throws IOException {
    try (target) {
      assertThat(target.name()).isEqualTo("java:user.Good");
      Replays.Result result =
          Replays.run(
              """
              1 initialize irql=0 pin=0x10 context=0xA status=STATUS_SUCCESS
              2 allocate irql=2 context=0xA frame=0x5000
              """,
              target);
      assertThat(result.divergences()).isEmpty();
      assertThat(result.lines().get(1))
          .isEqualTo("2 allocate callback t=2000..2500 irql=2 context=0x77 frame=0x12000");
    }
  }

  @Test
  void drivesAClassFromADirectoryAndClosesItInTheEnd() throws IOException {
    System.clearProperty("user.allocator");
    drive(load("user.Good", classes));
    assertThat(System.clearProperty("user.allocator")).isEqualTo("closed");
  }

  @Test
  void drivesAClassFromAJar() throws IOException {
    Path jar = classes.resolve("user.jar");
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream entries = new JarOutputStream(out)) {
      entries.putNextEntry(new JarEntry("user/Good.class"));
      Files.copy(classes.resolve("user/Good.class"), entries);
    }
    drive(load("user.Good", jar));
  }

  @Test
  void drivesAClassOfTheToolsOwnClassPath() throws IOException {
    try (ReplayTarget target = load(SmallAllocator.class.getName())) {
      assertThat(target.allocate(1)).isNotZero();
    }
  }

  @Test
  void saysWhatIsWrongWithAClass() {
    assertRefused("user.Missing", "class not found on class path [" + classes + "]");
    assertRefused("user.Other", "it does not implement dev.kstrace.capture.AllocatorDispatch");
    assertRefused("user.Needy", "it has no public constructor without parameters");
    assertRefused("user.Hidden", "it is not a public class that can be instantiated");
    assertRefused("user.Half", "it is not a public class that can be instantiated");
    assertRefused("user.Angry", "its constructor threw java.lang.IllegalStateException: no pool");
    assertRefused(
        "user.Broken",
        "it cannot be loaded: java.lang.NumberFormatException: For input string: \"x\"");
    assertRefused("user/Good", "it cannot be loaded: java.lang.NoClassDefFoundError", true);
  }

  private static void assertRefused(String name, String reason) {
    assertRefused(name, reason, false);
  }

  private static void assertRefused(String name, String reason, boolean startOnly) {
    String message = "cannot use target java:" + name + ": " + reason;
    assertThatThrownBy(() -> load(name, classes))
        .isInstanceOf(IllegalArgumentException.class)
        .satisfies(
            e -> {
              if (startOnly) {
                assertThat(e).hasMessageStartingWith("cannot use target java:" + name + ": ");
              } else {
                assertThat(e).hasMessage(message);
              }
            });
  }

  @Test
  void saysThatAnEntryOfTheClassPathIsMissing() {
    Path missing = classes.resolve("nowhere.jar");
    assertThatThrownBy(() -> load("user.Good", missing))
        .hasMessage(
            "cannot use target java:user.Good: class path entry " + missing + " does not exist");
  }

  @Test
  void saysWhichTargetsThereAre() {
    assertThatThrownBy(() -> ReplayTargets.parse("gizmo:1", METADATA, List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("target=gizmo:1")
        .hasMessageContaining("java:CLASS");
  }
}
