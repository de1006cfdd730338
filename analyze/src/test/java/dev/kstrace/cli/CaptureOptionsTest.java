package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How {@code kstrace capture sim} records. */
class CaptureOptionsTest {
  @TempDir private Path folder;

  private Cli cli;

  @BeforeEach
  void inFolder() {
    cli = new Cli(folder);
  }

  private Cli.Result capture(String file, String... options) {
    String[] args = new String[options.length + 8];
    String[] fixed = {
      "capture", "sim", "--profile", "mic-pcm-48k-10ms", "--frames", "5000", "-qo", file
    };
    System.arraycopy(fixed, 0, args, 0, fixed.length);
    System.arraycopy(options, 0, args, fixed.length, options.length);
    return cli.run(args);
  }

  @Test
  void aRingKeepsTheNewestAndGetsTheSameVerdict() throws IOException {
    assertThat(capture("@whole.arrow").all()).isEqualTo("exit 0\n");
    assertThat(capture("@ring.arrow", "--ring", "1MB").all()).isEqualTo("exit 0\n");
    assertThat(Files.size(cli.file("ring.arrow"))).isLessThan(900_000);
    assertThat(cli.run("check", "@ring.arrow").code()).isZero();
    assertThat(cli.run("info", "@ring.arrow").out()).contains("kstrace.snapshot_rows");
  }

  @Test
  void zstdSavesFourFifths() throws IOException {
    assertThat(capture("@plain.arrow").code()).isZero();
    assertThat(capture("@zstd.arrow", "--compress", "zstd").code()).isZero();
    assertThat(Files.size(cli.file("zstd.arrow")))
        .isLessThan(Files.size(cli.file("plain.arrow")) / 5);
    assertThat(cli.run("text", "@zstd.arrow").out())
        .isEqualTo(cli.run("text", "@plain.arrow").out());
  }

  @Test
  void realThreadsTakeTheOptionsOfTheBuffer() {
    assertThat(
            capture("@real.arrow", "--real-threads", "--on-full", "drop", "--flush-ms", "5").all())
        .isEqualTo("exit 0\n");
  }

  @Test
  void saysWhatIsWrongWithAnOption() {
    assertThat(capture("@x.arrow", "--ring", "much").all())
        .isEqualTo(
            "exit 2\nkstrace: size=much, expected a number with kB, MB or GB, such as 64MB\n");
    assertThat(capture("@x.arrow", "--ring", "64kB").all())
        .isEqualTo("exit 2\nkstrace: ring=65536 bytes, expected at least 1048576\n");
    assertThat(capture("@x.arrow", "--flush-ms", "5").all())
        .isEqualTo(
            "exit 2\n"
                + "kstrace: --on-full and --flush-ms need --real-threads; without, nothing is"
                + " buffered for long\n");
    assertThat(capture("@x.arrow", "--real-threads", "--flush-ms", "0").all())
        .isEqualTo("exit 2\nkstrace: flushMillis=0, expected at least 1\n");
    assertThat(cli.file("x.arrow")).doesNotExist();
  }
}
