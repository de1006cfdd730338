package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Links between the documents lead somewhere, down to the heading, and no page is left out. */
final class DocsLinksTest {
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]*)\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ +(.*?) *$");
  private static final Pattern CODE = Pattern.compile("`[^`\n]*`");

  private static List<String> links(DocsPage page) {
    return LINK.matcher(CODE.matcher(page.prose()).replaceAll("``"))
        .results()
        .map(link -> link.group(1))
        .filter(link -> !link.matches("[a-z]+:.*"))
        .toList();
  }

  /** The anchors of a page, as GitHub makes them of its headings. */
  private static Set<String> anchors(DocsPage page) {
    Set<String> anchors = new HashSet<>();
    for (MatchResult heading : HEADING.matcher(page.prose()).results().toList()) {
      String words = heading.group(1).replaceAll("\\[([^]]*)]\\([^)]*\\)", "$1");
      String anchor =
          words.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-');
      for (int i = 1; !anchors.add(anchor); i++) {
        anchor = anchor.replaceAll("-\\d+$", "") + "-" + i;
      }
    }
    return anchors;
  }

  @Test
  void everyLinkLeadsSomewhere() throws IOException {
    for (DocsPage page : DocsPage.all()) {
      for (String link : links(page)) {
        String[] parts = link.split("#", 2);
        Path target =
            parts[0].isEmpty() ? page.file() : page.file().resolveSibling(parts[0]).normalize();
        assertThat(target).as("%s in %s", link, page.file()).exists();
        if (parts.length == 2) {
          assertThat(anchors(DocsPage.of(target)))
              .as("anchors for %s in %s", link, page.file())
              .contains(parts[1]);
        }
      }
    }
  }

  @Test
  void theIndexNamesEveryPage() throws IOException {
    Path docs = ReadmeTest.ROOT.resolve("docs");
    List<Path> linked =
        links(DocsPage.of(docs.resolve("README.md"))).stream()
            .map(link -> docs.resolve(link).normalize())
            .toList();
    try (var pages = Files.newDirectoryStream(docs, "*.md")) {
      for (Path page : pages) {
        if (!page.endsWith("README.md")) {
          assertThat(linked).contains(page);
        }
      }
    }
  }

  @Test
  void knowsAnchors() throws IOException {
    DocsPage page =
        new DocsPage(Path.of("x"), "# `kstrace top` --follow!\n## A\n## A\n", List.of());
    assertThat(anchors(page)).containsExactlyInAnyOrder("kstrace-top---follow", "a", "a-1");
  }
}
