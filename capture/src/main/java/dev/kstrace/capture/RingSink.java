package dev.kstrace.capture;

import dev.kstrace.traces.Detail;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.LiveState;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceWriter;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the newest events in memory and becomes a file when asked to.
 *
 * <p>Events lie in blocks of equal size. Where memory is used up the oldest block leaves; what it
 * says of frames, allocators and pins that still live stays behind in a {@link LiveState}, whose
 * rows stand at the head of every dump. Thread-safe; writing a dump holds nobody up.
 */
final class RingSink implements EventSink {
  /** Bytes of a row in an {@link EventBatch}, references counted in full. */
  private static final int ROW_BYTES = 86;

  /** What stands for everything that was live, where it was too much to follow. */
  private static final String LIVE_LOST =
      Detail.builder().put("cause", "more is live than the ring can follow").build().toJson();

  /** Blocks the ring is cut into: a 32nd of it leaves at a time. */
  private static final int BLOCKS = 32;

  /** The part of memory that the snapshot may take, and what a row of it takes. */
  private static final int LIVE_SHARE = 4;

  private static final int LIVE_ROW_BYTES = 200;

  private final Path file;
  private final TraceMetadata metadata;
  private final RecorderOptions options;
  private final int blockRows;
  private final long blockBytes;
  private final Deque<Block> blocks = new ArrayDeque<>();
  private final int mostLiveRows;
  private LiveState live;
  private long textBytes;
  private boolean evicted;

  /** Whether the snapshot had to leave something out. */
  private boolean incomplete;

  /** Dumps under way: their blocks may leave the ring, and must not be written over. */
  private int dumps;

  /** Events and the size of their texts, which is not known beforehand. */
  private static final class Block {
    final EventBatch rows;
    long textBytes;

    Block(EventBatch rows) {
      this.rows = rows;
    }
  }

  private record Part(EventBatch rows, int count) {}

  RingSink(Path file, TraceMetadata metadata, RecorderOptions options) {
    this.file = file;
    this.metadata = metadata;
    this.options = options;
    long liveBytes = options.ringBytes() / LIVE_SHARE;
    live = new LiveState(metadata);
    mostLiveRows = (int) Math.min(1 << 28, liveBytes / LIVE_ROW_BYTES);
    long rows = (options.ringBytes() - liveBytes) / ROW_BYTES / BLOCKS;
    blockRows = (int) Math.min(rows, 1 << 20);
    blockBytes = (long) blockRows * ROW_BYTES;
  }

  /**
   * A ring whose file can be written, as far as one can know beforehand.
   *
   * @throws FileAlreadyExistsException if the file exists and may not be replaced
   */
  static RingSink create(Path file, TraceMetadata metadata, RecorderOptions options)
      throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null && !Files.isDirectory(folder)) {
      throw new NotDirectoryException(folder.toString());
    }
    if (!options.overwrite() && Files.exists(file)) {
      throw new FileAlreadyExistsException(file.toString());
    }
    return new RingSink(file, metadata, options);
  }

  @Override
  public synchronized void write(EventBatch batch) {
    int rows = batch.rows();
    for (int done = 0; done < rows; ) {
      Block block = blocks.peekLast();
      if (block == null || block.rows.isFull()) {
        block = nextBlock();
      }
      EventBatch target = block.rows;
      int count = Math.min(rows - done, target.capacity() - target.rows());
      for (int i = 0; i < count; i++) {
        target.copy(target.rows() + i, batch, done + i);
      }
      target.setRows(target.rows() + count);
      long text = textBytes(batch, done, count);
      block.textBytes += text;
      textBytes += text;
      done += count;
    }
  }

  private static long textBytes(EventBatch batch, int from, int rows) {
    long bytes = 0;
    for (int row = from; row < from + rows; row++) {
      String detail = batch.detail(row);
      bytes += detail == null ? 0 : 2L * detail.length();
    }
    return bytes;
  }

  private Block nextBlock() {
    @Nullable EventBatch reused = null;
    while (!blocks.isEmpty() && (blocks.size() + 1) * blockBytes + textBytes > ringBytes()) {
      Block oldest = blocks.removeFirst();
      live.accept(oldest.rows);
      boundLive(oldest.rows);
      textBytes -= oldest.textBytes;
      evicted = true;
      if (dumps == 0) {
        reused = oldest.rows;
        reused.clear();
      }
    }
    Block block = new Block(reused != null ? reused : new EventBatch(blockRows));
    blocks.addLast(block);
    return block;
  }

  /** Keeps the snapshot within its share, at the price of certainty. */
  private void boundLive(EventBatch last) {
    if (live.keptRows() > mostLiveRows) {
      live.forgetEnded();
      incomplete = true;
    }
    if (live.keptRows() > mostLiveRows) {
      int row = last.rows() - 1;
      live = new LiveState(metadata);
      EventBatch lost = new EventBatch(1);
      lost.begin(0, last.seq(row), Op.EVENTS_LOST.code(), Layer.NONE.code(), last.tEntry(row));
      lost.setDetail(0, LIVE_LOST);
      lost.setRows(1);
      live.accept(lost);
    }
  }

  private long ringBytes() {
    return BLOCKS * blockBytes;
  }

  /** Rows that find room, those without texts. */
  long mostRows() {
    return (long) BLOCKS * blockRows;
  }

  /** Writes what the ring holds into a file, as a trace that is cut. */
  void dump(Path target, boolean overwrite) throws IOException {
    TraceMetadata described = metadata;
    List<Part> parts;
    EventBatch snapshot = new EventBatch(1);
    synchronized (this) {
      parts = blocks.stream().map(block -> new Part(block.rows, block.rows.rows())).toList();
      if (evicted) {
        snapshot = live.snapshot(parts.get(0).rows(), 0);
        described = LiveState.describe(metadata, snapshot);
      }
      if (incomplete) {
        String known = Boolean.toString(described.allocatorsKnown());
        described =
            described
                .with(TraceMetadata.COMPLETE_START, "false")
                .with(TraceMetadata.ENDED_FORGOTTEN, known);
      }
      dumps++;
    }
    try (TraceWriter trace =
        TraceWriter.create(target, described, overwrite, options.compression())) {
      write(trace, snapshot, snapshot.rows());
      for (Part part : parts) {
        write(trace, part.rows(), part.count());
      }
    } finally {
      synchronized (this) {
        dumps--;
      }
    }
  }

  private static void write(TraceWriter trace, EventBatch rows, int count) throws IOException {
    for (int from = 0; from < count; from += TraceWriter.BATCH_ROWS) {
      trace.write(rows, from, Math.min(TraceWriter.BATCH_ROWS, count - from));
    }
  }

  @Override
  public void close() throws IOException {
    dump(file, options.overwrite());
  }
}
