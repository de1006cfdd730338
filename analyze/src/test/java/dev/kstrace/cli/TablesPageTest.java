package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.analyze.TablesPage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** docs/tables.md says what the code says, and its examples print what it shows. */
final class TablesPageTest {
  private static final Path PAGE = Path.of("..", "docs", "tables.md").toAbsolutePath().normalize();

  @TempDir Path folder;

  @Test
  void isWhatTheCodeSays() throws IOException {
    Cli cli = new Cli(folder);
    Cli.Result recorded =
        cli.run(
            "capture",
            "sim",
            "--profile",
            "tvcap-uyvy-ntsc",
            "--fault",
            "overlap-slots",
            "--seed",
            "7",
            "-o",
            "@faulty.arrow");
    assertThat(recorded.code()).as(recorded.all()).isZero();

    String page = TablesPage.text(sql -> answer(cli, sql));

    if (Boolean.getBoolean("golden.update")) {
      Files.createDirectories(PAGE.getParent());
      Files.writeString(PAGE, page);
      throw new AssertionError("rewrote " + PAGE);
    }
    assertThat(Files.readString(PAGE).replace("\r\n", "\n"))
        .as("-Dgolden.update=true rewrites it")
        .isEqualTo(page);
  }

  private static String answer(Cli cli, String sql) {
    Cli.Result result = cli.run("query", "@faulty.arrow", sql);
    assertThat(result.code()).as(result.all()).isZero();
    return result.out();
  }
}
