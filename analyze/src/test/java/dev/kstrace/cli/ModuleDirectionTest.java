package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What holds all over the sources: the direction of dependencies first. Failures are lines such as
 * {@code file:line: what is wrong}.
 */
final class ModuleDirectionTest {
  private static final Path ROOT = root();
  private static final Set<String> FOREIGN = Set.of("target", ".git", ".idea", ".settings");
  private static final Set<String> DUCKDB = Set.of("TraceDatabase", "TableDef", "VectorSink");

  /** Where classes stand in for the driver's. */
  private static final String DRIVERS_OWN = "analyze/src/main/java/org/duckdb/";

  private static final int WIDTH = 100;
  private static final Pattern NULL_MARKED =
      Pattern.compile("(^|\n)@(org\\.jspecify\\.annotations\\.)?NullMarked\npackage ");

  private static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("traces/pom.xml"))) {
      folder = folder.getParent();
    }
    return folder;
  }

  /** The project's own files whose path from the root satisfies a condition. */
  private static List<Path> files(Predicate<String> wanted) throws IOException {
    List<Path> files = new ArrayList<>();
    Files.walkFileTree(
        ROOT,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return FOREIGN.contains(folder.getFileName().toString())
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (wanted.test(name(file))) {
              files.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    assertThat(files).isNotEmpty();
    return files.stream().sorted().toList();
  }

  private static String name(Path file) {
    return ROOT.relativize(file).toString().replace('\\', '/');
  }

  private static boolean isMain(String name) {
    return name.contains("/src/main/java/")
        && name.endsWith(".java")
        && !name.contains("/samples/");
  }

  private static boolean isText(String name) {
    return name.matches("(.*/)?([^/]+\\.(java|sql|xml|md|sh|cmd|config|yml|txt)|kstrace|run)");
  }

  /** Gives lines of files to a rule that answers with what is wrong, or null. */
  private static void everyLine(
      Predicate<String> wanted, BiFunction<String, String, String> complaint) throws IOException {
    List<String> wrong = new ArrayList<>();
    for (Path file : files(wanted)) {
      List<String> lines = Files.readAllLines(file);
      for (int i = 0; i < lines.size(); i++) {
        String what = complaint.apply(name(file), lines.get(i));
        if (what != null) {
          wrong.add(name(file) + ":" + (i + 1) + ": " + what);
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  /** Parts of the project in the order in which they may use those before them. */
  private static String part(String name) {
    return name.contains("/dev/kstrace/cli/") ? "cli" : name.substring(0, name.indexOf('/'));
  }

  @ParameterizedTest
  @CsvSource({
    "traces,capture|replay|analyze|cli",
    "capture,replay|analyze|cli",
    "replay,analyze|cli",
    "analyze,cli"
  })
  void usesOnlyWhatComesBefore(String part, String forbidden) throws IOException {
    Pattern use = Pattern.compile("\\bdev\\.kstrace\\.(" + forbidden + ")\\b");

    everyLine(
        name -> isMain(name) && part(name).equals(part),
        (name, line) -> {
          Matcher found = use.matcher(line);
          return found.find() ? part + " must not use " + found.group(1) : null;
        });
  }

  @ParameterizedTest
  @CsvSource({
    "traces,capture|replay|analyze",
    "capture,replay|analyze",
    "replay,analyze",
  })
  void dependsOnlyOnModulesThatComeBefore(String module, String forbidden) throws IOException {
    everyLine(
        (module + "/pom.xml")::equals,
        (name, line) ->
            line.matches(".*<artifactId>kstrace-(" + forbidden + ")</artifactId>.*")
                ? module + " must not depend on this"
                : null);
  }

  @Test
  void keepsPackagesInTheirModules() throws IOException {
    everyLine(
        name -> isMain(name) && !name.contains(DRIVERS_OWN),
        (name, line) ->
            line.matches("package dev\\.kstrace\\." + part(name) + "(\\.[a-z.]+)?;")
                    || !line.startsWith("package ")
                ? null
                : "the package belongs to another module");
  }

  @Test
  void keepsTheDatabaseInFewHands() throws IOException {
    everyLine(
        name -> isMain(name) && !part(name).equals("analyze") && !part(name).equals("cli"),
        (name, line) ->
            line.matches("import (static )?(org\\.duckdb|java\\.sql)\\..*")
                ? "only analyze and cli know SQL"
                : null);
    everyLine(
        name ->
            isMain(name)
                && !name.contains(DRIVERS_OWN)
                && DUCKDB.stream().noneMatch(type -> name.endsWith("/" + type + ".java")),
        (name, line) ->
            line.contains("org.duckdb.") || line.contains("java.sql.Connection")
                ? "only " + DUCKDB + " know how rows reach DuckDB"
                : null);
  }

  @Test
  void asksForTheTimeOnlyWhereItRecords() throws IOException {
    Pattern clock =
        Pattern.compile(
            "System\\.(nanoTime|currentTimeMillis)|(Instant|LocalDate|LocalDateTime|ZonedDateTime)\\.now"
                + "|Clock\\.system|Math\\.random|new (java\\.util\\.)?Random\\(");

    everyLine(
        // These know the date, for suppressions that end.
        name ->
            isMain(name)
                && !part(name).equals("capture")
                && !name.endsWith("/Main.java")
                && !name.endsWith("/TestVerdict.java"),
        (name, line) -> clock.matcher(line).find() ? "only capture may ask for the time" : null);
  }

  @Test
  void saysInEveryPackageThatNothingIsNull() throws IOException {
    List<String> wrong = new ArrayList<>();
    for (Path file : files(ModuleDirectionTest::isMain)) {
      Path description = file.resolveSibling("package-info.java");
      if (!Files.exists(description)
          || !NULL_MARKED.matcher(Files.readString(description)).find()) {
        wrong.add(name(description) + ":1: no @NullMarked for " + file.getFileName());
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void skipsNoTestForGood() throws IOException {
    Pattern disabled = Pattern.compile("@" + "Disabled\\b");

    everyLine(
        name -> name.contains("/src/test/") && name.endsWith(".java"),
        (name, line) -> disabled.matcher(line).find() ? "a test that does not run" : null);
  }

  @Test
  void keepsLinesShortAndFreeOfTabs() throws IOException {
    everyLine(
        name -> name.endsWith(".java") || name.endsWith(".sql"),
        (name, line) -> {
          if (line.indexOf('\t') >= 0) {
            return "a tab";
          }
          boolean expectedOutput = name.contains("/src/test/"); // a row of a table is one line
          return line.length() > WIDTH && !expectedOutput && !line.startsWith("import ")
              ? line.length() + " columns, at most " + WIDTH
              : null;
        });
  }

  @Test
  void leavesNothingToBeDone() throws IOException {
    Pattern note = Pattern.compile("\\b(TO" + "DO|FIX" + "ME|XX" + "X)\\b");

    everyLine(
        ModuleDirectionTest::isText,
        (name, line) -> note.matcher(line).find() ? "something is left to be done" : null);
  }

  @Test
  void namesNoMachine() throws IOException {
    Pattern path =
        Pattern.compile("(?<![\\w.}$)])/(ro" + "ot|ho" + "me|Us" + "ers|wo" + "rk)/|[A-Z]:\\\\Us");
    Pattern url = Pattern.compile("https?://([^/\\s\"'<>)]+)");

    everyLine(
        ModuleDirectionTest::isText,
        (name, line) -> path.matcher(line).find() ? "a path of one machine" : null);
    everyLine(
        name -> isText(name) && (name.endsWith(".xml") || name.startsWith(".")),
        (name, line) -> {
          Matcher host = url.matcher(line);
          return host.find() && !Set.of("maven.apache.org", "www.w3.org").contains(host.group(1))
              ? "where the build gets its files is the user's choice, not " + host.group(1)
              : null;
        });
    everyLine(
        name -> name.endsWith("pom.xml"),
        (name, line) ->
            line.matches(".*<(repository|pluginRepository|mirror)>.*") ? "a repository" : null);
  }
}
