package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds for every format of {@code kstrace export}. */
final class ExportCommandTest {
  @TempDir Path folder;
  private Cli cli;

  @BeforeEach
  void makeTrace() throws IOException {
    cli = new Cli(folder);
    Samples.write(cli.file("t.arrow"), Samples.DOUBLE_FREE);
  }

  private Cli.Result export(String trace, ExportCommand.Format format, String out, String... more) {
    List<String> line =
        new ArrayList<>(List.of("export", "@" + trace, "--format", format.word(), "-o", "@" + out));
    line.addAll(List.of(more));
    if (format == ExportCommand.Format.C_TEST || format == ExportCommand.Format.JUNIT_TEST) {
      line.addAll(List.of("--large", "-q"));
    }
    if (format == ExportCommand.Format.JUNIT_TEST) {
      line.addAll(List.of("--target", "java:Mine"));
    }
    return cli.run(line.toArray(String[]::new));
  }

  @ParameterizedTest
  @CsvSource({
    "export @t.arrow -o @x, 'which format? give --format with one of parquet, csv, ndjson,'",
    "export @t.arrow --format csv, where to? give -o FILE",
    "export @t.arrow --format xls -o @x, 'invalid value for option ''--format'': expected one of p'",
    "export @t.arrow --format csv --table cals -o @x, 'there is no table cals; there are events, c'",
    "export @t.arrow --format perfetto --table calls -o @x, --table is not for --format perfetto",
    "export @t.arrow --format duckdb --at 5 -o @x, --at is not for --format duckdb",
    "export @t.arrow --format csv --weight bytes -o @x, --weight is not for --format csv",
    "export @t.arrow --format speedscope --at yesterday -o @x, '''yesterday'' is no place in a trace'",
    "export @t.arrow --format csv -o @t.arrow -f, cannot write t.arrow: it is the input itself",
    "export @t.arrow --format csv -o @no/x, cannot write no/x: its folder does not exist",
  })
  void saysWhatIsWrong(String line, String message) {
    Cli.Result result = cli.run(line.split(" ", -1));

    assertThat(result.err()).startsWith("kstrace: " + message);
    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(folder).isDirectoryContaining("glob:**/t.arrow");
    assertThat(folder.toFile().list()).containsExactly("t.arrow");
  }

  @ParameterizedTest
  @EnumSource(ExportCommand.Format.class)
  void replacesOnlyWhenTold(ExportCommand.Format format) throws IOException {
    Files.writeString(cli.file("out"), "mine");

    Cli.Result refused = export("t.arrow", format, "out");

    assertThat(refused.code()).isEqualTo(ExitCode.USAGE);
    assertThat(refused.err()).startsWith("kstrace: cannot write out: it ");
    assertThat(cli.file("out")).hasContent("mine");
    assertThat(folder.toFile().list()).containsExactlyInAnyOrder("out", "t.arrow");
    Files.delete(cli.file("out"));
    assertThat(export("t.arrow", format, "out").all()).isEqualTo("exit 0\n");
    assertThat(export("t.arrow", format, "out", "-f").all()).isEqualTo("exit 0\n");
    assertThat(folder.toFile().list()).containsExactlyInAnyOrder("out", "t.arrow");
  }

  /** An empty trace, one that lost its end, one with losses, and one of a stranger. */
  @ParameterizedTest
  @EnumSource(ExportCommand.Format.class)
  void exportsWhatThereIs(ExportCommand.Format format) throws IOException {
    Samples.write(cli.file("empty.arrow"), "@kstrace.origin=recorded\n");
    Samples.writeWithoutFooter(cli.file("cut.arrow"), Samples.DOUBLE_FREE);
    Samples.write(
        cli.file("lossy.arrow"),
        "1 events_lost t=5 detail={\"count\":7,\"cause\":\"full\"}\n9 free t=-3 context=1 frame=2\n");
    EventBatch batch = new EventBatch(1000);
    HostileFiles.hostileEvents().forEach(batch::add);
    try (TraceWriter writer =
        TraceWriter.create(cli.file("evil.arrow"), HostileFiles.hostileMetadata(), false)) {
      writer.write(batch);
    }
    for (String trace : List.of("empty.arrow", "cut.arrow", "lossy.arrow", "evil.arrow")) {
      assertThat(export(trace, format, trace + ".out").all()).as(trace).isEqualTo("exit 0\n");
      assertThat(cli.file(trace + ".out")).exists();
    }
  }

  @ParameterizedTest
  @EnumSource(ExportCommand.Format.class)
  void leavesNothingWhereTheTraceIsDamaged(ExportCommand.Format format) throws IOException {
    cli.run("capture", "sim", "--profile", "bda-ts-50", "--frames", "20000", "-o", "@x.arrow");
    byte[] bytes = Files.readAllBytes(cli.file("x.arrow"));
    bytes[bytes.length / 2] ^= 1;
    Files.write(cli.file("x.arrow"), bytes);

    Cli.Result result = export("x.arrow", format, "out");

    assertThat(result.code()).as(result.all()).isEqualTo(ExitCode.UNREADABLE);
    assertThat(result.err()).startsWith("kstrace: x.arrow");
    assertThat(folder.toFile().list()).containsExactlyInAnyOrder("t.arrow", "x.arrow");
  }

  @ParameterizedTest
  @EnumSource(
      value = ExportCommand.Format.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"DUCKDB", "JUNIT_TEST"}) // the name of the class is that of the file
  void givesTheSameBytes(ExportCommand.Format format) throws IOException {
    cli.run("capture", "sim", "--profile", "tvcap-uyvy-ntsc", "-o", "@x.arrow");
    export("x.arrow", format, "one");
    export("x.arrow", format, "two");

    try (var files = Files.walk(cli.file("one"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path other = cli.file("two").resolve(cli.file("one").relativize(file).toString());
        assertThat(other).hasSameBinaryContentAs(file);
      }
    }
  }

  @Test
  void saysThatTheDiskIsFull() {
    Path full = Path.of("/dev/full");
    assumeThat(full).as("a device that is always full").exists();

    assertThat(cli.run("export", "@t.arrow", "--format", "csv", "-f", "-o", "/dev/full").code())
        .isEqualTo(ExitCode.USAGE);
  }
}
