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

/** {@code kstrace replay --explore} and {@code --schedule}. */
final class ReplayExploreTest {
  private static final String FORGETFUL = "java:dev.kstrace.cli.ForgetfulAllocator";

  @TempDir Path folder;
  private Cli cli;

  @BeforeEach
  void makeCli() throws IOException {
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.put("KSTRACE_CACHE", Path.of("target", "native-tests", "cache").toString());
    cli = new Cli(folder, "", false, environment);
    Samples.write(cli.file("in.arrow"), recording(6));
  }

  /** Two threads that take a frame and give it back by turns. */
  private static String recording(int rounds) {
    StringBuilder text =
        new StringBuilder(
            """
            @kstrace.complete_start=true
            1 pin_create t=0 thread=1 pin=0x10 detail={"name":"capture"}
            2 initialize thread=1 irql=0 pin=0x10 context=0x20 status=STATUS_SUCCESS \
            framing={options=0x2 pool=NonPagedPool frames=2 size=4096 align=0x3f}
            """);
    int seq = 3;
    for (int i = 0; i < rounds; i++) {
      for (int thread = 1; thread <= 2; thread++) {
        for (String op : new String[] {"allocate", "free"}) {
          text.append(
              "%d %s thread=%d irql=0 context=0x20 frame=0x%d0000\n"
                  .formatted(seq++, op, thread, thread));
        }
      }
    }
    return text.append(
            "%d delete thread=1 irql=0 context=0x20\n%d pin_close thread=1 pin=0x10\n%d trace_end\n"
                .formatted(seq, seq + 1, seq + 2))
        .toString();
  }

