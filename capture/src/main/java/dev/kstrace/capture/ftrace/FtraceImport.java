package dev.kstrace.capture.ftrace;

import dev.kstrace.capture.ftrace.BufferRuns.Entered;
import dev.kstrace.capture.ftrace.BufferRuns.Run;
import dev.kstrace.capture.imports.ImportOptions;
import dev.kstrace.capture.imports.ImportReport;
import dev.kstrace.capture.imports.ImportedTrace;
import dev.kstrace.capture.imports.LossLedger;
import dev.kstrace.capture.imports.LossLedger.Cause;
import dev.kstrace.capture.imports.ProbeImport;
import dev.kstrace.traces.Detail;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Hex;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.LongIntMap;
import dev.kstrace.traces.MalformedTraceException;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.ReadProgress;
import dev.kstrace.traces.TraceMetadata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes a trace of ftrace text of the Linux videobuf2 allocator, as a recording of a real streaming
 * device.
 *
 * <pre>
 *   a run of vb2_*_alloc entries   initialize, with Frames = their number, FrameSize = their size
 *   vb2_*_alloc return             allocate, entered at the entry
 *   the last vb2_*_put             free
 *   the last buffer of a run       delete behind its free
 *   qbuf, dqbuf and the like       marks
 * </pre>
 *
 * What the kernel calls {@code mem} is a handle and no address of memory, so that frames get
 * made-up addresses far enough from each other; the handle is in the detail of the allocate. Memory
 * grows with the number of buffers, not with the file.
 */
public final class FtraceImport {
  private static final long FIRST_ADDRESS = 0xFFFF_C900_0000_0000L;
  private static final int PAGE = 4096;
  private static final int LINES_PER_REPORT = 1 << 12;
  private static final Pattern ENTRIES =
      Pattern.compile("# entries-in-buffer/entries-written: ([0-9]{1,18})/([0-9]{1,18}) .*");
  private static final Pattern LOST = Pattern.compile("CPU:[0-9]+ \\[LOST ([0-9]{1,18}) EVENTS\\]");

  private final Path file;
  private final ImportOptions options;
  private final LossLedger losses = new LossLedger();
  private final BufferRuns runs = new BufferRuns();
  private final Map<Integer, Entered> entered = new HashMap<>();
  private final Map<Long, Integer> runOfBuffer = new HashMap<>();
  private final LongIntMap places = new LongIntMap();
  private final boolean[] begun;
  private final ImportedTrace trace;
  private final long distance;
  private int placesUsed;
  private int allocates;
  private int puts;
  private long calls;
  private long lines;
  private long lastTime;

  private FtraceImport(Path file, Path target, ImportOptions options, ReadProgress progress)
      throws IOException {
    this.file = file;
    this.options = options;
    walk(this::findRuns, progress, 0);
    runs.finish();
    if (runs.isEmpty()) {
      throw new MalformedTraceException(
          file,
          "holds no events of the videobuf2 allocator; expected the text of ftrace with kprobes on"
              + " vb2_*_alloc and vb2_*_put");
    }
    long size = Math.min(runs.largest(), 1L << 40);
    distance = (Math.max(size, 0) + 2 * PAGE - 1) / PAGE * PAGE;
    begun = new boolean[runs.runs().size()];
    lines = 0;
    trace = ImportedTrace.create(target, metadata(), options.overwrite());
  }

  /** Takes a line. */
  private interface Walk {
    void line(String text) throws IOException;
  }

  /**
   * Imports a file.
   *
   * @param file text of ftrace
   * @param target the trace; there is none if the import fails
   * @throws MalformedTraceException if the file is no such text or has nothing to import
   * @throws ImportedTrace.OutputException if the target cannot be written or is not to be replaced
   * @throws IOException if reading fails
   */
  public static ImportReport run(
      Path file, Path target, ImportOptions options, ReadProgress progress) throws IOException {
    FtraceImport it = new FtraceImport(file, target, options, progress);
    try (ImportedTrace trace = it.trace) {
      it.walk(it::write, progress, Files.size(file));
      it.finish();
      trace.finish();
      return new ImportReport(it.lines, trace.events(), it.calls, it.losses.phrases());
    }
  }

  private void walk(Walk walk, ReadProgress progress, long done) throws IOException {
    try (BoundedLines text = new BoundedLines(file)) {
      long total = 2 * Files.size(file);
      for (String line = text.next(); line != null; line = text.next()) {
        walk.line(line);
        if (++lines % LINES_PER_REPORT == 0) {
          progress.at(done + text.offset(), total);
        }
      }
    }
  }

  private void findRuns(String text) {
    FtraceLine line = FtraceLine.parse(text);
    if (line != null) {
      runs.accept(line);
    }
  }

  private TraceMetadata metadata() {
    Map<String, String> values = new LinkedHashMap<>();
    values.put(TraceMetadata.ORIGIN, "imported");
    values.put(TraceMetadata.PRODUCER, options.producer());
    values.put(TraceMetadata.CLOCK, "ftrace");
    values.put(TraceMetadata.COMPLETE_START, Boolean.toString(options.whole()));
    values.put(TraceMetadata.SYNTHETIC_ADDRESSES, "true");
    values.put("kstrace.source", String.valueOf(file.getFileName()));
    values.put("kstrace.device", "Linux videobuf2");
    values.put(ProbeImport.ORDER, "inferred");
    return TraceMetadata.of(values);
  }

