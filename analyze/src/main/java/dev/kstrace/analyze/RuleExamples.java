package dev.kstrace.analyze;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The trace that shows a rule, in the text form: the test of the rule is its example. */
public final class RuleExamples {
  private static final String NAME = "hit.txt";

  private RuleExamples() {}

  /**
   * The example of a rule, or null where a user's rule has none.
   *
   * @throws IOException if a user's file cannot be read
   */
  public static @Nullable String of(Rule rule) throws IOException {
    Path file = rule.file();
    if (file != null) {
      Path example = file.resolveSibling(rule.id()).resolve(NAME);
      return Files.isRegularFile(example) ? Files.readString(example) : null;
    }
    String name = "/dev/kstrace/rules/" + rule.id() + "/" + NAME;
    try (InputStream in = RuleExamples.class.getResourceAsStream(name)) {
      return in == null ? null : new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read resource=" + name, e);
    }
  }
}
