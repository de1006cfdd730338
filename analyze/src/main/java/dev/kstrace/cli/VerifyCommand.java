package dev.kstrace.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.kstrace.cli.text.Json;
import dev.kstrace.cli.text.Words;
import dev.kstrace.traces.Escapes;
import dev.kstrace.traces.Fault;
import dev.kstrace.traces.TraceStructure;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code kstrace verify}: whether trace files are whole. */
final class VerifyCommand extends Command {
  private final PositionalParamSpec files = arguments("1..*", "FILE", "Traces.");
  private final OptionSpec format =
      option(Format.class, "FORMAT", "table for people (default), json for programs.", "--format");

  /** Values of {@code --format}. */
  enum Format {
    TABLE,
    JSON
  }

  VerifyCommand(Console console) {
    super(
        console,
        "verify",
        "Check the structure of traces: every batch, checksum, seq, metadata, footer.",
        "Goes on behind a fault and shows each with its place in the file.");
    footer(
        "",
        "Exit code 1 where something is wrong but all events can be read, such as a missing",
        "footer; 3 where events are damaged or cannot be reached.",
        "Example: kstrace verify mic.arrow");
  }

  @Override
  public Integer call() throws IOException {
    JsonGenerator json =
        valueOr(format, Format.TABLE) == Format.JSON ? Json.indented(console.out()) : null;
    if (json != null) {
      json.writeStartObject();
      json.writeStringField("schema", "kstrace.verify/1");
      json.writeStringField("tool", Version.producer());
      json.writeArrayFieldStart("files");
    }
    int code = ExitCode.OK;
    for (Path file : paths(files)) {
      code = ExitCode.graver(code, verify(file, json));
    }
    if (json != null) {
      json.writeEndArray();
      json.writeEndObject();
      json.writeRaw('\n');
      json.close();
    }
    return code;
  }

  private int verify(Path file, @Nullable JsonGenerator json) throws IOException {
    TraceStructure structure;
    try {
      structure = structure(file);
    } catch (IOException e) {
      UserError error = Failure.input(file, e);
      if (json != null) {
        json.writeStartObject();
        json.writeStringField("path", file.toString());
        json.writeStringField("error", String.valueOf(error.getMessage()));
        json.writeEndObject();
      }
      return Failure.report(error, console.err());
    }
    if (json != null) {
      write(json, structure);
    } else {
      print(structure, console.out());
    }
    if (structure.isDamaged()) {
      return ExitCode.UNREADABLE;
    }
    return structure.faults().isEmpty() ? ExitCode.OK : ExitCode.FINDINGS;
  }

  private static String verdict(TraceStructure structure) {
    if (structure.isDamaged()) {
      return "damaged";
    }
    return structure.faults().isEmpty() ? "whole" : "readable";
  }

  private void print(TraceStructure structure, PrintStream out) {
    long faults = structure.faults().size() + structure.moreFaults();
    String name = Escapes.escape(structure.file().toString());
    out.println(
        name
            + ": "
            + verdict(structure)
            + (faults == 0 ? "" : ", " + Words.count(faults, "fault")));
    if (!quiet()) {
      out.println("  " + summary(structure));
    }
    if (faults == 0) {
      return;
    }
    out.println();
    line(out, "byte", "bytes", "where", "what");
    for (Fault fault : structure.faults()) {
      line(
          out,
          Long.toString(fault.offset()),
          fault.bytes() == 0 ? "" : Long.toString(fault.bytes()),
          where(fault),
          fault.text());
    }
    if (structure.moreFaults() > 0) {
      out.println("  and " + Words.count(structure.moreFaults(), "fault") + " more");
    }
    if (structure.isDamaged() && structure.rows() > 0 && !quiet()) {
      out.println();
      out.println("  next: kstrace recover " + name + " -o FILE");
    }
  }

  private static String summary(TraceStructure structure) {
    StringBuilder text = new StringBuilder(Words.count(structure.batches(), "batch", "batches"));
    text.append(" can be read, ").append(structure.checkedBatches()).append(" by checksum; ");
    text.append(Words.count(structure.rows(), "event"));
    if (structure.rows() > 0) {
      text.append(", seq ").append(Long.toUnsignedString(structure.firstSeq()));
      text.append(" to ").append(Long.toUnsignedString(structure.lastSeq()));
    }
    if (structure.missingSeqs() != 0) {
      text.append(", ").append(Long.toUnsignedString(structure.missingSeqs()));
      text.append(" missing in ").append(Words.count(structure.holes(), "hole"));
    }
    return text.toString();
  }

  private static String where(Fault fault) {
    String kind = fault.kind().name().toLowerCase(Locale.ROOT);
    return fault.batch() < 0
        ? kind
        : kind.equals("seq") ? "batch " + fault.batch() : kind + " " + fault.batch();
  }

  private static void line(PrintStream out, String... cells) {
    out.println(
        String.format(Locale.ROOT, "  %12s  %10s  %-10s  %s", (Object[]) cells).stripTrailing());
  }

  private static void write(JsonGenerator json, TraceStructure structure) throws IOException {
    json.writeStartObject();
    json.writeStringField("path", structure.file().toString());
    json.writeStringField("verdict", verdict(structure));
    json.writeStringField("bytes", Long.toString(structure.fileBytes()));
    json.writeStringField(
        "schema_source", structure.schemaSource().name().toLowerCase(Locale.ROOT));
    json.writeBooleanField("footer", structure.hasFooter());
    json.writeStringField("batches", Long.toString(structure.batches()));
    json.writeStringField("checked_batches", Long.toString(structure.checkedBatches()));
    json.writeStringField("events", Long.toString(structure.rows()));
    if (structure.rows() > 0) {
      json.writeStringField("first_seq", Long.toUnsignedString(structure.firstSeq()));
      json.writeStringField("last_seq", Long.toUnsignedString(structure.lastSeq()));
    }
    json.writeStringField("holes", Long.toString(structure.holes()));
    json.writeStringField("missing_seqs", Long.toUnsignedString(structure.missingSeqs()));
    json.writeArrayFieldStart("faults");
    for (Fault fault : structure.faults()) {
      json.writeStartObject();
      json.writeStringField("kind", fault.kind().name().toLowerCase(Locale.ROOT));
      json.writeBooleanField("damage", fault.damage());
      json.writeStringField("offset", Long.toString(fault.offset()));
      json.writeStringField("bytes", Long.toString(fault.bytes()));
      if (fault.batch() >= 0) {
        json.writeNumberField("batch", fault.batch());
      }
      json.writeStringField("text", fault.text());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeStringField("more_faults", Long.toString(structure.moreFaults()));
    json.writeEndObject();
  }
}
