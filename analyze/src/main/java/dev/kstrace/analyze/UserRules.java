package dev.kstrace.analyze;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Rules of the user's own, one .sql file each. Immutable.
 *
 * @param rules those that can be run, in the order of their files' names
 * @param refused those that cannot
 */
public record UserRules(List<Rule> rules, List<Refused> refused) {
  private static final String SUFFIX = ".sql";
  private static final long LARGEST_BYTES = 1 << 20;

  /**
   * A file that is no rule.
   *
   * @param id the name that the rule would have
   * @param file where it is
   * @param line from 1
   * @param reason one sentence
   */
  public record Refused(String id, Path file, int line, String reason) {}

  /**
   * Reads the files {@code *.sql} of a folder.
   *
   * @param taken ids that are in use already; a rule of such a name is refused
   * @param allowIo whether the rules may reach files
   * @throws IOException if the folder cannot be listed
   * @throws SQLException if the database cannot be started
   */
  public static UserRules read(Path folder, Set<String> taken, boolean allowIo)
      throws IOException, SQLException {
    List<Rule> rules = new ArrayList<>();
    List<Refused> refused = new ArrayList<>();
    Set<String> used = new HashSet<>(taken);
    for (Path file : files(folder)) {
      String name = file.getFileName().toString();
      String id = name.substring(0, name.length() - SUFFIX.length());
      try {
        if (!used.add(id)) {
          throw new RuleException(1, "there is a rule " + id + " already; choose another name");
        }
        String text = text(file);
        Rule rule = RuleFile.parse(file, id, text);
        RuleCheck.check(rule, RuleFile.headerLines(text), allowIo);
        rules.add(rule);
      } catch (RuleException e) {
        refused.add(new Refused(id, file, e.line(), String.valueOf(e.getMessage())));
      }
    }
    return new UserRules(List.copyOf(rules), List.copyOf(refused));
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(file -> file.getFileName().toString().endsWith(SUFFIX))
          .filter(Files::isRegularFile)
          .sorted()
          .toList();
    }
  }

  private static String text(Path file) {
    try {
      if (Files.size(file) > LARGEST_BYTES) {
        throw new RuleException(1, "it is larger than a rule can be, expected at most 1 MiB");
      }
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (CharacterCodingException e) {
      throw new RuleException(1, "it is no UTF-8 text");
    } catch (IOException e) {
      throw new RuleException(1, "it cannot be read: " + e.getMessage());
    }
  }
}
