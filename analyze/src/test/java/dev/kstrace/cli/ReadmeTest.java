package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The documents at the top of the project say what is true. */
class ReadmeTest {
  static final Path ROOT = root();

  @TempDir Path folder;

  private static Path root() {
    Path path = Path.of("").toAbsolutePath();
    while (!Files.exists(path.resolve("README.md")) || !Files.exists(path.resolve("traces"))) {
      path = path.getParent();
    }
    return path;
  }

  private static String read(String file) throws IOException {
    return Files.readString(ROOT.resolve(file)).replace("\r\n", "\n");
  }

  @Test
  void demoPrintsWhatTheReadmeShows() throws Exception {
    Matcher block =
        Pattern.compile("```console\n(.*?)\n```", Pattern.DOTALL).matcher(read("README.md"));
    assertThat(block.find()).isTrue();
    Path out = folder.resolve("out.txt");
    Process demo =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "dev.kstrace.cli.Main",
                "demo")
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(demo.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readString(out, StandardCharsets.UTF_8).strip()).isEqualTo(block.group(1));
    assertThat(demo.exitValue()).isZero();
    assertThat(folder.resolve("kstrace-demo"))
        .isDirectoryContaining("glob:**/{faulty,reproduced,fixed}.arrow");
  }

  @Test
  void ciRunsTheTestCommandOfTheReadme() throws IOException {
    assertThat(read("README.md")).contains("\n```\nmvn verify\n```\n");
    assertThat(read(".ci/run")).containsPattern("\nmvn .*\\bverify\n").contains("./kstrace demo");
  }

  @Test
  void everyCommandIsInTheReadme() throws IOException {
    String readme = read("README.md");
    assertThat(Commands.names())
        .allSatisfy(name -> assertThat(readme).contains("`kstrace " + name));
  }
}
