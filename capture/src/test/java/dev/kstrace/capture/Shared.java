package dev.kstrace.capture;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** Recordings of real devices, which lie beside the checkout; without them tests are skipped. */
public final class Shared {
  private Shared() {}

  /** A file in {@code shared/data}, or the end of the test where it is not there. */
  public static Path file(String name) {
    Path root = Path.of("").toAbsolutePath();
    while (root.getParent() != null && !Files.isRegularFile(root.resolve("traces/pom.xml"))) {
      root = root.getParent();
    }
    Path file = root.resolveSibling("shared").resolve("data").resolve(name);
    assumeTrue(Files.isRegularFile(file), "no real recording, expected " + file);
    return file;
  }
}
