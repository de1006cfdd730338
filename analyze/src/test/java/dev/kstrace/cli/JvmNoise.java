package dev.kstrace.cli;

import java.util.regex.Pattern;

/** What a JVM says of itself on standard error, where a test starts it without the launcher. */
final class JvmNoise {
  /** JDK 25 ends its warnings of native access with an empty line. */
  private static final Pattern LINES =
      Pattern.compile("^(Picked up|OpenJDK ).*\n|^(WARNING:.*\n)+\n?", Pattern.MULTILINE);

  private JvmNoise() {}

  /** The text without it. */
  static String removed(String err) {
    return LINES.matcher(err).replaceAll("");
  }
}
