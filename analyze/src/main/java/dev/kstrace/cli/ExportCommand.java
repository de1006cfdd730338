package dev.kstrace.cli;

import dev.kstrace.cli.export.DatabaseExporter;
import dev.kstrace.cli.export.Exporter;
import dev.kstrace.cli.export.IllegalExportException;
import dev.kstrace.cli.export.OutputException;
import dev.kstrace.cli.export.ReproducerExporter;
import dev.kstrace.cli.export.SpeedscopeExporter;
import dev.kstrace.cli.export.TablesExporter;
import dev.kstrace.cli.export.TimelineExporter;
import dev.kstrace.cli.result.ResultFormat;
import dev.kstrace.traces.Place;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code kstrace export}: a trace for other tools. */
final class ExportCommand extends Command {
  private static final String PEAK = "peak";
  private static final String FORMATS =
      Stream.of(Format.values()).map(Format::word).collect(Collectors.joining(", "));

  private final PositionalParamSpec input = arguments("1", "FILE", "A trace.");
  private final OptionSpec format = option(Format.class, "FORMAT", FORMATS + ".", "--format");
  private final OptionSpec output = output("The file to write, or the folder.");
  private final OptionSpec force = flag("Replace files that exist.", "-f", "--force");
  private final OptionSpec table =
      option(
          String.class,
          "TABLE",
          "Only this table, into one file; with c-test: the KSALLOCATOR_DISPATCH.",
          "--table");
  private final OptionSpec target =
      option(
          String.class,
          "java:CLASS",
          "With junit-test: the allocator, an AllocatorDispatch.",
          "--target");
  private final OptionSpec large =
      flag("With c-test, junit-test: of more than 2,000 events, too.", "--large");
  private final OptionSpec at =
      option(
          String.class,
          "PLACE",
          "With speedscope: peak (default), a seq, a time as 1.5s, mark:TEXT.",
          "--at");
  private final OptionSpec weight =
      option(
          SpeedscopeExporter.Weight.class,
          "WHAT",
          "With speedscope: frames (default) or bytes.",
          "--weight");

  private final RuleOptions ruleOptions = new RuleOptions(this);

  /** Values of {@code --format}: a line each here and in {@link #exporter}. */
  enum Format {
    PARQUET,
    CSV,
    NDJSON,
    DUCKDB,
    PERFETTO,
    CHROME,
    SPEEDSCOPE,
    C_TEST,
    JUNIT_TEST;

    /** As users write it. */
    String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @Override
    public String toString() {
      return word();
    }
  }

  ExportCommand(Console console) {
    super(console, "export", "Write a trace for other tools.");
    footer("", "Example: kstrace export mic.arrow --format parquet --table events -o mic.parquet");
  }

  /** The exporter of a format, with the options that are its own. */
  private Exporter exporter(Format wanted) {
    return switch (wanted) {
      case PARQUET -> new TablesExporter(ResultFormat.PARQUET, table.getValue());
      case CSV -> new TablesExporter(ResultFormat.CSV, table.getValue());
      case NDJSON -> new TablesExporter(ResultFormat.NDJSON, table.getValue());
      case DUCKDB -> new DatabaseExporter();
      case PERFETTO -> new TimelineExporter(TimelineExporter.Format.PERFETTO);
      case CHROME -> new TimelineExporter(TimelineExporter.Format.CHROME);
      case SPEEDSCOPE ->
          new SpeedscopeExporter(place(), valueOr(weight, SpeedscopeExporter.Weight.FRAMES));
      case C_TEST -> ReproducerExporter.cTest(table.getValue(), isSet(large), this::note);
      case JUNIT_TEST ->
          ReproducerExporter.junitTest(
              required(output), target.getValue(), isSet(large), this::note);
    };
  }

  /** The place of {@code --at}; null = the peak. */
  private @Nullable Place place() {
    String text = valueOr(at, PEAK);
    try {
      return text.equals(PEAK) ? null : Place.parse(text);
    } catch (IllegalArgumentException e) {
      throw UserError.usage(e.getMessage() + ", or peak", e);
    }
  }

  private void note(String text) {
    if (!quiet()) {
      console.err().println(text);
    }
  }

  /** Refuses options that would be ignored. */
  private void requireFitting(Format wanted) {
    requireOnly(table, wanted, Format.PARQUET, Format.CSV, Format.NDJSON, Format.C_TEST);
    requireOnly(target, wanted, Format.JUNIT_TEST);
    requireOnly(at, wanted, Format.SPEEDSCOPE);
    requireOnly(weight, wanted, Format.SPEEDSCOPE);
  }

  private static void requireOnly(OptionSpec option, Format wanted, Format... fitting) {
    if (option.getValue() != null && !List.of(fitting).contains(wanted)) {
      throw UserError.usage(option.longestName() + " is not for --format " + wanted.word());
    }
  }

  @Override
  public Integer call() throws SQLException, IOException {
    Path trace = paths(input).get(0);
    @Nullable Format wanted = format.getValue();
    if (wanted == null) {
      throw UserError.usage("which format? give --format with one of " + FORMATS);
    }
    requireFitting(wanted);
    Path target = required(output);
    requireReadable(trace);
    requireAnother(trace, target);
    ConfiguredJudge judge = ruleOptions.judge();
    try {
      Exporter exporter = exporter(wanted);
      if (exporter.files().isEmpty()) {
        try (OutputFile file = OutputFile.create(target, isSet(force))) {
          fill(exporter, trace, judge, file.part(), target);
          commit(target, file::commit);
        }
      } else {
        try (OutputFolder folder = OutputFolder.create(target, exporter.files(), isSet(force))) {
          fill(exporter, trace, judge, folder.part(), target);
          commit(target, folder::commit);
        }
      }
    } catch (IllegalExportException e) {
      throw UserError.usage(String.valueOf(e.getMessage()), e);
    }
    return judge.exitCode();
  }

  private void fill(Exporter exporter, Path trace, ConfiguredJudge judge, Path part, Path target) {
    try (Progress progress = progress()) {
      exporter.write(trace, judge, part, progress);
    } catch (OutputException e) {
      throw Failure.output(target, e);
    } catch (IOException e) {
      throw Failure.input(trace, e);
    } catch (SQLException e) {
      // The statements are ours, so that what fails is the disk or the memory.
      throw UserError.usage("cannot write " + target + ": " + e.getMessage(), e);
    }
  }

  private interface Commit {
    void run() throws IOException;
  }

  private static void commit(Path target, Commit commit) {
    try {
      commit.run();
    } catch (IOException e) {
      throw Failure.output(target, e);
    }
  }
}
