package dev.kstrace.analyze.triage;

import java.util.regex.Pattern;

/**
 * A pattern of names: {@code *} stands for any characters but {@code /}, {@code **} for any, {@code
 * ?} for one; all others for themselves, in the case they have. Immutable.
 */
public final class Glob {
  private final String text;
  private final Pattern pattern;

  private Glob(String text, Pattern pattern) {
    this.text = text;
    this.pattern = pattern;
  }

  /** A pattern that a whole name must fit. */
  public static Glob of(String text) {
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '*' && i + 1 < text.length() && text.charAt(i + 1) == '*') {
        regex.append(".*");
        i++;
      } else if (c == '*') {
        regex.append("[^/]*");
      } else if (c == '?') {
        regex.append("[^/]");
      } else {
        regex.append(Pattern.quote(String.valueOf(c)));
      }
    }
    return new Glob(text, Pattern.compile(regex.toString(), Pattern.DOTALL));
  }

  /** Whether the pattern is a name that only itself fits. */
  public boolean isPlain() {
    return text.indexOf('*') < 0 && text.indexOf('?') < 0;
  }

  /** Whether a name fits. */
  public boolean matches(String name) {
    return pattern.matcher(name).matches();
  }

  @Override
  public String toString() {
    return text;
  }
}
