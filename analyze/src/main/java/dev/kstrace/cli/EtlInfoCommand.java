package dev.kstrace.cli;

import dev.kstrace.capture.etl.EtlReader;
import dev.kstrace.capture.etl.EtlRecord;
import dev.kstrace.capture.etl.EtlSummary;
import dev.kstrace.capture.etl.LogHeader;
import dev.kstrace.capture.etl.Times;
import dev.kstrace.capture.imports.LossLedger;
import dev.kstrace.cli.text.Words;
import dev.kstrace.traces.Escapes;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code kstrace etl-info}: what is in an event trace log of Windows, whoever wrote it. */
final class EtlInfoCommand extends Command {
  private final PositionalParamSpec files = arguments("1..*", "FILE", "Event trace logs (.etl).");
  private final OptionSpec events =
      flag("Print all records as NDJSON, in the order of their times.", "--events");

  EtlInfoCommand(Console console) {
    super(console, "etl-info", "Show the session, providers, events and losses of a Windows .etl.");
    footer(
        "",
        "Examples: kstrace etl-info session.etl",
        "          kstrace etl-info --events session.etl | head");
  }

  @Override
  public Integer call() {
    int code = ExitCode.OK;
    for (Path file : paths(files)) {
      try {
        if (isSet(events)) {
          printEvents(file);
        } else {
          printSummary(file);
        }
      } catch (IOException e) {
        code = ExitCode.graver(code, Failure.report(Failure.input(file, e), console.err()));
      }
    }
    return code;
  }

  private void printEvents(Path file) throws IOException {
    LossLedger losses = new LossLedger();
    try (EtlReader reader = EtlReader.open(file, losses);
        EtlEventsJson json = new EtlEventsJson(console.out())) {
      json.write(reader);
    }
    if (!quiet()) {
      losses.phrases().forEach(phrase -> console.err().println("kstrace: " + phrase));
    }
  }

  private void printSummary(Path file) throws IOException {
    LossLedger losses = new LossLedger();
    try (EtlReader reader = EtlReader.open(file, losses)) {
      EtlSummary summary;
      try (Progress progress = progress()) {
        summary = EtlSummary.of(reader, progress);
      }
      PrintStream out = console.out();
      out.println(Escapes.escape(file.toString()));
      printHeader(reader, summary, losses);
      printProviders(summary);
    }
  }

  private void printHeader(EtlReader reader, EtlSummary summary, LossLedger losses) {
    LogHeader header = reader.header();
    line("session", header.session().isEmpty() ? "not said" : Escapes.escape(header.session()));
    line(
        "system",
        String.format(
            Locale.ROOT,
            "Windows %d.%d build %d, %s, %d-bit",
            header.osMajor(),
            header.osMinor(),
            header.build(),
            Words.count(Integer.toUnsignedLong(header.processors()), "processor"),
            8 * header.pointerBytes()));
    line("clock", reader.clock().label());
    line("started", Times.ofFileTime(header.startFileTime()));
    line(
        "duration",
        Words.duration(
            reader.clock().ns(summary.lastTicks()) - reader.clock().ns(summary.firstTicks())));
    line("file", Words.count(reader.fileBytes(), "byte") + ", " + buffers(reader));
    line("records", records(reader, summary));
    List<String> phrases = losses.phrases();
    line("losses", phrases.isEmpty() ? "none" : String.join("; ", phrases));
    if (reader.firstUndecoded() >= 0) {
      line("not understood from", "the buffer at byte " + reader.firstUndecoded() + " on");
    }
    if (summary.damagedSchemas() > 0) {
      line("damaged schemas", Words.count(summary.damagedSchemas(), "record"));
    }
  }

  private static String buffers(EtlReader reader) {
    long written = reader.header().buffersWritten();
    String others =
        written == reader.buffers() || written == 0
            ? ""
            : String.format(Locale.ROOT, " (the session counts %,d)", written);
    return Words.count(reader.buffers(), "buffer") + others;
  }

  private static String records(EtlReader reader, EtlSummary summary) {
    List<String> parts = new ArrayList<>();
    for (EtlRecord.Kind kind : EtlRecord.Kind.values()) {
      if (summary.count(kind) > 0) {
        String name = kind.name().toLowerCase(Locale.ROOT);
        parts.add(String.format(Locale.ROOT, "%s %,d", name, summary.count(kind)));
      }
    }
    return String.format(Locale.ROOT, "%,d: %s", reader.records(), String.join(", ", parts));
  }

  private void printProviders(EtlSummary summary) {
    String provider = "";
    for (EtlSummary.Event event : summary.events()) {
      String title = title(event);
      if (!title.equals(provider)) {
        console.out().println();
        console.out().println("  " + title);
        provider = title;
      }
      console
          .out()
          .println(
              String.format(
                  Locale.ROOT,
                  "    %,12d  %s%s",
                  event.count(),
                  Escapes.escape(event.name()),
                  event.fields().isEmpty() ? "" : " (" + Escapes.escape(event.fields()) + ")"));
    }
    if (summary.otherEvents() > 0) {
      console
          .out()
          .println(
              String.format(Locale.ROOT, "%n    %,12d  of further events", summary.otherEvents()));
    }
  }

  private static String title(EtlSummary.Event event) {
    if (event.provider().isEmpty()) {
      return event.guid();
    }
    String name = Escapes.escape(event.provider());
    return event.guid().isEmpty() ? name : name + " " + event.guid();
  }

  private void line(String key, String value) {
    console.out().println(String.format(Locale.ROOT, "  %-20s %s", key, value));
  }
}
