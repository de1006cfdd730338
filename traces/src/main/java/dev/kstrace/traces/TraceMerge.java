package dev.kstrace.traces;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Puts traces of one run together.
 *
 * <p>Where one counter gave the {@code seq} of all (no number twice, and the times agree with that
 * order) the rows are merged by {@code seq} and stay as they are. Otherwise each trace had a
 * counter of its own: rows are merged by the time of their effect, each trace's own order kept, and
 * numbered anew; holes become {@code events_lost}. Immutable.
 */
public final class TraceMerge {
  private static final String KEY = "kstrace.merged";
  private static final String HOST = "kstrace.host";

  private final List<Path> inputs;

  /** How rows were put in order. */
  public enum Order {
    /** By their seq, which is kept. */
    SEQ,
    /** By time, numbered anew. */
    TIME
  }

  /**
   * What came out.
   *
   * @param order how rows were put in order
   * @param events rows of the new trace
   */
  public record Merged(Order order, long events) {}

  /** Traces that do not belong together; the message says why. */
  public static final class MergeException extends Exception {
    private static final long serialVersionUID = 1L;

    MergeException(String message) {
      super(message);
    }
  }

  /** A merge of these files, at least two. */
  public TraceMerge(List<Path> inputs) {
    this.inputs = List.copyOf(inputs);
  }

  /**
   * Writes the merged trace.
   *
   * @param overwrite whether an existing output is replaced
   * @param progress told how far the reading is; all traces are read twice
   * @throws MergeException if the traces do not belong together; nothing was written
   * @throws IOException if reading or writing fails; nothing is left behind then
   */
  public Merged write(Path output, boolean overwrite, ReadProgress progress)
      throws IOException, MergeException {
    Order order;
    boolean allEnd = true;
    TraceMetadata metadata;
    try (Inputs sources = new Inputs()) {
      metadata = commonMetadata(sources);
      order = order(sources, progress);
      for (MergeInput input : sources.all) {
        allEnd &= input.endsOrderly();
      }
    }
    metadata = metadata.with(KEY + ".order", order == Order.SEQ ? "seq" : "time");
    try (Inputs sources = new Inputs();
        NewTrace trace = NewTrace.create(output, metadata, overwrite)) {
      Sink sink = new Sink(trace.writer());
      boolean lastEnds = false;
      for (MergeInput next = sources.next(order); next != null; next = sources.next(order)) {
        sink.add(next, order);
        if (next.advance()) {
          sources.tell(progress);
        }
        lastEnds = next.endsOrderly();
      }
      // With one counter a hole tells what is missing at the end of any other trace.
      sink.finish(order == Order.SEQ ? lastEnds : allEnd);
      trace.commit();
      return new Merged(order, sink.events);
    }
  }

  // Whether they belong together.

  private TraceMetadata commonMetadata(Inputs sources) throws MergeException {
    MergeInput first = sources.all.get(0);
    Map<String, String> common = new HashMap<>(first.metadata().values());
    boolean complete = true;
    boolean synthetic = false;
    for (MergeInput input : sources.all) {
      TraceMetadata metadata = input.metadata();
      requireSame(first, input, TraceMetadata.CLOCK, true, "their times cannot be compared");
      requireSame(first, input, HOST, false, "they are not of one run");
      if (metadata.snapshotRows() > 0) {
        throw new MergeException(
            input.file() + " begins with a snapshot; merge whole traces first, then cut");
      }
      complete &= metadata.completeStart();
      synthetic |= metadata.syntheticAddresses();
      common.entrySet().removeIf(e -> !e.getValue().equals(metadata.get(e.getKey())));
    }
    common.put(TraceMetadata.VERSION, TraceMetadata.CURRENT_VERSION);
    common.put(TraceMetadata.COMPLETE_START, Boolean.toString(complete));
    common.put(TraceMetadata.SYNTHETIC_ADDRESSES, Boolean.toString(synthetic));
    common.put(KEY, Integer.toString(inputs.size()));
    return TraceMetadata.of(common);
  }

