package dev.kstrace.capture.etl;

import dev.kstrace.capture.Traces;
import dev.kstrace.capture.imports.ImportOptions;
import dev.kstrace.capture.imports.ImportReport;
import dev.kstrace.capture.imports.KsAllocTraceSchema.Event;
import dev.kstrace.capture.imports.PoolTag;
import dev.kstrace.traces.ReadProgress;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceReader;
import dev.kstrace.traces.TraceText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** What tests write into .etl files, and what they read back from the trace. */
final class Session {
  static final long TICK = 1_000_000;
  static final long CONTEXT = 0xffffe001_00000010L;
  static final long FRAME = 0xffffe002_00000000L;
  static final long PIN = 0xffffe003_00000000L;

  private Session() {}

  /** Microseconds after the start, at 10 MHz. */
  static long us(long us) {
    return TICK + 10 * us;
  }

  static void start(EtlWriter to, int processor, long seq, long us) {
    to.probe(processor, us(us), 8, Event.PROBE_START, seq, 1, 8, 1, 10_000_000);
  }

  static void initialize(EtlWriter to, int processor, long seq, long us, long context) {
    to.probe(
        processor,
        us(us),
        8,
        Event.ALLOCATOR_INITIALIZE,
        seq,
        context,
        PIN,
        1,
        0,
        2,
        0,
        4,
        0x1000,
        0x3f,
        0,
        us(us) - 5,
        0);
  }

  static void allocate(EtlWriter to, int processor, long seq, long us, long frame) {
    to.probe(processor, us(us), 8, Event.FRAME_ALLOCATE, seq, CONTEXT, frame, us(us) - 2, 2);
  }

  static void free(EtlWriter to, int processor, long seq, long us, long frame) {
    to.probe(processor, us(us), 12, Event.FRAME_FREE, seq, CONTEXT, frame, 2);
  }

  static void delete(EtlWriter to, int processor, long seq, long us, long context) {
    to.probe(processor, us(us), 8, Event.ALLOCATOR_DELETE, seq, context, 0, 0);
  }

  static void counters(EtlWriter to, int processor, long us, long lastSeq, long failed) {
    to.probe(processor, us(us), 8, Event.PROBE_COUNTERS, lastSeq, lastSeq - failed, failed);
  }

  /** A whole and faultless session on two processors. */
  static void whole(EtlWriter to) {
    start(to, 0, 1, 10);
    initialize(to, 0, 2, 20, CONTEXT);
    allocate(to, 0, 3, 30, FRAME);
    allocate(to, 1, 4, 35, FRAME + 0x1000);
    free(to, 1, 5, 40, FRAME);
    allocate(to, 0, 6, 41, FRAME);
    free(to, 0, 7, 50, FRAME);
    free(to, 1, 8, 51, FRAME + 0x1000);
    delete(to, 0, 9, 60, CONTEXT);
    counters(to, 0, 70, 9, 0);
  }

  static ImportReport run(Path etl, Path trace) throws IOException {
    return EtlImport.run(etl, trace, new ImportOptions(true, false, "test"), ReadProgress.NONE);
  }

  static ImportReport runWhole(Path etl, Path trace) throws IOException {
    return EtlImport.run(etl, trace, new ImportOptions(true, true, "test"), ReadProgress.NONE);
  }

  static ImportReport runPool(Path etl, Path trace, boolean whole, String... tags)
      throws IOException {
    List<PoolTag> parsed = java.util.Arrays.stream(tags).map(PoolTag::parse).toList();
    return EtlImport.run(
        etl, trace, new ImportOptions(true, whole, parsed, "test"), ReadProgress.NONE);
  }

  /** The trace as text, one event a line. */
  static String text(Path trace) throws IOException {
    StringBuilder text = new StringBuilder();
    for (TraceEvent event : Traces.read(trace)) {
      text.append(TraceText.format(event)).append('\n');
    }
    return text.toString();
  }

  static TraceMetadata metadata(Path trace) throws IOException {
    try (TraceReader reader = TraceReader.open(trace)) {
      return reader.metadata();
    }
  }

  /** What the trace says of a loss. */
  static String loss(Path trace, String key) throws IOException {
    return String.valueOf(metadata(trace).get("kstrace.loss." + key));
  }
}