  private void write(String text) throws IOException {
    FtraceLine line = FtraceLine.parse(text);
    if (line == null) {
      noteLoss(text);
      return;
    }
    lastTime = line.timeNs();
    switch (Vb2Event.of(line)) {
      case ALLOCATE_ENTRY -> enter(line);
      case ALLOCATE_RETURN -> allocate(line);
      case PUT -> put(line);
      case CIRCULATION -> mark(line, circulation(line));
      case OTHER -> {}
    }
  }

  /** What the kernel says about events that it overwrote or could not write. */
  private void noteLoss(String text) throws IOException {
    Matcher entries = ENTRIES.matcher(text);
    if (entries.matches()) {
      long missing = Long.parseLong(entries.group(2)) - Long.parseLong(entries.group(1));
      if (missing > 0) {
        losses.add(Cause.HEAD_MISSING, missing);
        trace.lost(lastTime, missing, "beginning: overwritten in the ring of ftrace");
      }
      return;
    }
    Matcher lost = LOST.matcher(text);
    if (lost.matches()) {
      losses.add(Cause.EVENTS_LOST, Long.parseLong(lost.group(1)));
      trace.lost(lastTime, Long.valueOf(lost.group(1)), "ftrace: " + text);
    }
  }

  private void enter(FtraceLine line) throws IOException {
    int allocate = allocates++;
    entered.put(line.pid(), new Entered(allocate, line.timeNs(), line.number("vb")));
    int run = runs.number(allocate);
    if (!begun[run - 1]) {
      begun[run - 1] = true;
      initialize(line, run, runs.runOf(allocate));
    }
  }

  private void initialize(FtraceLine line, int run, Run of) throws IOException {
    int row = append(Op.INITIALIZE, line);
    EventBatch rows = trace.rows();
    rows.setTExit(row, line.timeNs());
    rows.setContext(row, run);
    rows.setStatus(row, 0);
    rows.setFraming(row, new Framing(0, 0, of.buffers, (int) of.size, 0, 0));
    rows.setDetail(row, circulation(line));
  }

  private int append(Op op, FtraceLine line) throws IOException {
    int row = trace.append(op, op == Op.MARK ? Layer.NONE : Layer.CALLBACK, line.timeNs());
    trace.rows().setThread(row, line.pid());
    calls += op == Op.MARK ? 0 : 1;
    return row;
  }

  private void allocate(FtraceLine line) throws IOException {
    Entered entry = entered.remove(line.pid());
    Long buffer = Vb2Event.buffer(line);
    if (entry == null || buffer == null) {
      losses.add(Cause.UNDECODED, 1);
      return;
    }
    int run = runs.number(entry.allocate());
    int row = append(Op.ALLOCATE, line);
    EventBatch rows = trace.rows();
    rows.begin(row, rows.seq(row), Op.ALLOCATE.code(), Layer.CALLBACK.code(), entry.timeNs());
    rows.setThread(row, line.pid());
    rows.setTExit(row, line.timeNs());
    rows.setContext(row, run);
    rows.setFrame(row, buffer == 0 ? 0 : address(buffer));
    if (buffer != 0) {
      runOfBuffer.put(buffer, run);
      rows.setSize(row, runs.runOf(entry.allocate()).size);
      Detail.Builder detail = Detail.builder().put("mem", Hex.of(buffer));
      if (entry.device() != null) {
        detail.put("vb", Hex.of(entry.device()));
      }
      rows.setDetail(row, detail.build().toJson());
    }
  }

  private long address(long buffer) {
    int place = places.get(buffer);
    if (place == LongIntMap.ABSENT) {
      place = placesUsed++;
      places.put(buffer, place);
    }
    return FIRST_ADDRESS + place * distance;
  }

  private void put(FtraceLine line) throws IOException {
    Long buffer = Vb2Event.buffer(line);
    if (buffer == null) {
      losses.add(Cause.UNDECODED, 1);
      return;
    }
    boolean frees = runs.frees(puts++);
    Integer run = runOfBuffer.get(buffer);
    if (!frees || run == null) {
      mark(line, circulation(line));
      return;
    }
    runOfBuffer.remove(buffer);
    int row = append(Op.FREE, line);
    trace.rows().setContext(row, run);
    trace.rows().setFrame(row, address(buffer));
    Run of = runs.runs().get(run - 1);
    if (++of.freed == of.buffers) {
      trace.rows().setContext(append(Op.DELETE, line), run);
    }
  }

  private void mark(FtraceLine line, String detail) throws IOException {
    trace.rows().setDetail(append(Op.MARK, line), detail);
  }

  private static String circulation(FtraceLine line) {
    Detail.Builder detail = Detail.builder().put("text", line.event());
    for (String key : line.values().keySet()) {
      Long number = line.number(key);
      String value = String.valueOf(line.values().get(key));
      if (number == null || value.startsWith("0")) {
        detail.put(key, value);
      } else {
        detail.put(key, number);
      }
    }
    return detail.build().toJson();
  }

  /** An allocator that is still there is an open end, unless the recording saw the driver go. */
  private void finish() throws IOException {
    List<Integer> open = new ArrayList<>();
    for (int run = 1; run <= begun.length; run++) {
      Run of = runs.runs().get(run - 1);
      if (of.freed < of.buffers) {
        open.add(run);
      }
    }
    if (!open.isEmpty() && !options.whole()) {
      losses.setUnknown(Cause.TAIL_MISSING);
    } else {
      for (int run : open) {
        int row = trace.append(Op.DELETE, Layer.CALLBACK, lastTime);
        trace.rows().setContext(row, run);
      }
      int row = trace.append(Op.TRACE_END, Layer.NONE, lastTime);
      trace.rows().setDetail(row, "{}");
    }
    trace.describe(losses.describe(trace.metadata()));
  }
}
