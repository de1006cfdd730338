package dev.kstrace.capture.imports;

import dev.kstrace.capture.imports.LossLedger.Cause;
import dev.kstrace.traces.Detail;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceMetadata;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes a trace of kernel pool events, for drivers that carry no probe. Each tag is one allocator
 * whose context is the tag and whose framing asks for nothing; {@code size} is the number of bytes
 * asked for. The order is that of the times: nothing better is there. Not thread-safe.
 */
public final class PoolImport {
  /** The class of pool events. */
  public static final @Nullable Guid CLASS = Guid.parse("0268a8b6-74fd-4302-9dd0-6e8f1795c0cf");

  private static final int FIRST_OPCODE = 32;
  private static final int FIRST_FREE = 34;
  private static final int LAST_OPCODE = 35;

  private final ImportedTrace trace;
  private final LossLedger losses;
  private final List<PoolTag> tags;
  private final boolean whole;
  private final boolean[] seen;
  private long lastTime;
  private long calls;

  /**
   * An import into a trace that has no events yet.
   *
   * @param losses what is missing, complete when {@link #finish} is called
   * @param tags whose events are taken
   * @param whole whether the session covered the driver's whole life
   */
  public PoolImport(ImportedTrace trace, LossLedger losses, List<PoolTag> tags, boolean whole) {
    this.trace = trace;
    this.losses = losses;
    this.tags = List.copyOf(tags);
    this.whole = whole;
    this.seen = new boolean[tags.size()];
  }

  /** Whether an event of the class is an allocation or a free. */
  public static boolean isCall(int opcode) {
    return opcode >= FIRST_OPCODE && opcode <= LAST_OPCODE;
  }

  /** Whether it is a free. */
  public static boolean isFree(int opcode) {
    return opcode >= FIRST_FREE;
  }

  /** What to tell of the import, one sentence each. */
  public List<String> notes() {
    return List.of("the order is inferred from times; pool events carry no sequence number");
  }

  /** Pool events taken so far. */
  public long calls() {
    return calls;
  }

  /**
   * Takes an allocation or a free of any tag.
   *
   * @param tag tag of the pool event
   * @param type its POOL_TYPE
   * @param address of the block
   * @param bytes its size
   * @param free whether it was freed
   * @param thread null = not known
   */
  public void accept(
      int tag,
      int type,
      long address,
      long bytes,
      boolean free,
      long timeNs,
      @Nullable Integer thread)
      throws IOException {
    int index = index(tag);
    if (index < 0) {
      return;
    }
    lastTime = timeNs;
    if (!seen[index]) {
      seen[index] = true;
      begin(tags.get(index), type, timeNs);
    }
    int row = trace.append(free ? Op.FREE : Op.ALLOCATE, Layer.CALLBACK, timeNs);
    EventBatch rows = trace.rows();
    rows.setContext(row, context(tags.get(index)));
    rows.setFrame(row, address);
    if (!free) {
      rows.setSize(row, bytes);
    }
    if (thread != null) {
      rows.setThread(row, thread);
    }
    calls++;
  }

  /** Takes a note of another provider. */
  public void mark(long timeNs, @Nullable Integer thread, String detail) throws IOException {
    int row = trace.append(Op.MARK, Layer.NONE, timeNs);
    trace.rows().setDetail(row, detail);
    if (thread != null) {
      trace.rows().setThread(row, thread);
    }
    lastTime = timeNs;
  }

  private int index(int tag) {
    for (int i = 0; i < tags.size(); i++) {
      if (tags.get(i).matches(tag)) {
        return i;
      }
    }
    return -1;
  }

  private static long context(PoolTag tag) {
    return Integer.toUnsignedLong(tag.value());
  }

  private void begin(PoolTag tag, int type, long timeNs) throws IOException {
    int row = trace.append(Op.INITIALIZE, Layer.CALLBACK, timeNs);
    EventBatch rows = trace.rows();
    rows.setContext(row, context(tag));
    rows.setStatus(row, 0);
    rows.setFraming(row, new Framing(0, 0, 0, 0, 0, 0));
    rows.setDetail(
        row,
        Detail.builder().put("pool_tag", tag.toString()).put("pool_type", type).build().toJson());
  }

  /** Says what is missing and how the trace ends; call once. */
  public void finish() throws IOException {
    boolean unplaced = false;
    for (Cause cause :
        List.of(
            Cause.EVENTS_LOST,
            Cause.BUFFERS_LOST,
            Cause.BUFFER_GAPS,
            Cause.UNDECODED,
            Cause.BAD_BUFFERS)) {
      if (losses.any(cause)) {
        unplaced = true;
        Long events = cause == Cause.EVENTS_LOST ? losses.count(cause) : null;
        trace.lost(lastTime, events, cause.metadataKey());
      }
    }
    if (whole) {
      end();
    } else {
      losses.setUnknown(Cause.TAIL_MISSING);
    }
    TraceMetadata metadata =
        trace
            .metadata()
            .with(ProbeImport.ORDER, "inferred")
            .with("kstrace.pool_derived", "true")
            .with(
                "kstrace.pool_tags",
                String.join(",", tags.stream().map(PoolTag::toString).toList()));
    if (unplaced) {
      metadata = metadata.with(TraceMetadata.UNPLACED_LOSSES, "true");
    }
    trace.describe(losses.describe(metadata));
  }

  /** The driver is gone: what it did not free by now is lost. */
  private void end() throws IOException {
    for (int i = 0; i < seen.length; i++) {
      if (seen[i]) {
        int row = trace.append(Op.DELETE, Layer.CALLBACK, lastTime);
        trace.rows().setContext(row, context(tags.get(i)));
      }
    }
    int row = trace.append(Op.TRACE_END, Layer.NONE, lastTime);
    trace.rows().setDetail(row, "{}");
  }
}
