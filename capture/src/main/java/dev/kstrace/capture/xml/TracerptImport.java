package dev.kstrace.capture.xml;

import dev.kstrace.capture.etl.ContextEvents;
import dev.kstrace.capture.imports.Guid;
import dev.kstrace.capture.imports.ImportOptions;
import dev.kstrace.capture.imports.ImportReport;
import dev.kstrace.capture.imports.ImportedTrace;
import dev.kstrace.capture.imports.KsAllocTraceSchema;
import dev.kstrace.capture.imports.LossLedger;
import dev.kstrace.capture.imports.LossLedger.Cause;
import dev.kstrace.capture.imports.PoolImport;
import dev.kstrace.capture.imports.ProbeEvent;
import dev.kstrace.capture.imports.ProbeImport;
import dev.kstrace.traces.Detail;
import dev.kstrace.traces.MalformedTraceException;
import dev.kstrace.traces.ReadProgress;
import dev.kstrace.traces.TraceMetadata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.stream.Location;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/**
 * Makes a trace of the XML that {@code tracerpt FILE.etl -of XML} writes.
 *
 * <p>Read as a stream, with document types and entities switched off. Compared with the .etl file
 * the numbers of buffers are missing, and times are system time.
 */
public final class TracerptImport {
  private static final int MAX_VALUE_CHARS = 1 << 18;
  private static final int MAX_VALUES = 4096;

  private final Path file;
  private final ImportedTrace trace;
  private final LossLedger losses = new LossLedger();
  private final ProbeImport probe;

  /** Takes pool events instead of the probe's; null where nobody asked for them. */
  private final @Nullable PoolImport pool;

  private final XmlEvent event = new XmlEvent();
  private final ProbeEvent probeEvent = new ProbeEvent();
  private final StringBuilder text = new StringBuilder();
  private @Nullable Long firstTime;
  private long lastTime;
  private long events;

  private TracerptImport(Path file, ImportedTrace trace, ImportOptions options) {
    this.file = file;
    this.trace = trace;
    this.probe = new ProbeImport(trace, losses, options.whole());
    this.pool =
        options.poolTags().isEmpty()
            ? null
            : new PoolImport(trace, losses, options.poolTags(), options.whole());
  }

  /**
   * Imports a file.
   *
   * @param file XML of tracerpt
   * @param target the trace; there is none if the import fails
   * @throws MalformedTraceException if the file is no such XML or has nothing to import
   * @throws ImportedTrace.OutputException if the target cannot be written or is not to be replaced
   * @throws IOException if reading fails
   */
  public static ImportReport run(
      Path file, Path target, ImportOptions options, ReadProgress progress) throws IOException {
    if (Files.isDirectory(file)) {
      throw new MalformedTraceException(file, "is a directory; expected XML of tracerpt");
    }
    try (GuardedInput input = new GuardedInput(Files.newInputStream(file));
        ImportedTrace trace =
            ImportedTrace.create(target, metadata(file, options), options.overwrite())) {
      TracerptImport it = new TracerptImport(file, trace, options);
      it.read(input, progress);
      return it.finish(options);
    } catch (ProbeImport.TwoProbesException e) {
      throw new MalformedTraceException(file, String.valueOf(e.getMessage()));
    }
  }

  private static TraceMetadata metadata(Path file, ImportOptions options) {
    Map<String, String> values = new LinkedHashMap<>();
    values.put(TraceMetadata.ORIGIN, "imported");
    values.put(TraceMetadata.PRODUCER, options.producer());
    values.put(TraceMetadata.CLOCK, "system_time");
    values.put(TraceMetadata.COMPLETE_START, Boolean.toString(options.whole()));
    values.put("kstrace.source", String.valueOf(file.getFileName()));
    return TraceMetadata.of(values);
  }

  private void read(GuardedInput input, ReadProgress progress) throws IOException {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    long fileBytes = Files.size(file);
    XMLStreamReader xml = null;
    try {
      xml = factory.createXMLStreamReader(input);
      String data = "";
      while (xml.hasNext()) {
        int what = xml.next();
        input.progressed();
        switch (what) {
          case XMLStreamConstants.START_ELEMENT -> {
            text.setLength(0);
            data = start(xml, data);
          }
          case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> addText(xml);
          case XMLStreamConstants.END_ELEMENT -> {
            end(xml.getLocalName(), data);
            progress.at(input.bytes(), fileBytes);
          }
          case XMLStreamConstants.DTD, XMLStreamConstants.ENTITY_REFERENCE ->
              throw malformed(
                  "has a document type or an entity, which tracerpt does not write", xml);
          default -> {}
        }
      }
    } catch (XMLStreamException e) {
      Throwable cause = e.getNestedException();
      if (cause instanceof IOException io) {
        throw io;
      }
      throw new MalformedTraceException(
          file, "is no readable XML" + place(e.getLocation()) + "; expected XML of tracerpt");
    } finally {
      close(xml);
    }
  }

  private static void close(@Nullable XMLStreamReader xml) throws IOException {
    if (xml != null) {
      try {
        xml.close();
      } catch (XMLStreamException e) {
        throw new IOException(e);
      }
    }
  }

