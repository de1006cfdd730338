package dev.kstrace.traces;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A trace as text, one event per line: for tests, bug reports and diffs.
 *
 * <pre>
 *   {@literal @}kstrace.version=1.0
 *   7 initialize callback t=100..350 thread=4 irql=0 pin=0x10 context=0x20 status=STATUS_SUCCESS
 *       framing={options=0x2 pool=NonPagedPool frames=8 size=4096 align=0x3f reserved=0x0}
 *   8 allocate callback t=400..420 thread=4 irql=0>2 context=0x20 frame=0xffff9a0000100 size=4096
 *   9 pin_state none t=500 pin=0x10 detail={"from":0,"to":1}
 * </pre>
 *
 * (an event is one line; the first is broken here for the page only). Writing and reading again
 * gives equal events and metadata. For traces written by hand the reader lets go of what can be
 * guessed: the layer ({@code callback} for the four calls, {@code none} otherwise), the times
 * ({@code t=1000*seq..1000*seq+500}) and any member of the framing (0). Empty lines and lines that
 * begin with {@code #} are skipped.
 */
public final class TraceText {
  private TraceText() {}

  /**
   * A text read back.
   *
   * @param metadata with {@code kstrace.version} added where the text has none
   * @param events in the order of the lines
   */
  public record Parsed(TraceMetadata metadata, List<TraceEvent> events) {}

  /** Writes a whole trace, read to its end. */
  public static void write(TraceReader trace, Appendable out) throws IOException {
    for (Map.Entry<String, String> entry : trace.metadata().values().entrySet()) {
      String key = Escapes.escape(entry.getKey()).replace("=", "\\u003d");
      out.append('@').append(key).append('=');
      out.append(Escapes.escape(entry.getValue())).append('\n');
    }
    EventBatch batch = new EventBatch(TraceWriter.BATCH_ROWS);
    while (trace.read(batch)) {
      for (int row = 0; row < batch.rows(); row++) {
        out.append(format(batch.event(row))).append('\n');
      }
    }
  }

  /** One event as a line, without the line's end. */
  public static String format(TraceEvent event) {
    StringBuilder line = new StringBuilder(160);
    line.append(Long.toUnsignedString(event.seq()));
    line.append(' ').append(opLabel(event.op()));
    line.append(' ').append(layerLabel(event.layer()));
    line.append(" t=").append(event.tEntry());
    if (event.tExit() != null) {
      line.append("..").append(event.tExit());
    }
    if (event.thread() != null) {
      line.append(" thread=").append(Integer.toUnsignedString(event.thread()));
    }
    appendIrql(line, event);
    appendHex(line, "pin", event.pin());
    appendHex(line, "context", event.context());
    appendHex(line, "frame", event.frame());
    if (event.size() != null) {
      line.append(" size=").append(Long.toUnsignedString(event.size()));
    }
    if (event.status() != null) {
      line.append(" status=").append(NtStatus.format(event.status()));
    }
    Framing framing = event.framing();
    if (framing != null) {
      line.append(" framing={").append(format(framing)).append('}');
    }
    if (event.detail() != null) {
      line.append(" detail=").append(Escapes.escape(event.detail()));
    }
    return line.toString();
  }

  /** The members of a framing as the text form writes them between the braces. */
  public static String format(Framing framing) {
    return "options="
        + Hex.of(Integer.toUnsignedLong(framing.optionsFlags()))
        + " pool="
        + PoolType.format(framing.poolType())
        + " frames="
        + framing.frameLimit()
        + " size="
        + framing.frameBytes()
        + " align="
        + Hex.of(Integer.toUnsignedLong(framing.fileAlignment()))
        + " reserved="
        + Hex.of(Integer.toUnsignedLong(framing.reserved()));
  }

  /** The label of an operation, {@code op#N} for one that this version does not know. */
  public static String opLabel(int code) {
    Op op = Op.of(code);
    return op != null ? op.label() : "op#" + code;
  }

  /** The label of a layer, {@code layer#N} for one that this version does not know. */
  public static String layerLabel(int code) {
    Layer layer = Layer.of(code);
    return layer != null ? layer.label() : "layer#" + code;
  }

  private static void appendIrql(StringBuilder line, TraceEvent event) {
    Integer entry = event.irqlEntry();
    Integer exit = event.irqlExit();
    if (entry == null && exit == null) {
      return;
    }
    line.append(" irql=").append(entry == null ? "?" : entry.toString());
    if (entry == null || !entry.equals(exit)) {
      line.append('>').append(exit == null ? "?" : exit.toString());
    }
  }

  private static void appendHex(
      StringBuilder line, String key, @org.jspecify.annotations.Nullable Long value) {
    if (value != null) {
      line.append(' ').append(key).append('=').append(Hex.of(value));
    }
  }

  /**
   * Reads a text.
   *
   * @param source the text; read to its end, not closed
   * @param name how messages call it, for instance a file
   * @throws MalformedTraceException if a line cannot be understood; the message says which and why
   */
  public static Parsed parse(Reader source, Path name) throws IOException {
    BufferedReader lines = new BufferedReader(source);
    Map<String, String> metadata = new LinkedHashMap<>();
    List<TraceEvent> events = new ArrayList<>();
    int number = 0;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      number++;
      String text = line.strip();
      if (text.isEmpty() || text.startsWith("#")) {
        continue;
      }
      try {
        if (text.startsWith("@")) {
          int equals = text.indexOf('=');
          if (equals < 2) {
            throw new IllegalArgumentException("expected @key=value");
          }
          metadata.put(
              Escapes.unescape(text.substring(1, equals)),
              Escapes.unescape(text.substring(equals + 1)));
        } else {
          events.add(new TextLine(text).event());
        }
      } catch (IllegalArgumentException e) {
        throw new MalformedTraceException(name, "line " + number + ": " + e.getMessage());
      }
    }
    TraceMetadata described = TraceMetadata.of(metadata);
    try {
      SchemaReader.requireVersion(described);
    } catch (SchemaReader.SchemaException e) {
      throw new MalformedTraceException(name, String.valueOf(e.getMessage()));
    }
    return new Parsed(described, List.copyOf(events));
  }
}
