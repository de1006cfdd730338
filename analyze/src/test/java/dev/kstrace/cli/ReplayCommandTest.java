package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kstrace replay}. */
final class ReplayCommandTest {
  @TempDir Path folder;
  private Cli cli;

  @BeforeEach
  void makeCli() throws IOException {
    cli = new Cli(folder);
    Samples.write(cli.file("in.arrow"), Samples.CLEAN);
  }

  @Test
  void saysSoWhereTheTargetDoesAsRecorded() {
    assertThat(cli.run("replay", "@in.arrow", "--target", "sim:default", "-o", "@out.arrow").all())
        .isEqualTo(
            """
            exit 0
            wrote out.arrow
            replayed 4 calls on sim:default: all as recorded
            """);
    assertThat(cli.run("text", "@out.arrow").out())
        .startsWith(
            """
            @kstrace.complete_start=true
            @kstrace.origin=replayed
            """)
        .contains(" allocate callback t=3000..3500 thread=7 irql=0 context=0xffff9a8");
  }

  @Test
  void writesTheSameBytesTwice() throws IOException {
    cli.run("replay", "@in.arrow", "--target", "sim:default", "-o", "@a.arrow");
    cli.run("replay", "@in.arrow", "--target", "sim:default", "-o", "@b.arrow");

    assertThat(cli.file("b.arrow")).hasBinaryContent(Files.readAllBytes(cli.file("a.arrow")));
  }

  @Test
  void showsTheFirstDivergence() {
    Cli.Result result =
        cli.run(
            "replay",
            "@in.arrow",
            "--target",
            "java:dev.kstrace.cli.StingyAllocator",
            "-q",
            "-o",
            "@out.arrow");

    assertThat(result.all())
        .isEqualTo(
            """
            exit 4
            replayed 3 calls on java:dev.kstrace.cli.StingyAllocator: 1 call differs
              nullness 1
              skipped 1

            first divergence: seq 3 allocate context=0x20: recorded 0x10000, target returned NULL \
            (nullness)
              the events before it:
                1 pin_create none t=0 pin=0x10 detail={"name":"capture"}
                2 initialize callback t=2000..2500 thread=7 irql=0 pin=0x10 context=0x20 \
            status=STATUS_SUCCESS framing={options=0x0 pool=NonPagedPool frames=4 size=4096 \
            align=0x3f reserved=0x0}
              also: seq 4 free context=0x20: recorded call, target not called, as it has no such \
            frame (skipped)
            """);
    assertThat(cli.run("info", "@out.arrow").code()).isZero();
  }

  @Test
  void stopsAtTheFirstDivergenceWhereAsked() {
    Cli.Result result =
        cli.run(
            "replay",
            "@in.arrow",
            "--target",
            "java:dev.kstrace.cli.StingyAllocator",
            "--on-divergence",
            "stop");

    assertThat(result.code()).isEqualTo(ExitCode.DIVERGED);
    assertThat(result.out())
        .startsWith(
            """
            replayed 2 calls on java:dev.kstrace.cli.StingyAllocator: 1 call differs
              nullness 1
            """)
        .doesNotContain("also:");
  }

  @Test
  void survivesTheDeathOfATarget() {
    Cli.Result result =
        cli.run(
            "replay",
            "@in.arrow",
            "--target",
            "java:dev.kstrace.cli.DyingAllocator",
            "-o",
            "@out.arrow");

    assertThat(result.all())
        .isEqualTo(
            """
            exit 5
            wrote out.arrow
            replayed 2 calls on java:dev.kstrace.cli.DyingAllocator until it died: all as recorded

            target died at seq 4: java.lang.IllegalStateException: pool is corrupt\\u001b[2J
              what led to it, as recorded:
                2 initialize callback t=2000..2500 thread=7 irql=0 pin=0x10 context=0x20 \
            status=STATUS_SUCCESS framing={options=0x0 pool=NonPagedPool frames=4 size=4096 \
            align=0x3f reserved=0x0}
                3 allocate callback t=3000..3500 thread=7 irql=0 context=0x20 frame=0x10000 size=4096
                4 free callback t=4000..4500 thread=7 irql=2 context=0x20 frame=0x10000
            """);
    assertThat(cli.run("text", "@out.arrow").out()).contains("\n3 allocate ", "frame=0x10000");
  }

  @Test
  void saysThatACutRecordingEndsEarly() throws IOException {
    Samples.write(
        cli.file("cut.arrow"), Samples.CLEAN.substring(0, Samples.CLEAN.indexOf("4 free")));

    assertThat(cli.run("replay", "@cut.arrow", "--target", "sim:default").all())
        .isEqualTo(
            """
            exit 0
            replayed 2 calls on sim:default: all as recorded
              note: The recording has no orderly end: it was replayed as far as it goes.
            """);
  }

  @Test
  void reproducesAnAllocatorsFaultAndProvesItsRepair() {
    cli.run(
        "capture", "sim", "--profile", "mic-pcm-48k-10ms", "--fault", "misalign", "-o", "@f.arrow");

    cli.run(
        "replay", "@f.arrow", "--target", "sim:mic-pcm-48k-10ms+misalign", "-o", "@again.arrow");
    cli.run("replay", "@f.arrow", "--target", "sim:mic-pcm-48k-10ms", "-o", "@fixed.arrow");

    assertThat(cli.run("check", "-q", "@f.arrow").code()).isEqualTo(ExitCode.FINDINGS);
    assertThat(cli.run("check", "-q", "@again.arrow").out()).contains("frame-misaligned");
    assertThat(cli.run("check", "-q", "@fixed.arrow").all())
        .isEqualTo("exit 0\nfixed.arrow: no findings\n");
  }
}
