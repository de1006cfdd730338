package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kstrace replay --interactive}, with commands from a pipe. */
final class ReplayInteractiveTest {
  private static final String STINGY = "java:dev.kstrace.cli.StingyAllocator";

  @TempDir Path folder;
  private Cli cli;

  @BeforeEach
  void makeCli() throws IOException {
    cli = new Cli(folder);
    Samples.write(cli.file("in.arrow"), Samples.DOUBLE_FREE);
  }

  private String run(String target, String commands) {
    Cli.Result result =
        cli.withInput(commands).run("replay", "@in.arrow", "--target", target, "--interactive");
    assertThat(result.all()).startsWith("exit 0\nin front of the first of 8 events\n");
    return result.out().substring("in front of the first of 8 events\n".length());
  }

  @Test
  void stepsForwardAndBack() {
    String once = run("sim:default", "step 3\n");
    assertThat(once)
        .startsWith("recorded 3 allocate callback ")
        .contains("\ntarget   3 allocate callback ");
    assertThat(run("sim:default", "step 5\nback 2\nwhere\ns\nb\n"))
        .startsWith("recorded 5 free ")
        .contains(once + once)
        .endsWith(once);
    assertThat(run("sim:default", "back\nstep 100\n"))
        .startsWith("in front of the first of 8 events\nrecorded 8 trace_end ");
  }

  @Test
  void goesToPlaces() {
    assertThat(run("sim:default", "goto 4\ngoto start\ngoto end\nmark\ngoto 77\ngoto x\n"))
        .startsWith("recorded 4 free ")
        .contains("\nin front of the first of 8 events\nrecorded 8 trace_end ")
        .endsWith(
            """
            no mark comes behind here
            the recording has no seq 77
            x: expected a seq, start or end
            """);
  }

  @Test
  void showsFramesAndAllocators() {
    assertThat(run("sim:default", "frames\nallocators\nstep 3\nframes\nallocators\npool\n"))
        .startsWith("0 frames out\n0 allocators\n")
        .containsPattern(
            "\n1 frame out\n  0x10000, target 0xffff9a8\\w+, 4,096 bytes, allocator #1, since seq 3\n"
                + "1 allocator\n  #1, context 0x20, target 0xffff9a8\\w+, 1 frame out, framing:"
                + " NonPagedPool, Frames 4, FrameSize 4,096, ")
        .endsWith("\nthis target does not tell\n");
    assertThat(run("sim:default", "goto 4\nframes\n")).endsWith("\n0 frames out\n");
  }

  @Test
  void stopsWhereItIsTold() {
    assertThat(run(STINGY, "break divergence\ncontinue\nb\nc\nframes\nc\nc\n"))
        .contains(
            "break 1: divergence\nbreak divergence\nrecorded 3 allocate ",
            "\ndiffers  seq 3 allocate context=0x20: recorded 0x10000, target returned NULL",
            "\n1 frame out\n  0x10000, target none, allocator #1, since seq 3\n",
            "\nbreak divergence\nrecorded 4 free ",
            "\nbreak divergence\nrecorded 5 free ");
    assertThat(run("sim:default", "break frame 0x10000\nc\nc\nc\nc\n"))
        .containsSubsequence(
            "\nrecorded 3 ", "\nrecorded 4 ", "\nrecorded 5 ", "end of the recording\nrecorded 8 ");
    assertThat(run("sim:default", "break context 32\nbreak seq 7\nbreaks\ndelete 1\nc\n"))
        .contains("1: context 32\n2: seq 7\n1: seq 7\nbreak seq 7\nrecorded 7 pin_close ");
    assertThat(run("sim:default", "break rule double-free\ncontinue\nfindings\n"))
        .startsWith("blamed by it: 1 event\nbreak 1: rule double-free\n")
        .contains("break rule double-free\nrecorded 5 free ")
        .contains("\n1 finding\n  seq 5 error double-free: ");
  }

  @Test
  void saysWhereTheTargetDies() {
    String died =
        run("java:dev.kstrace.cli.DyingAllocator", "continue\nback\nstep\nstep\nfindings\n");
    assertThat(died)
        .contains(
            "recorded 3 allocate ",
            "target died at seq 4: java.lang.IllegalStateException: pool is corrupt\\u001b[2J\n");
  }

  @Test
  void refusesWhatItCannotDo() {
    assertThat(
            run(
                "sim:default",
                """
                # a comment

                dance
                step x
                step 1 2
                break
                break rule double-fre
                break frame nought
                delete 1
                breaks
                quit
                step
                """))
        .isEqualTo(
            """
            there is no dance; help lists all
            x: expected a number of events
            1 2: expected a number of events
            expected break rule ID, context ADDRESS, frame ADDRESS, seq SEQ or divergence
            there is no rule double-fre; did you mean double-free?
            nought: expected an address as the recording has it, such as 0x5000
            expected the number of a break, 1 to 0
            no breaks
            """);
    assertThat(run("sim:default", "help\n")).contains("back [N]                undo the last");
    assertThat(
            cli.run(
                    "replay",
                    "@in.arrow",
                    "--target",
                    "sim:default",
                    "--interactive",
                    "--from",
                    "77")
                .out())
        .isEqualTo("the recording has no seq 77\n");
  }
}
