package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kstrace replay}: parts, two targets, pace, JSON. */
final class ReplayMoreTest {
  private static final String STINGY = "java:dev.kstrace.cli.StingyAllocator";
  private static final Path GOLDENS = Path.of("src/test/resources/dev/kstrace/cli");

  private static final Set<String> OPERATIONS = Set.of("initialize", "allocate", "free", "delete");

  @TempDir Path folder;
  private Cli cli;

  @BeforeEach
  void makeCli() throws IOException {
    cli = new Cli(folder);
    Samples.write(cli.file("in.arrow"), Samples.CLEAN);
  }

  @Test
  void comparesFromAndUntilAPlace() {
    assertThat(
            cli.run(
                    "replay",
                    "@in.arrow",
                    "--target",
                    STINGY,
                    "--from",
                    "4",
                    "--until",
                    "4",
                    "-o",
                    "@out.arrow")
                .all())
        .isEqualTo(
            """
            exit 4
            wrote out.arrow
            replayed 2 calls on java:dev.kstrace.cli.StingyAllocator: 1 call was left out
              skipped 1
              note: Events before seq 4 were driven, to build the state, and not compared.
              note: Replayed up to seq 4, as asked for.

            first divergence: seq 4 free context=0x20: recorded call, target not called, as it has \
            no such frame (skipped)
              the events before it:
                1 pin_create none t=0 pin=0x10 detail={"name":"capture"}
                2 initialize callback t=2000..2500 thread=7 irql=0 pin=0x10 context=0x20 \
            status=STATUS_SUCCESS framing={options=0x0 pool=NonPagedPool frames=4 size=4096 \
            align=0x3f reserved=0x0}
                3 allocate callback t=3000..3500 thread=7 irql=0 context=0x20 frame=0x10000 size=4096
            """);
    assertThat(cli.run("text", "@out.arrow").out()).contains("\n4 mark ").doesNotContain("\n5 ");
  }

  @Test
  void comparesTwoTargets() {
    Cli.Result same =
        cli.run("replay", "@in.arrow", "--target", "sim:default", "--target", "sim:slab");
    assertThat(same.code()).isZero();
    assertThat(same.out())
        .startsWith("compared 4 calls on sim:default and sim:slab: the same\n\ntarget  ")
        .containsPattern("\nallocate, p50 / p99 / most +[\\d.]+ \\w+ / [\\d.]+ \\w+ / ")
        .containsPattern("\nframes out at most +1 +1\ntheir bytes +4,096 +4,096\n");

    Cli.Result differ =
        cli.run("replay", "@in.arrow", "--target", "sim:default", "--target", STINGY);
    assertThat(differ.code()).isEqualTo(ExitCode.DIVERGED);
    assertThat(differ.out())
        .startsWith(
            """
            compared 4 calls on sim:default and java:dev.kstrace.cli.StingyAllocator: they differ
              nullness 1
              skipped 1

            first difference (nullness):
              recorded: 3 allocate callback t=3000..3500 thread=7 irql=0 context=0x20 \
            frame=0x10000 size=4096
              sim:default: a frame
              java:dev.kstrace.cli.StingyAllocator: NULL
              also: seq 4 free: returned; not called, as its allocator or frame does not exist \
            (skipped)
            """);

    String dying = "java:dev.kstrace.cli.DyingAllocator";
    Cli.Result died = cli.run("replay", "@in.arrow", "--target", dying, "--target", "sim:slab");
    assertThat(died.code()).isEqualTo(ExitCode.TARGET_DIED);
    assertThat(died.out()).contains("\n  " + dying + ": target died at seq 4: ");
  }

  @Test
  void keepsThePace() {
    Cli.Result result = cli.run("replay", "@in.arrow", "--target", "sim:default", "--pace", "0.5x");
    assertThat(result.all())
        .matches(
            "exit 0\nreplayed 4 calls on sim:default: all as recorded\n"
                + "  pace: 4 calls, late by [\\d.]+ \\w+ \\(p50\\), [\\d.]+ \\w+ \\(p99\\), [\\d.]+"
                + " \\w+ \\(most\\)\n");
    assertThat(cli.run("replay", "@in.arrow", "--target", "sim:default", "--pace", "fast").all())
        .isEqualTo(
            "exit 2\nkstrace: --pace fast: expected none, recorded or a factor from 0.001x to"
                + " 1000000x\n");
  }

  /** Compares with a file, or writes it and fails where {@code -Dgolden.update=true}. */
  private static void requireGolden(String name, String text) throws IOException {
    Path file = GOLDENS.resolve(name);
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(file, text);
      throw new AssertionError("wrote " + file + "; run again without -Dgolden.update");
    }
    assertThat(text).isEqualTo(Files.readString(file).replace("\r\n", "\n"));
  }

  @Test
  void writesTheReportAsJson() throws IOException {
    requireGolden(
        "replay-diverged.json",
        cli.run("replay", "@in.arrow", "--target", STINGY, "--format", "json").out());
  }

  @Test
  void writesADeathAsJson() throws IOException {
    String dying = "java:dev.kstrace.cli.DyingAllocator";
    requireGolden(
        "replay-died.json",
        cli.run("replay", "@in.arrow", "--target", dying, "--format", "json").out());
  }

  @Test
  void documentsEveryFieldOfItsJson() throws IOException {
    String page = Files.readString(Path.of("../docs/replay.md"));
    Set<String> fields = new TreeSet<>();
    String in = "@in.arrow";
    for (String target : new String[] {STINGY, "java:dev.kstrace.cli.DyingAllocator"}) {
      fields(cli.run("replay", in, "--target", target, "--format", "json", "--pace", "9x"), fields);
      fields(
          cli.run("replay", in, "--target", target, "--target", "sim:slab", "--format", "json"),
          fields);
      fields(
          cli.run("replay", in, "--target", target, "--schedule", "1", "--format", "json"), fields);
    }
    assertThat(fields).contains("went_to_the_end", "most_bytes", "recorded_order", "max_ns");
    assertThat(fields).allSatisfy(field -> assertThat(page).as(field).contains("`" + field + "`"));
  }

  private static void fields(Cli.Result result, Set<String> fields) throws IOException {
    try (JsonParser parser =
        new JsonFactory().createParser(result.out().getBytes(StandardCharsets.UTF_8))) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.FIELD_NAME && !OPERATIONS.contains(parser.currentName())) {
          fields.add(parser.currentName());
        }
      }
    }
    fields.remove("schema");
  }
}
