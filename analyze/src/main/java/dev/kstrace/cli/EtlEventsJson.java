package dev.kstrace.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.kstrace.capture.etl.EtlReader;
import dev.kstrace.capture.etl.EtlRecord;
import dev.kstrace.capture.etl.EventDecoder;
import dev.kstrace.capture.etl.FieldVisitor;
import dev.kstrace.capture.etl.Times;
import dev.kstrace.cli.text.Json;
import dev.kstrace.traces.Hex;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.Locale;

/**
 * Records of an .etl file as NDJSON, one object a line. 64-bit numbers are strings. A payload that
 * could not be decoded, or not to its end, is there as hex.
 */
final class EtlEventsJson implements Closeable {
  private final EventDecoder decoder = new EventDecoder();
  private final JsonGenerator json;
  private final Fields fields = new Fields();

  EtlEventsJson(OutputStream out) throws IOException {
    json = Json.lines(out);
  }

  /** Writes all records that a reader has left. */
  void write(EtlReader reader) throws IOException {
    try {
      while (reader.next()) {
        write(reader, reader.record());
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void write(EtlReader reader, EtlRecord record) throws IOException {
    json.writeStartObject();
    json.writeStringField("time", Times.ofFileTime(reader.clock().fileTime(record.ticks())));
    json.writeStringField("ns", Long.toString(reader.clock().ns(record.ticks())));
    json.writeNumberField("processor", record.processor());
    if (record.hasThread()) {
      json.writeNumberField("process", Integer.toUnsignedLong(record.process()));
      json.writeNumberField("thread", Integer.toUnsignedLong(record.thread()));
    }
    json.writeStringField("kind", record.kind().name().toLowerCase(Locale.ROOT));
    String provider = decoder.providerName(record);
    if (!provider.isEmpty()) {
      json.writeStringField("provider", provider);
    }
    if (record.isKernel()) {
      json.writeNumberField("group", record.group());
    } else {
      json.writeStringField("guid", record.provider().toString());
      json.writeNumberField("id", record.id());
      json.writeNumberField("level", record.level());
      json.writeNumberField("task", record.task());
      json.writeStringField("keyword", Hex.of(record.keyword()));
    }
    json.writeStringField("event", decoder.eventName(record));
    json.writeNumberField("version", record.version());
    json.writeNumberField("opcode", record.opcode());
    writePayload(record);
    json.writeEndObject();
    json.writeRaw('\n');
  }

  private void writePayload(EtlRecord record) throws IOException {
    boolean whole = false;
    if (decoder.decodes(record)) {
      json.writeObjectFieldStart("fields");
      whole = decoder.visit(record, fields);
      json.writeEndObject();
    }
    if (!whole) {
      json.writeStringField("payload", HexFormat.of().formatHex(record.payload()));
    }
  }

  @Override
  public void close() throws IOException {
    json.close();
  }

  /** Writes fields into the open object. */
  private final class Fields implements FieldVisitor {
    private interface Write {
      void run() throws IOException;
    }

    private void write(String name, Write value) {
      try {
        name(name);
        value.run();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private void name(String name) throws IOException {
      if (json.getOutputContext().inObject()) {
        json.writeFieldName(name);
      }
    }

    @Override
    public void number(String name, long value) {
      write(name, () -> json.writeNumber(value));
    }

    @Override
    public void wide(String name, long value, boolean unsigned) {
      text(name, unsigned ? Long.toUnsignedString(value) : Long.toString(value));
    }

    @Override
    public void hex(String name, long value) {
      text(name, Hex.of(value));
    }

    @Override
    public void real(String name, double value) {
      if (Double.isFinite(value)) {
        write(name, () -> json.writeNumber(value));
      } else {
        text(name, Double.toString(value)); // JSON has no such number
      }
    }

    @Override
    public void flag(String name, boolean value) {
      write(name, () -> json.writeBoolean(value));
    }

    @Override
    public void text(String name, String value) {
      write(name, () -> json.writeString(value));
    }

    @Override
    public void bytes(String name, byte[] value) {
      text(name, HexFormat.of().formatHex(value));
    }

    @Override
    public void begin(String name, boolean array) {
      write(
          name,
          () -> {
            if (array) {
              json.writeStartArray();
            } else {
              json.writeStartObject();
            }
          });
    }

    @Override
    public void end(boolean array) {
      try {
        if (array) {
          json.writeEndArray();
        } else {
          json.writeEndObject();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
