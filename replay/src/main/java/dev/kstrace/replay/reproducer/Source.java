package dev.kstrace.replay.reproducer;

import dev.kstrace.replay.CallScript.End;
import dev.kstrace.traces.Escapes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What the sources of C and of Java have in common. Stateless. */
final class Source {
  private static final int COLUMNS = 96;

  private Source() {}

  /** A template beside this class. */
  static String template(String name) {
    try (InputStream in = Source.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("missing resource " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How many calls a test makes. */
  static long count(Reproducer of) {
    return of.script().steps().stream().filter(step -> !(step instanceof End)).count();
  }

  /** Lines of a comment that say what the test is. */
  static String about(Reproducer of) {
    List<String> lines = new ArrayList<>();
    long calls = count(of);
    wrap(
        lines,
        "",
        "Made by kstrace of "
            + of.trace()
            + ": makes the "
            + (calls == 1 ? "call" : calls + " calls")
            + " of that recording again and fails where the allocator breaks its contract.");
    if (of.script().leftOut() > 0) {
      wrap(
          lines,
          "",
          "The recording begins late: "
              + of.script().leftOut()
              + " calls on allocators that were made before it are left out.");
    }
    if (!of.findings().isEmpty()) {
      lines.add("");
      lines.add("What the recording shows:");
      of.findings().forEach(finding -> wrap(lines, "- ", finding));
    }
    StringBuilder text = new StringBuilder();
    lines.forEach(line -> text.append(" * ").append(line).append('\n'));
    return text.toString().replace(" * \n", " *\n");
  }

  private static void wrap(List<String> lines, String mark, String text) {
    StringBuilder line = new StringBuilder(mark);
    String indent = " ".repeat(mark.length());
    for (String word : comment(text).split(" ", -1)) {
      if (line.length() > mark.length() && line.length() + word.length() >= COLUMNS) {
        lines.add(line.toString());
        line = new StringBuilder(indent);
      }
      line.append(line.length() > mark.length() ? " " : "").append(word);
    }
    lines.add(line.toString());
  }

  /** Text that neither ends a comment nor is read as anything else in one, in C or in Java. */
  static String comment(String text) {
    return Escapes.escape(text)
        .replace("\\", "/")
        .replace("*/", "* /")
        .replace("/*", "/ *")
        .replace("??", "? ?")
        .replaceAll("[^ -~]", "?"); // whatever encoding a compiler expects
  }
}
