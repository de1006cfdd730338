package dev.kstrace.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Every way in which a command reads a trace, for tests that run all of them. */
final class ReadingCommands {
  /** Commands that read no trace, or are made of others. */
  static final Set<String> OTHERS =
      Set.of("demo", "capture", "rules", "etl-info", "build-target", "warm-up");

  /** FILE is the trace, GOOD another one, OUT a file to write. */
  private static final List<String> ALL =
      List.of(
          "info FILE",
          "verify FILE",
          "verify --format json FILE",
          "check FILE",
          "check -q --fail-on never FILE GOOD",
          "check --format json FILE",
          "check --format ndjson FILE",
          "check --format sarif FILE",
          "check --format junit FILE",
          "check --format markdown FILE",
          "check --write-baseline OUT -f FILE",
          "text FILE",
          "text FILE -f -o OUT",
          "query FILE SELECT * FROM events ORDER BY seq",
          "query FILE SELECT * FROM calls",
          "query FILE SELECT * FROM frames",
          "query FILE SELECT * FROM pins",
          "query FILE SELECT * FROM marks",
          "query FILE SELECT * FROM losses",
          "query FILE SELECT * FROM metadata",
          "query FILE SELECT * FROM allocators",
          "query FILE SELECT * FROM findings",
          "query --format json FILE GOOD SELECT * FROM marks",
          "query --format csv FILE SELECT op, layer, count(*) FROM events GROUP BY ALL ORDER BY ALL",
          "query --format csv FILE SELECT * FROM marks",
          "query --format ndjson FILE SELECT * FROM suspects",
          "query --format markdown FILE SELECT * FROM pin_states",
          "query --format parquet -f -o OUT FILE SELECT * FROM events",
          "export FILE --format ndjson --table calls -f -o OUT",
          "export FILE --format csv --table findings -f -o OUT",
          "export FILE --format parquet --table events -f -o OUT",
          "export FILE --format perfetto -f -o OUT",
          "export FILE --format chrome -f -o OUT",
          "export FILE --format duckdb -f -o OUT",
          "export FILE --format speedscope --at 1ms -f -o OUT",
          "export FILE --format c-test --table Table -q -f -o OUT",
          "export FILE --format junit-test --target java:Mine -q -f -o OUT",
          "report FILE -f -o OUT",
          "report FILE GOOD -f -o OUT",
          "explain FILE 17",
          "diff GOOD FILE",
          "diff --format json FILE GOOD",
          "minimize FILE --rule double-free --budget 20 -f -o OUT",
          "replay FILE --target sim:default",
          "replay FILE --target sim:slab -f -o OUT",
          "replay --format json FILE --target sim:default",
          "replay FILE --target sim:default --explore 2",
          "replay FILE --target sim:default --schedule 3 -f -o OUT",
          "recover FILE -f -o OUT",
          "cut FILE --from 5 --to 40 -f -o OUT",
          "cut FILE --from mark:phase -f -o OUT",
          "merge FILE GOOD -f -o OUT");

  private ReadingCommands() {}

  /** The command lines for some files; a command that is not listed is run with a file alone. */
  static List<String[]> of(Path file, Path good, Path out) {
    List<String> lines = new ArrayList<>(ALL);
    for (String name : Commands.names()) {
      if (!OTHERS.contains(name) && ALL.stream().noneMatch(line -> line.startsWith(name + " "))) {
        lines.add(name + " FILE");
        lines.add(name + " FILE -f -o OUT");
      }
    }
    return lines.stream().map(line -> words(line, file, good, out)).toList();
  }

  private static String[] words(String line, Path file, Path good, Path out) {
    int sql = line.indexOf("SELECT");
    String command = sql < 0 ? line : line.substring(0, sql).strip();
    List<String> words = new ArrayList<>();
    for (String word : command.split(" ", -1)) {
      words.add(
          switch (word) {
            case "FILE" -> file.toString();
            case "GOOD" -> good.toString();
            case "OUT" -> out.toString();
            default -> word;
          });
    }
    if (sql >= 0) {
      words.add(line.substring(sql));
    }
    return words.toArray(String[]::new);
  }
}