  private String library(String sample, String... defines) throws IOException {
    try {
      CCompiler.find(System.getenv());
    } catch (NativeBuildException e) {
      assumeTrue(false, "skipped: " + e.getMessage());
    }
    Path root = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(root.resolve("replay/src/test/c"))) {
      root = root.getParent();
    }
    String name = sample + String.join("", defines) + ".so";
    String source = root.resolve("replay/src/test/c/" + sample + "_frames.c").toString();
    String[] build = {"build-target", source, "-f", "-o", "@" + name};
    for (String define : defines) {
      build = with(build, "-D", define);
    }
    assertThat(cli.run(build).code()).isZero();
    return "native:" + cli.file(name);
  }

  private static String[] with(String[] start, String... rest) {
    String[] all = java.util.Arrays.copyOf(start, start.length + rest.length);
    System.arraycopy(rest, 0, all, start.length, rest.length);
    return all;
  }

  private Cli.Result explore(String target, String table, String... more) {
    return cli.run(
        with(new String[] {"replay", "@in.arrow", "--target", target, "--table", table}, more));
  }

  @Test
  void findsAnOrderThatBreaksSomethingAndReplaysItBySeed() throws IOException {
    assertThat(cli.run("replay", "@in.arrow", "--target", FORGETFUL).code()).isZero();

    Cli.Result found = cli.run("replay", "@in.arrow", "--target", FORGETFUL, "--explore", "20");

    assertThat(found.code()).isEqualTo(ExitCode.DIVERGED);
    assertThat(found.out())
        .startsWith("explored 20 orders of 29 events on " + FORGETFUL + ", seeds 1 to 20, ")
        .contains(
            "\ndivergence nullness: ",
            "allocates without a frame: ",
            " more than recorded, in the recorded order 0; the first one: seq ");
    String seed = found.out().replaceAll("(?s).*again: --schedule (\\d+) .*", "$1");
    for (String file : new String[] {"@a.arrow", "@b.arrow"}) {
      Cli.Result again =
          cli.run("replay", "@in.arrow", "--target", FORGETFUL, "--schedule", seed, "-o", file);
      assertThat(again.code()).isEqualTo(ExitCode.DIVERGED);
      assertThat(again.out())
          .contains(", seed " + seed + ": 1 breaks something\n", "divergence nullness: ");
    }
    assertThat(cli.file("b.arrow")).hasBinaryContent(Files.readAllBytes(cli.file("a.arrow")));
    assertThat(cli.run("text", "@a.arrow").out()).contains(", seed " + seed + "\n");
  }

  @Test
  void findsNothingOnSoundAllocators() throws IOException {
    cli.run("capture", "sim", "--profile", "avshws-yuy2-qvga", "-o", "@sim.arrow");
    for (String target : new String[] {"sim:default", "sim:slab", "sim:avshws-yuy2-qvga"}) {
      for (String[] more : new String[][] {{}, {"--fail-allocate", "p=0.1", "--fail-initialize"}}) {
        String[] line = {"replay", "@sim.arrow", "--target", target, "--explore", "8"};
        assertThat(cli.run(with(line, more)).all())
            .contains("exit 0\n", ": none breaks anything\n");
      }
    }
    for (String sample : new String[] {"Slab", "Pool", "Lookaside"}) {
      String target = library(sample.toLowerCase(java.util.Locale.ROOT));
      String table = sample + "AllocatorDispatch";
      assertThat(explore(target, table, "--explore", "8").all())
          .contains("exit 0\n", ": none breaks anything\n");
      assertThat(
              explore(
                      target,
                      table,
                      "--explore",
                      "8",
                      "--fail-allocate",
                      "each-once",
                      "--fail-initialize")
                  .all())
          .contains("exit 0\n", ": none breaks anything\n");
    }
  }

  @Test
  void findsARaceOnAFreeListThatTheRecordedOrderDoesNotShow() throws IOException {
    String racy = library("slab", "BUG_RACE");
    assertThat(explore(racy, "SlabAllocatorDispatch").out()).contains(": all as recorded\n");

    Cli.Result found = explore(racy, "SlabAllocatorDispatch", "--explore", "30", "--seed", "1");

    assertThat(found.code()).isIn(ExitCode.TARGET_DIED, ExitCode.DIVERGED, ExitCode.FINDINGS);
    assertThat(found.out())
        .containsPattern("RemoveEntryList|duplicate-live-address|allocates without a frame")
        .contains(" the next one in");
    String seed = found.out().replaceAll("(?s).*?again: --schedule (\\d+) .*", "$1");
    assertThat(explore(racy, "SlabAllocatorDispatch", "--schedule", seed).out())
        .contains("1 breaks something");
  }

  @Test
  void findsWhatIsWrongOnlyWhereMemoryIsShort() throws IOException {
    String unchecked = library("pool", "BUG_UNCHECKED");
    assertThat(explore(unchecked, "PoolAllocatorDispatch", "--explore", "10").code()).isZero();
    Cli.Result dead =
        explore(
            unchecked, "PoolAllocatorDispatch", "--explore", "4", "--fail-allocate", "each-once");
    assertThat(dead.code()).isEqualTo(ExitCode.TARGET_DIED);
    assertThat(dead.out()).contains("death SIGSEGV", "  4 orders: seeds 1, 2, 3, 4\n");

    String leaking = library("slab", "BUG_LEAK_ON_FAILURE");
    assertThat(explore(leaking, "SlabAllocatorDispatch", "--explore", "10").code()).isZero();
    Cli.Result leak =
        explore(leaking, "SlabAllocatorDispatch", "--explore", "20", "--fail-initialize");
    assertThat(leak.code()).isEqualTo(ExitCode.FINDINGS);
    assertThat(leak.out()).contains("finding allocator-pool-leak: ", "block 'SCtx'");
  }

  /** Only in another order are two frames out, and no built-in rule minds. */
  @Test
  void judgesByTheRulesInForce() throws IOException {
    Files.createDirectory(folder.resolve("rules"));
    Files.writeString(
        folder.resolve("rules/two-out.sql"),
        """
        -- rule:     two-out
        -- severity: warning
        -- basis:    heuristic
        -- reads:    frames
        -- why:      One frame was enough so far.
        -- fix:      Take one at a time.
        -- source:   a test
        -- limits:   none
        SELECT
          b.allocate_seq AS seq,
          [a.allocate_seq] AS related_seqs,
          NULL::UBIGINT AS pin,
          NULL::UBIGINT AS context,
          b.frame,
          b.alloc_id,
          'two' AS site,
          'warning' AS severity,
          'certain' AS certainty,
          'two frames were out' AS message
        FROM frames a, frames b
        WHERE a.allocate_seq < b.allocate_seq AND b.allocate_seq < a.free_seq
        ORDER BY seq, b.frame
        """);
    String[] line = {"replay", "@in.arrow", "--target", "sim:default", "--explore", "4"};
    assertThat(cli.run(line).code()).isZero();

    Cli.Result found = cli.run(with(line, "--rules", folder.resolve("rules").toString()));

    assertThat(found.all()).startsWith("exit 1\n").contains("\nfinding two-out: ");
    Files.writeString(
        folder.resolve("kstrace.toml"),
        "[[suppress]]\nrule = \"two-out\"\nreason = \"two are fine\"\n");
    String config = folder.resolve("kstrace.toml").toString();
    assertThat(
            cli.run(with(line, "--rules", folder.resolve("rules").toString(), "--config", config))
                .all())
        .startsWith("exit 0\n");
    assertThat(cli.run("replay", "@in.arrow", "--target", "sim:default", "--no-config").all())
        .isEqualTo(
            "exit 2\nkstrace: --no-config goes with --explore, --schedule or --interactive\n");
  }

  @Test
  void isCutDownInTheOrderOfASeed() throws IOException {
    String[] line = {"minimize", "@in.arrow", "--target", FORGETFUL, "--divergence"};
    assertThat(cli.run(with(line, "-o", "@s.arrow")).all())
        .isEqualTo("exit 2\nkstrace: in.arrow does not show it: a divergence of the target\n");

    assertThat(cli.run(with(line, "--schedule", "1", "-o", "@s.arrow")).code()).isZero();

    Cli.Result small = cli.run("replay", "@s.arrow", "--target", FORGETFUL);
    assertThat(small.code()).isEqualTo(ExitCode.DIVERGED);
    assertThat(cli.run("text", "@s.arrow").out().lines().filter(each -> each.matches("\\d.*")))
        .hasSizeLessThan(8);
    assertThat(cli.run(with(line, "--crash", "--schedule", "1", "-o", "@t.arrow")).code())
        .isEqualTo(ExitCode.USAGE);
  }

  @Test
  void saysWhatTheRecordedOrderShowsAlready() throws IOException {
    String used = library("slab", "BUG_USE_AFTER_DELETE");

    Cli.Result result = explore(used, "SlabAllocatorDispatch", "--explore", "5");

    assertThat(result.code()).isEqualTo(ExitCode.FINDINGS);
    assertThat(result.out())
        .contains(
            ": none breaks anything\n",
            "the recorded order has problems already, not counted again:\n"
                + "  finding kernel-routine-misuse: ");
  }

  @Test
  void tellsThePoolOfANativeTargetAndMeasuresIt() throws IOException {
    String target = library("pool");
    String[] line = {"replay", "@in.arrow", "--target", target, "--table", "PoolAllocatorDispatch"};
    assertThat(cli.withInput("goto 3\npool\nframes\n").run(with(line, "--interactive")).out())
        .containsPattern(
            "\n  'PCtx' +1 blocks +\\d+ bytes\n(.*\n)*  'PFrm' +1 blocks +4[\\d,]+ bytes\n")
        .containsPattern("\n  most +[23] blocks ")
        .contains("\n1 frame out\n  0x10000, target 0x2");
    Cli.Result compared = cli.run(with(line, "--target", "sim:default"));
    assertThat(compared.all())
        .startsWith("exit 0\ncompared 26 calls on native:pool.so and sim:default: the same\n");
    assertThat(compared.out())
        .containsPattern(
            "\nfree, p50 / p99 / most +[\\d.]+ \\w+ / [\\d.]+ \\w+ / [\\d.]+ \\w+ +[\\d.]+ ")
        .containsPattern(
            "\npool blocks at most +[23] +unknown\npool bytes at most +[\\d,]+ +unknown\n");
  }

  @Test
  void writesJson() throws IOException {
    Cli.Result result =
        cli.run(
            "replay", "@in.arrow", "--target", FORGETFUL, "--schedule", "1", "--format", "json");

    assertThat(result.out())
        .isEqualTo(
            """
            {
              "schema": "kstrace.explore/1",
              "target": "java:dev.kstrace.cli.ForgetfulAllocator",
              "events": "29",
              "first_seed": "1",
              "orders": 1,
              "different": 1,
              "caveats": [ ],
              "recorded_order": [ ],
              "broken": [
                {
                  "seed": "1",
                  "way": "uniform",
                  "letting_in": 0,
                  "short_of_memory": 0,
                  "problems": [
                    {
                      "kind": "divergence",
                      "name": "nullness",
                      "text": "allocates without a frame: 2 more than recorded, in the recorded order 0; \
            the first one: seq 10 allocate context=0x20: recorded 0x10000, target returned NULL (nullness)",
                      "seq": "10",
                      "recorded_seq": "11"
                    }
                  ]
                }
              ]
            }
            """);
  }

  @Test
  void refusesWhatDoesNotGoTogether() throws IOException {
    String[] start = {"replay", "@in.arrow", "--target", "sim:default"};
    assertThat(cli.run(with(start, "--fail-initialize")).all())
        .isEqualTo(
            "exit 2\nkstrace: --fail-allocate, --fail-initialize and --target-seed go with"
                + " --explore or --schedule\n");
    assertThat(cli.run(with(start, "--explore", "0")).all())
        .isEqualTo("exit 2\nkstrace: --explore 0: expected 1 to 10000000 orders\n");
    assertThat(cli.run(with(start, "--explore", "2", "--fail-allocate", "x")).all())
        .isEqualTo(
            "exit 2\nkstrace: --fail-allocate x: expected a number from 1 on, each-once or"
                + " p=0.06\n");
    assertThat(cli.run(with(start, "--schedule", "2", "--explore", "3")).all())
        .isEqualTo("exit 2\nkstrace: --schedule SEED goes with neither --explore nor --seed\n");
    assertThat(cli.run(with(start, "--explore", "3", "--on-crash", "continue")).all())
        .isEqualTo("exit 2\nkstrace: --on-crash does not go with --explore and --schedule\n");
  }
}
