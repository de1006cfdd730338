package dev.kstrace.analyze;

import dev.kstrace.traces.Framing;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Names a bug so that it is recognised in another run: by the rule, the kind of call, the pin (or
 * the device where the pin has no name), and the allocator's role.
 *
 * <p>Addresses, times, thread ids and counts differ from run to run and are left out; so are the
 * frames' number and size where the pin's name is known, since they change with the media format.
 */
final class Fingerprint {
  private static final int BYTES = 8;

  private Fingerprint() {}

  /**
   * The fingerprint of a finding.
   *
   * @param site which kind of call or value it is about, as the rule says
   * @param allocator the allocator concerned; null = none
   * @param pin the pin concerned where there is no allocator; null = none
   * @param device the device that was recorded; null = unknown
   */
  static String of(
      String rule,
      @Nullable String site,
      @Nullable Allocator allocator,
      @Nullable Pin pin,
      @Nullable String device) {
    StringBuilder text = new StringBuilder(rule).append('\n').append(site);
    Pin concerned = allocator == null ? pin : allocator.pinInstance;
    String name = concerned == null ? null : concerned.name;
    if (concerned != null || allocator != null) {
      text.append('\n').append(name == null ? device : name);
      text.append('\n').append(concerned == null ? null : concerned.factoryId);
    }
    if (allocator != null) {
      text.append('\n').append(name == null ? allocator.framing : role(allocator));
    }
    return hash(text.toString());
  }

  /** Loads what makes fingerprints, which takes longer than to make some. */
  static void prepare() {
    hash("");
  }

  private static String role(Allocator allocator) {
    Framing framing = allocator.framing;
    return framing == null
        ? "?"
        : framing.optionsFlags() + " " + framing.poolType() + " " + framing.fileAlignment();
  }

  private static String hash(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