  private void addText(XMLStreamReader xml) throws IOException {
    if (text.length() + xml.getTextLength() > MAX_VALUE_CHARS) {
      throw malformed("has a value longer than " + MAX_VALUE_CHARS + " characters", xml);
    }
    text.append(xml.getTextCharacters(), xml.getTextStart(), xml.getTextLength());
  }

  /** Notes what an element's attributes say; gives the name of a Data element. */
  private String start(XMLStreamReader xml, String data) throws IOException {
    switch (xml.getLocalName()) {
      case "Event" -> event.clear();
      case "Provider" -> {
        String guid = xml.getAttributeValue(null, "Guid");
        event.provider = guid == null ? null : Guid.parse(guid);
      }
      case "TimeCreated" -> event.timeNs = XmlEvent.time(xml.getAttributeValue(null, "SystemTime"));
      case "Execution" -> event.thread = XmlEvent.unsigned(xml.getAttributeValue(null, "ThreadID"));
      case "Data" -> {
        if (event.data.size() == MAX_VALUES) {
          throw malformed("has an event with more than " + MAX_VALUES + " values", xml);
        }
        String name = xml.getAttributeValue(null, "Name");
        return name == null ? "" : name;
      }
      default -> {}
    }
    return data;
  }

  private void end(String element, String data) throws IOException {
    switch (element) {
      case "Data" -> event.data.put(data, text.toString());
      case "EventGuid" -> event.eventClass = Guid.parse(text.toString().strip());
      case "Opcode" -> noteOpcode();
      case "EventID" -> event.id = XmlEvent.unsigned(text.toString());
      case "BinaryEventData" -> event.binary = XmlEvent.hex(text.toString());
      case "Event" -> accept();
      default -> {}
    }
  }

  /** The number comes first; what is rendered later is a word. */
  private void noteOpcode() {
    if (event.opcode == null) {
      event.opcode = XmlEvent.unsigned(text.toString());
    }
  }

  private void accept() throws IOException {
    events++;
    if (event.timeNs != null) {
      if (firstTime == null) {
        firstTime = event.timeNs;
      }
      lastTime = event.timeNs - firstTime;
    }
    if (pool != null && PoolEventReader.isOne(event)) {
      if (!PoolEventReader.read(event, pool, lastTime)) {
        losses.add(Cause.UNDECODED, 1);
      }
    } else if (pool == null && KsAllocTraceSchema.GUID.equals(event.provider)) {
      if (ProbeEventReader.read(event, probeEvent)) {
        probe.accept(probeEvent, lastTime, lastTime, event.thread);
      } else {
        losses.add(Cause.UNDECODED, 1);
      }
    } else if (event.provider != null && ContextEvents.providerName(event.provider) != null) {
      mark(context(event.provider));
    } else {
      noteLoss("EventsLost", Cause.EVENTS_LOST);
      noteLoss("BuffersLost", Cause.BUFFERS_LOST);
    }
  }

  private void mark(String detail) throws IOException {
    if (pool == null) {
      probe.mark(lastTime, event.thread, detail);
    } else {
      pool.mark(lastTime, event.thread, detail);
    }
  }

  /** The event of the log-file header has what the session lost. */
  private void noteLoss(String name, Cause cause) {
    Long count = event.number(name);
    if (count != null && event.data.containsKey("LogFileMode")) {
      losses.set(cause, count);
    }
  }

  private String context(Guid provider) {
    int id = event.id == null ? 0 : event.id;
    String name = ContextEvents.eventName(provider, id);
    Detail.Builder detail =
        Detail.builder()
            .put("text", name == null ? "event " + id : name)
            .put("provider", String.valueOf(ContextEvents.providerName(provider)));
    event.data.forEach((key, value) -> detail.put(key, value.strip()));
    return detail.build().toJson();
  }

  private ImportReport finish(ImportOptions options) throws IOException {
    return pool == null ? finish(probe) : finish(pool, options);
  }

  private ImportReport finish(PoolImport taken, ImportOptions options) throws IOException {
    if (taken.calls() == 0) {
      throw new MalformedTraceException(
          file,
          "holds no pool events with tag "
              + options.poolTags()
              + " among "
              + events
              + " events; expected XML of tracerpt");
    }
    taken.finish();
    return report(taken.calls(), taken.notes());
  }

  private ImportReport finish(ProbeImport taken) throws IOException {
    if (!taken.sawProbe()) {
      throw new MalformedTraceException(
          file,
          "holds no events of the probe (provider "
              + KsAllocTraceSchema.PROVIDER
              + ", "
              + KsAllocTraceSchema.GUID
              + ") among "
              + events
              + " events; expected XML of tracerpt, and --pool-tag TAG makes a trace of pool"
              + " events");
    }
    taken.finish();
    return report(taken.calls(), taken.notes());
  }

  private ImportReport report(long calls, List<String> said) throws IOException {
    trace.finish();
    List<String> notes = new ArrayList<>(said);
    notes.addAll(losses.phrases());
    return new ImportReport(events, trace.events(), calls, notes);
  }

  private MalformedTraceException malformed(String what, XMLStreamReader xml) {
    return new MalformedTraceException(file, what + place(xml.getLocation()));
  }

  private static String place(@Nullable Location at) {
    return at == null
        ? ""
        : " at line "
            + at.getLineNumber()
            + ", column "
            + at.getColumnNumber()
            + " (character "
            + at.getCharacterOffset()
            + ")";
  }
}
