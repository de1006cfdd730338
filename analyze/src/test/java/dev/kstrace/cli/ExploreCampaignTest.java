package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.capture.sim.Profile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * No other order of what any simulated device does may accuse a sound allocator: its own, the
 * default one or a slab, with memory short or not. A build tries two orders of every third such
 * pair; {@code -Dkstrace.effort=5} tries ten of all.
 */
final class ExploreCampaignTest {
  private static final int EFFORT = Integer.getInteger("kstrace.effort", 1);
  private static final int ORDERS = 2 * EFFORT;
  private static final int EVERY = EFFORT == 1 ? 3 : 1;

  private static final List<List<String>> MEMORY =
      List.of(
          List.of(),
          List.of("--fail-allocate", "p=0.1", "--fail-initialize"),
          List.of("--fail-allocate", "each-once"));

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(Profile.class)
  void accusesNoSoundAllocator(Profile profile) {
    Cli cli = new Cli(folder);
    int number = List.of(Profile.values()).indexOf(profile);
    String seed = Integer.toString(number + 1);
    String[] capture = {"capture", "sim", "--frames", "60", "--seed", seed, "-o", "@sim.arrow"};
    assertThat(cli.run(with(List.of(capture), "--profile", profile.id())).code()).isZero();
    List<List<String>> lines = new ArrayList<>();
    for (String target : List.of("sim:" + profile.id(), "sim:default", "sim:slab")) {
      for (List<String> memory : MEMORY) {
        List<String> line = new ArrayList<>(List.of("replay", "@sim.arrow", "--target", target));
        line.addAll(memory);
        lines.add(line);
      }
    }
    for (int i = number % EVERY; i < lines.size(); i += EVERY) {
      String[] line = with(lines.get(i), "--explore", Integer.toString(ORDERS));
      assertThat(cli.run(line).all())
          .as("%s of %s, seed %s", String.join(" ", line), profile.id(), seed)
          .startsWith("exit 0\n")
          .contains(": none breaks anything\n");
    }
  }

  private static String[] with(List<String> start, String... rest) {
    List<String> all = new ArrayList<>(start);
    all.addAll(List.of(rest));
    return all.toArray(String[]::new);
  }
}
