package dev.kstrace.capture.etl;

import dev.kstrace.capture.imports.ImportOptions;
import dev.kstrace.capture.imports.ImportReport;
import dev.kstrace.capture.imports.ImportedTrace;
import dev.kstrace.capture.imports.KsAllocTraceSchema;
import dev.kstrace.capture.imports.KsAllocTraceSchema.Field;
import dev.kstrace.capture.imports.LossLedger;
import dev.kstrace.capture.imports.LossLedger.Cause;
import dev.kstrace.capture.imports.PoolImport;
import dev.kstrace.capture.imports.ProbeEvent;
import dev.kstrace.capture.imports.ProbeImport;
import dev.kstrace.traces.MalformedTraceException;
import dev.kstrace.traces.ReadProgress;
import dev.kstrace.traces.TraceMetadata;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes a trace of an .etl file: of the probe's events, or of pool events by tag; events of
 * Windows' streaming providers become marks in both.
 */
public final class EtlImport {
  private static final int RECORDS_PER_REPORT = 1 << 14;

  private final EtlReader reader;
  private final ImportedTrace trace;
  private final ReadProgress progress;
  private final LossLedger losses;
  private final EtlClock clock;
  private final EventSchema.Cache schemas = new EventSchema.Cache();
  private final ProbeEvent event = new ProbeEvent();

  /** Takes notes of other providers. */
  private interface Marks {
    void mark(long timeNs, @Nullable Integer thread, String detail) throws IOException;
  }

  private EtlImport(
      EtlReader reader, ImportedTrace trace, LossLedger losses, ReadProgress progress) {
    this.reader = reader;
    this.trace = trace;
    this.losses = losses;
    this.progress = progress;
    this.clock = reader.clock();
  }

  /**
   * Imports a file.
   *
   * @param file the .etl file
   * @param target the trace; there is none if the import fails
   * @throws MalformedTraceException if the file is no .etl file or has nothing to import
   * @throws ImportedTrace.OutputException if the target cannot be written or is not to be replaced
   * @throws IOException if reading fails
   */
  public static ImportReport run(
      Path file, Path target, ImportOptions options, ReadProgress progress) throws IOException {
    LossLedger losses = new LossLedger();
    try (EtlReader reader = EtlReader.open(file, losses);
        ImportedTrace trace =
            ImportedTrace.create(target, metadata(reader, options), options.overwrite())) {
      EtlImport it = new EtlImport(reader, trace, losses, progress);
      return options.poolTags().isEmpty() ? it.probe(options) : it.pool(options);
    } catch (ProbeImport.TwoProbesException e) {
      throw new MalformedTraceException(file, String.valueOf(e.getMessage()));
    }
  }

  private static TraceMetadata metadata(EtlReader reader, ImportOptions options) {
    LogHeader header = reader.header();
    Map<String, String> values = new LinkedHashMap<>();
    values.put(TraceMetadata.ORIGIN, "imported");
    values.put(TraceMetadata.PRODUCER, options.producer());
    values.put(TraceMetadata.CLOCK, reader.clock().label());
    values.put(TraceMetadata.COMPLETE_START, Boolean.toString(options.whole()));
    values.put("kstrace.source", String.valueOf(reader.file().getFileName()));
    values.put("kstrace.session", header.session());
    values.put(
        "kstrace.os",
        "Windows " + header.osMajor() + "." + header.osMinor() + " build " + header.build());
    values.put("kstrace.start_time", Times.ofFileTime(header.startFileTime()));
    values.put("kstrace.start_ticks", Long.toString(header.startTicks()));
    return TraceMetadata.of(values);
  }

  private ImportReport probe(ImportOptions options) throws IOException {
    ProbeImport probe = new ProbeImport(trace, losses, options.whole());
    while (next()) {
      EtlRecord record = reader.record();
      if (record.isOf(KsAllocTraceSchema.GUID) && record.hasSchema()) {
        accept(probe, record);
      } else {
        markContext(record, probe::mark);
      }
    }
    if (!probe.sawProbe()) {
      throw new MalformedTraceException(
          reader.file(),
          "holds no events of the probe (provider "
              + KsAllocTraceSchema.PROVIDER
              + ", "
              + KsAllocTraceSchema.GUID
              + "); kstrace etl-info shows what it holds, and --pool-tag TAG makes a trace of pool"
              + " events");
    }
    probe.finish();
    trace.finish();
    List<String> notes = new ArrayList<>(probe.notes());
    notes.addAll(lossNotes());
    return new ImportReport(reader.records(), trace.events(), probe.calls(), notes);
  }

  private void accept(ProbeImport probe, EtlRecord record) throws IOException {
    EventSchema schema = schemas.of(record);
    if (schema == null || !schema.plan().read(record, event)) {
      losses.add(Cause.UNDECODED, 1);
      return;
    }
    long time = clock.ns(record.ticks);
    long begin = event.get(Field.BEGIN_QPC);
    boolean comparable =
        event.has(Field.BEGIN_QPC) && clock.isPerformanceCounter() && begin <= record.ticks;
    probe.accept(event, time, comparable ? clock.ns(begin) : time, record.thread);
  }

  private ImportReport pool(ImportOptions options) throws IOException {
    PoolImport pool = new PoolImport(trace, losses, options.poolTags(), options.whole());
    long poolEvents = 0;
    while (next()) {
      EtlRecord record = reader.record();
      if (PoolEvents.isOne(record)) {
        poolEvents++;
        pool.accept(
            PoolEvents.tag(record),
            PoolEvents.type(record),
            PoolEvents.address(record),
            PoolEvents.size(record),
            PoolEvents.isFree(record),
            clock.ns(record.ticks),
            record.hasThread ? record.thread : null);
      } else if (PoolEvents.isNamed(record)) {
        losses.add(Cause.UNDECODED, 1);
      } else {
        markContext(record, pool::mark);
      }
    }
    if (pool.calls() == 0) {
      throw new MalformedTraceException(
          reader.file(),
          "holds no pool events with tag "
              + options.poolTags()
              + ", and "
              + poolEvents
              + " with others; kstrace etl-info shows what it holds");
    }
    pool.finish();
    trace.finish();
    List<String> notes = new ArrayList<>(pool.notes());
    notes.addAll(lossNotes());
    return new ImportReport(reader.records(), trace.events(), pool.calls(), notes);
  }

  private boolean next() throws IOException {
    boolean more = reader.next();
    if ((reader.records() & (RECORDS_PER_REPORT - 1)) == 0 || !more) {
      progress.at(reader.bytesRead(), reader.fileBytes());
    }
    return more;
  }

  private void markContext(EtlRecord record, Marks marks) throws IOException {
    if (ContextEvents.knows(record)) {
      Integer thread = record.hasThread ? record.thread : null;
      marks.mark(clock.ns(record.ticks), thread, ContextEvents.detail(record));
    }
  }

  private List<String> lossNotes() {
    List<String> notes = new ArrayList<>(losses.phrases());
    if (reader.firstUndecoded() >= 0) {
      notes.add(
          "the first bytes not understood are in the buffer at byte " + reader.firstUndecoded());
    }
    return notes;
  }
}
