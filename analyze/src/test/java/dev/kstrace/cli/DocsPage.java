package dev.kstrace.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A page of documentation with its fenced blocks. Immutable. */
record DocsPage(Path file, String text, List<Block> blocks) {
  private static final Pattern FENCED = Pattern.compile("(?m)^( *)```([a-z]*)\\n((?s:.*?))^ *```$");

  /**
   * A fenced block.
   *
   * @param language what stands behind the fence; may be empty
   * @param text its lines, each ended
   * @param start where {@code text} begins in the page
   */
  record Block(String language, String text, int start) {}

  static DocsPage of(Path file) throws IOException {
    String text = Files.readString(file).replace("\r\n", "\n");
    List<Block> blocks = new ArrayList<>();
    Matcher fenced = FENCED.matcher(text);
    while (fenced.find()) {
      blocks.add(new Block(fenced.group(2), fenced.group(3), fenced.start(3)));
    }
    return new DocsPage(file, text, blocks);
  }

  /** All pages of the project, by name. */
  static List<DocsPage> all() throws IOException {
    List<DocsPage> pages = new ArrayList<>();
    try (Stream<Path> files = Files.walk(ReadmeTest.ROOT)) {
      for (Path file :
          files
              .filter(path -> path.toString().endsWith(".md"))
              .filter(path -> !ReadmeTest.ROOT.relativize(path).toString().contains("target"))
              .sorted()
              .toList()) {
        pages.add(of(file));
      }
    }
    return pages;
  }

  /** The first block of a language. */
  String block(String language) {
    return blocks.stream()
        .filter(block -> block.language().equals(language))
        .map(Block::text)
        .findFirst()
        .orElseThrow(() -> new NoSuchElementException(language + " in " + file));
  }

  /** The page without its blocks, for what is said of its words. */
  String prose() {
    return FENCED.matcher(text).replaceAll("");
  }
}
