package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of docs/export.md, run as they stand there. */
final class ExportPageTest {
  private static final Pattern BLOCK =
      Pattern.compile("```(console|sql)\n(.*?)```", Pattern.DOTALL);

  @TempDir Path folder;

  @Test
  void everyExampleWorks() throws Exception {
    String page = Files.readString(ReadmeTest.ROOT.resolve("docs/export.md")).replace("\r\n", "\n");
    Cli cli = new Cli(folder);
    List<String> written = new ArrayList<>();
    Matcher block = BLOCK.matcher(page);
    while (block.find()) {
      if (block.group(1).equals("sql")) {
        String database = cli.file("faulty.duckdb").toString();
        assertThat(ExportTablesTest.stock(database, block.group(2))).isNotEmpty();
        continue;
      }
      for (String line : block.group(2).split("\n", -1)) {
        if (!line.isEmpty()) {
          assertThat(line).startsWith("$ kstrace ");
          List<String> words = List.of(line.substring("$ kstrace ".length()).split(" ", -1));
          assertThat(run(cli, words).all()).as(line).isEqualTo("exit 0\n");
          written.add(words.get(words.indexOf("-o") + 1));
        }
      }
    }
    assertThat(written)
        .hasSizeGreaterThan(5)
        .allSatisfy(name -> assertThat(cli.file(name)).exists());
  }

  private static Cli.Result run(Cli cli, List<String> words) {
    List<String> files = new ArrayList<>();
    for (String word : words) {
      boolean file = word.endsWith(".arrow") || words.indexOf(word) == words.indexOf("-o") + 1;
      files.add(file ? "@" + word : word);
    }
    return cli.run(files.toArray(String[]::new));
  }

  @Test
  void namesEveryFormat() throws IOException {
    String page = Files.readString(ReadmeTest.ROOT.resolve("docs/export.md"));
    for (ExportCommand.Format format : ExportCommand.Format.values()) {
      assertThat(page).contains("`" + format.word() + "`");
    }
  }
}
