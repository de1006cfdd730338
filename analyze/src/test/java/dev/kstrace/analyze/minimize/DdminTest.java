package dev.kstrace.analyze.minimize;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The search by itself. */
final class DdminTest {
  @Test
  void keepsExactlyWhatIsNeeded() throws IOException {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      int size = random.nextInt(60);
      List<Integer> all = IntStream.range(0, size).boxed().toList();
      List<Integer> needed = all.stream().filter(i -> random.nextInt(12) == 0).toList();

      assertThat(Ddmin.minimize(all, kept -> kept.containsAll(needed)))
          .as("seed %d", seed)
          .isEqualTo(needed);
    }
  }

  @Test
  void endsWhereNoSingleOneCanBeSpared() throws IOException {
    // Needs an even number of things, at least four: pairs can go, single ones cannot.
    List<Integer> all = IntStream.range(0, 20).boxed().toList();

    List<Integer> kept = Ddmin.minimize(all, part -> part.size() >= 4 && part.size() % 2 == 0);

    assertThat(kept).hasSizeBetween(4, 20);
    assertThat(kept.size() % 2).isZero();
  }

  @Test
  void needsFewTriesForOneOfMany() throws IOException {
    List<Integer> all = IntStream.range(0, 10_000).boxed().toList();
    List<Integer> tries = new ArrayList<>();

    List<Integer> kept =
        Ddmin.minimize(
            all,
            part -> {
              tries.add(part.size());
              return part.contains(7777);
            });

    assertThat(kept).containsExactly(7777);
    assertThat(tries).hasSizeLessThan(60);
  }
}
