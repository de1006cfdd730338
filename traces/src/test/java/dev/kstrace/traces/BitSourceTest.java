package dev.kstrace.traces;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BitSourceTest {
  private static final int ROWS = 10_000;

  /** However the rows are cut, words and single bits must give the same answers. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void tellsTheKnownRowsHoweverTheyAreCut(int seed) throws IOException {
    Random random = new Random(seed);
    BitSet known = runs(random);
    BitSource bits = source(known);
    for (int from = 0; from < ROWS; ) {
      int rows = Math.min(ROWS - from, 1 + random.nextInt(300));
      switch (random.nextInt(3)) {
        case 0 -> {
          for (int row = 0; row < rows; row += Long.SIZE) {
            int n = Math.min(Long.SIZE, rows - row);
            long[] words = known.get(from + row, from + row + n).toLongArray();
            assertThat(bits.next(n))
                .as("row %d", from + row)
                .isEqualTo(words.length == 0 ? 0 : words[0]);
          }
        }
        case 1 -> bits.skip(rows);
        default -> {
          int skipped = bits.skipNulls(rows);
          assertThat(known.get(from, from + skipped).isEmpty()).isTrue();
          for (int row = skipped; row < rows; row++) {
            assertThat(bits.next()).as("row %d", from + row).isEqualTo(known.get(from + row));
          }
        }
      }
      from += rows;
    }
  }

  private static BitSet runs(Random random) {
    BitSet known = new BitSet(ROWS);
    for (int from = 0; from < ROWS; ) {
      int to = Math.min(ROWS, from + 1 + random.nextInt(400));
      int kind = random.nextInt(3);
      for (int row = from; row < to; row++) {
        known.set(row, kind == 0 || (kind == 1 && random.nextBoolean()));
      }
      from = to;
    }
    return known;
  }

  private static BitSource source(BitSet known) {
    ByteBuffer bytes = ByteBuffer.allocate((ROWS + 7) / 8);
    bytes.put(known.toByteArray()).rewind();
    return new BitSource(new ByteSource.OfMemory(bytes, 0, bytes.capacity()), ROWS);
  }
}