  private static void requireSame(
      MergeInput first, MergeInput other, String key, boolean required, String why)
      throws MergeException {
    String expected = first.metadata().get(key);
    if (required && expected == null) {
      throw new MergeException(
          "cannot merge " + first.file() + ": it does not say " + key + ", so " + why);
    }
    String found = other.metadata().get(key);
    boolean bothSay = expected != null && found != null;
    if (bothSay ? !Objects.equals(expected, found) : required) {
      throw new MergeException(
          "cannot merge "
              + first.file()
              + " and "
              + other.file()
              + ": "
              + key
              + " is "
              + expected
              + " in the first and "
              + (found == null ? "not said" : found)
              + " in the second, so "
              + why);
    }
  }

  /** Reads all rows and finds out how they can be put in order. */
  private Order order(Inputs sources, ReadProgress progress) throws IOException, MergeException {
    boolean bySeq = true;
    MergeInput before = null;
    long previousSeq = 0;
    long previousEntry = 0;
    for (MergeInput next = sources.next(Order.SEQ); next != null; next = sources.next(Order.SEQ)) {
      if (before != null) {
        bySeq &= Long.compareUnsigned(next.seq(), previousSeq) > 0;
        // A call that returned before the one in front of it was entered came earlier.
        bySeq &= next == before || next.latestTime() >= previousEntry;
      }
      before = next;
      previousSeq = next.seq();
      previousEntry = next.entryTime();
      if (next.advance()) {
        sources.tell(progress);
      }
    }
    for (MergeInput input : sources.all) {
      if (!input.rises()) {
        throw new MergeException(
            input.file() + " has events whose seq does not rise; kstrace verify shows them");
      }
    }
    if (!bySeq) {
      requireApart(sources);
    }
    return bySeq ? Order.SEQ : Order.TIME;
  }

  /** Two counters are two producers: one address in both does not mean one thing. */
  private static void requireApart(Inputs sources) throws MergeException {
    Map<Long, MergeInput> owners = new HashMap<>();
    for (MergeInput input : sources.all) {
      for (Long value : input.identities()) {
        MergeInput other = owners.putIfAbsent(value, input);
        if (other != null) {
          throw new MergeException(
              "cannot merge "
                  + other.file()
                  + " and "
                  + input.file()
                  + ": both have a pin or context "
                  + Hex.of(value)
                  + " although their seq is not of one counter; judge them one by one");
        }
      }
    }
  }

  /** All inputs, each at its next row. */
  private final class Inputs implements Closeable {
    final List<MergeInput> all = new ArrayList<>();

    Inputs() throws IOException {
      try {
        for (Path input : inputs) {
          all.add(new MergeInput(input));
        }
      } catch (IOException | RuntimeException e) {
        close();
        throw e;
      }
    }

    void tell(ReadProgress progress) {
      long done = 0;
      long total = 0;
      for (MergeInput input : all) {
        done += input.position();
        total += input.fileBytes();
      }
      progress.at(done, total);
    }

    /** The input whose row comes next, or null at the end; the first of several that tie. */
    @Nullable MergeInput next(Order order) {
      MergeInput best = null;
      for (MergeInput input : all) {
        if (input.hasRow() && (best == null || input.isBefore(best, order))) {
          best = input;
        }
      }
      return best;
    }

    @Override
    public void close() throws IOException {
      for (MergeInput input : all) {
        input.close();
      }
    }
  }

  /** Writes the rows in their new order. */
  private static final class Sink {
    private final TraceWriter writer;
    private final EventBatch batch = new EventBatch(TraceWriter.BATCH_ROWS);
    private long events;

    Sink(TraceWriter writer) {
      this.writer = writer;
    }

    void add(MergeInput input, Order order) throws IOException {
      long hole = order == Order.TIME ? input.holeBefore() : 0;
      if (hole > 0) {
        reserve();
        new LossLog.Loss(0, events, input.entryTime(), hole, "hole in seq")
            .fill(batch, batch.rows());
        batch.setRows(batch.rows() + 1);
      }
      reserve();
      input.copyTo(batch, batch.rows(), order == Order.TIME ? Long.valueOf(events) : null);
      batch.setRows(batch.rows() + 1);
    }

    private void reserve() throws IOException {
      if (batch.isFull()) {
        writer.write(batch);
        batch.clear();
      }
      events++;
    }

    /** Writes what is left, without a trace_end at the end if the run did not end orderly. */
    void finish(boolean orderly) throws IOException {
      int last = batch.rows() - 1;
      if (!orderly && last >= 0 && batch.op(last) == Op.TRACE_END.code()) {
        batch.setRows(last);
        events--;
      }
      writer.write(batch);
    }
  }
}
