package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Readers of exported files that come from the npm registry. {@code src/test/npm/install.sh} puts
 * them into the folder that the environment variable KSTRACE_TEST_NPM names; without it the tests
 * that ask them are skipped.
 */
final class TestReaders {
  private static final String VARIABLE = "KSTRACE_TEST_NPM";
  private static final Path SCRIPTS = Path.of("src/test/npm").toAbsolutePath();

  private TestReaders() {}

  /** The folder of all packages; ends a test as skipped where there is none. */
  static Path modules() {
    String folder = System.getenv(VARIABLE);
    assumeThat(folder).as("%s, see %s/install.sh", VARIABLE, SCRIPTS.getFileName()).isNotBlank();
    return Path.of(folder, "node_modules").toAbsolutePath();
  }

  /** What Perfetto's trace processor answers: for each statement its rows, cells as text. */
  static List<List<List<String>>> perfetto(Path trace, String... sql) throws Exception {
    List<String> arguments = new ArrayList<>(List.of(trace.toString()));
    arguments.addAll(List.of(sql));
    List<List<List<String>>> answers = new ArrayList<>();
    for (String line : node("trace-processor.mjs", arguments).split("\n", -1)) {
      if (!line.isBlank()) {
        answers.add(rows(new ObjectMapper().readTree(line)));
      }
    }
    assertThat(answers).hasSameSizeAs(sql);
    return answers;
  }

  private static List<List<String>> rows(JsonNode array) {
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode row : array) {
      List<String> cells = new ArrayList<>();
      row.forEach(cell -> cells.add(cell.isNull() ? null : cell.asText()));
      rows.add(cells);
    }
    return rows;
  }

  /** What a script prints. */
  static String node(String script, List<String> arguments) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("node", SCRIPTS.resolve(script).toString(), modules().toString()));
    command.addAll(arguments);
    Process process = start(command);
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }

  private static Process start(List<String> command) throws IOException {
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }
}
