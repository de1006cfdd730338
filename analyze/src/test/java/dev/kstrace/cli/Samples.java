package dev.kstrace.cli;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceText;
import dev.kstrace.traces.TraceWriter;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Small traces to run commands on. */
final class Samples {
  /** One frame, freed twice. */
  static final String DOUBLE_FREE =
      """
      @kstrace.complete_start=true
      @kstrace.origin=recorded
      @kstrace.producer=hand
      1 pin_create t=0 pin=0x10 detail={"name":"capture"}
      2 initialize thread=7 irql=0 pin=0x10 context=0x20 status=STATUS_SUCCESS \
      framing={pool=NonPagedPool frames=4 size=4096 align=0x3f}
      3 allocate thread=7 irql=0>0 context=0x20 frame=0x10000 size=4096
      4 free thread=7 irql=2 context=0x20 frame=0x10000
      5 free thread=8 irql=2 context=0x20 frame=0x10000
      6 delete thread=7 irql=0 context=0x20
      7 pin_close t=7000 pin=0x10
      8 trace_end t=8000
      """;

  /** One frame, freed once. */
  static final String CLEAN =
      DOUBLE_FREE.replace("5 free thread=8 irql=2 context=0x20 frame=0x10000", "5 mark t=5000");

  private Samples() {}

  /** Writes a trace that is given as text. */
  static Path write(Path file, String text) throws IOException {
    TraceText.Parsed parsed = TraceText.parse(new StringReader(text), file);
    try (TraceWriter writer = TraceWriter.create(file, parsed.metadata(), true)) {
      EventBatch batch = new EventBatch(TraceWriter.BATCH_ROWS);
      for (TraceEvent event : parsed.events()) {
        batch.add(event);
      }
      writer.write(batch);
    }
    return file;
  }

  /** Writes a trace of which only so many bytes are left. */
  static Path writeCut(Path file, String text, int bytesLeft) throws IOException {
    byte[] whole = Files.readAllBytes(write(file, text));
    return Files.write(file, Arrays.copyOf(whole, bytesLeft));
  }

  /** Writes a trace without a footer, as a crash leaves it. */
  static Path writeWithoutFooter(Path file, String text) throws IOException {
    TraceText.Parsed parsed = TraceText.parse(new StringReader(text), file);
    TraceWriter writer = TraceWriter.create(file, parsed.metadata(), true);
    EventBatch batch = new EventBatch(TraceWriter.BATCH_ROWS);
    parsed.events().forEach(batch::add);
    writer.write(batch);
    writer.abort();
    return file;
  }

  /** Writes a trace in whose bytes words of equal length are exchanged, wherever they stand. */
  static Path writePatched(Path file, String text, String... fromTo) throws IOException {
    byte[] bytes = Files.readAllBytes(write(file, text));
    String latin = new String(bytes, StandardCharsets.ISO_8859_1);
    for (int i = 0; i < fromTo.length; i += 2) {
      if (fromTo[i].length() != fromTo[i + 1].length() || !latin.contains(fromTo[i])) {
        throw new IllegalArgumentException("cannot patch " + fromTo[i]);
      }
      latin = latin.replace(fromTo[i], fromTo[i + 1]);
    }
    return Files.write(file, latin.getBytes(StandardCharsets.ISO_8859_1));
  }
}
