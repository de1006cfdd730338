package dev.kstrace.capture.etl;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class XpressTest {
  private static String unpacked(String hex, int limit) {
    byte[] in = HexFormat.of().parseHex(hex);
    byte[] out = new byte[limit];
    int end = Xpress.unpack(in, 0, in.length, out, 0, limit);
    return end < 0 ? "corrupt" : new String(out, 0, end, StandardCharsets.US_ASCII);
  }

  /** The two examples of MS-XCA, section 3.1. */
  @Test
  void unpacksTheExamplesOfTheSpecification() {
    assertThat(unpacked("3f0000006162636465666768696a6b6c6d6e6f707172737475767778797a", 26))
        .isEqualTo("abcdefghijklmnopqrstuvwxyz");
    assertThat(unpacked("ffffff1f61626317000fff2601", 300)).isEqualTo("abc".repeat(100));
  }

  @Test
  void neverWritesMoreThanWasPromised() {
    assertThat(unpacked("ffffff1f61626317000fff2601", 299)).isEqualTo("corrupt");
    assertThat(unpacked("0000000061626364", 3)).isEqualTo("corrupt");
    // A match of four billion bytes.
    assertThat(unpacked("ffffff1f61626317000fff0000ffffffff", 1 << 20)).isEqualTo("corrupt");
    // A match before the beginning.
    assertThat(unpacked("ffffff7f611700", 100)).isEqualTo("corrupt");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void unpacksWhatWasPacked(long seed) {
    Random random = new Random(seed);
    byte[] data = new byte[random.nextInt(200_000)];
    for (int at = 0; at < data.length; ) {
      int run = 1 + random.nextInt(random.nextInt(10) == 0 ? 100_000 : 40);
      byte value = (byte) random.nextInt(4);
      boolean noise = random.nextBoolean();
      for (int i = 0; i < run && at < data.length; i++) {
        data[at++] = noise ? (byte) random.nextInt() : value;
      }
    }
    byte[] packed = XpressPacker.pack(data, 0, data.length);
    byte[] out = new byte[data.length + 100];
    int end = Xpress.unpack(packed, 0, packed.length, out, 100, out.length);
    assertThat(end).isEqualTo(out.length);
    assertThat(Arrays.copyOfRange(out, 100, end)).isEqualTo(data);
  }
}
