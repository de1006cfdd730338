package dev.kstrace.cli.findings;

import java.net.URI;
import java.nio.file.Path;

/** Names of files as URIs, byte for byte as the file system has them. */
final class ArtifactUri {
  private ArtifactUri() {}

  /** A relative reference for a relative path, so that it means the same on another machine. */
  static String of(Path file) {
    URI absolute = file.toUri();
    String folder = Path.of("").toAbsolutePath().toUri().getRawPath();
    String path = absolute.getRawPath();
    if (file.isAbsolute() || !path.startsWith(folder)) {
      return absolute.toString();
    }
    String relative = path.substring(folder.length());
    // A colon in the first part of a relative reference would end a scheme.
    return relative.split("/", 2)[0].contains(":") ? "./" + relative : relative;
  }
}
