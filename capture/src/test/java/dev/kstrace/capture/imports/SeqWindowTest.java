package dev.kstrace.capture.imports;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.traces.Layer;
import dev.kstrace.traces.Op;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SeqWindowTest {
  private final List<String> out = new ArrayList<>();

  private SeqWindow window(int capacity) {
    return new SeqWindow(
        capacity, (rows, row, numbered) -> out.add((numbered ? "" : "m") + rows.seq(row)));
  }

  private static void put(SeqWindow window, long seq) throws IOException {
    int row = window.claim();
    window.rows().begin(row, seq, Op.FREE.code(), Layer.CALLBACK.code(), 0);
    window.put(row);
  }

  private static void mark(SeqWindow window) throws IOException {
    int row = window.claim();
    window.rows().begin(row, 0, Op.MARK.code(), Layer.NONE.code(), 0);
    window.putMark(row);
  }

  @Test
  void letsOutWhatIsInOrderAtOnce() throws IOException {
    SeqWindow window = window(4);
    for (long seq : new long[] {1, 3, 2}) {
      put(window, seq);
    }
    assertThat(out).containsExactly("1", "2", "3");
  }

  @Test
  void ordersAnyShuffleWithinItsLength() throws IOException {
    Random random = new Random(3);
    SeqWindow window = window(64);
    long[] seqs = LongStream.rangeClosed(5, 5_000).toArray();
    for (int from = 0; from + 60 < seqs.length; from += 60) {
      for (int i = 59; i > 0; i--) {
        int j = random.nextInt(i + 1);
        long swapped = seqs[from + i];
        seqs[from + i] = seqs[from + j];
        seqs[from + j] = swapped;
      }
    }
    for (long seq : seqs) {
      put(window, seq);
    }
    window.flush();
    assertThat(out)
        .containsExactlyElementsOf(
            LongStream.rangeClosed(5, 5_000).mapToObj(Long::toString).toList());
    assertThat(window.late()).isZero();
  }

  @Test
  void goesOnBehindAHoleWhenItIsFull() throws IOException {
    SeqWindow window = window(4);
    for (long seq : new long[] {1, 10, 11, 12, 13, 14}) {
      put(window, seq);
    }
    assertThat(out).containsExactly("1", "10", "11", "12", "13", "14");
    put(window, 5);
    assertThat(out).endsWith("14", "5");
    assertThat(window.late()).isEqualTo(1);
  }

  @Test
  void marksStandBehindWhatCameBefore() throws IOException {
    SeqWindow window = window(8);
    mark(window);
    put(window, 2);
    mark(window);
    mark(window);
    put(window, 1);
    put(window, 3);
    assertThat(out).containsExactly("m0", "1", "2", "m2", "m2", "3");
  }
}
