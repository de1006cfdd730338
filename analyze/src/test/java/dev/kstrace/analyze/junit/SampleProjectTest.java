package dev.kstrace.analyze.junit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;

/** The sample project compiles against what is built here, and its tests do what they say. */
final class SampleProjectTest {
  private static final Path SAMPLE = Path.of("samples", "junit");

  @TempDir Path folder;

  @Test
  void onePassesAndOneFailsWithTheFinding() throws Exception {
    compile();
    try (URLClassLoader loader =
        new URLClassLoader(
            new URL[] {folder.toUri().toURL()}, SampleProjectTest.class.getClassLoader())) {
      EngineExecutionResults results =
          EngineTestKit.engine("junit-jupiter")
              .selectors(
                  DiscoverySelectors.selectClass(loader.loadClass("example.RingAllocatorTest")),
                  DiscoverySelectors.selectClass(loader.loadClass("example.LeakyAllocatorTest")))
              .configurationParameter("kstrace.directory", folder.resolve("traces").toString())
              .execute();

      results.testEvents().assertStatistics(tests -> tests.started(2).succeeded(1).failed(1));
      Path trace = folder.resolve("traces/example.LeakyAllocatorTest/forgetsAFrame.arrow");
      assertThat(
              results.testEvents().failed().stream()
                  .map(event -> event.getRequiredPayload(TestExecutionResult.class))
                  .map(result -> result.getThrowable().orElseThrow().getMessage()))
          .containsExactly(
              String.join(
                  System.lineSeparator(),
                  "error frame-leak: seq 4: frame 0x10001000 (4096 bytes) is never freed,"
                      + " during two frames, one of them freed",
                  "warning frames-outstanding-at-delete: seq 6: delete with 1 of 2 frames still"
                      + " outstanding (4096 bytes), during two frames, one of them freed",
                  "trace: " + trace,
                  "next:  kstrace check " + trace));
      assertThat(trace).exists();
    }
  }

  private void compile() throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter said = new StringWriter();
    try (Stream<Path> files = Files.walk(SAMPLE.resolve("src"));
        StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
      List<Path> sources = files.filter(file -> file.toString().endsWith(".java")).toList();
      boolean compiled =
          compiler
              .getTask(
                  said,
                  manager,
                  null,
                  List.of("-d", folder.toString(), "-proc:none", "--release", "17"),
                  null,
                  manager.getJavaFileObjectsFromPaths(sources))
              .call();
      assertThat(compiled).as(said.toString()).isTrue();
    }
  }

  @Test
  void asksForTheVersionThatIsBuilt() throws IOException {
    String parent = Files.readString(Path.of("pom.xml"));
    String version = parent.replaceAll("(?s).*?<parent>.*?<version>(.*?)</version>.*", "$1");

    assertThat(Files.readString(SAMPLE.resolve("pom.xml")))
        .contains("<version>" + version + "</version>");
  }
}
