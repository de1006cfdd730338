package dev.kstrace.capture.etl;

import dev.kstrace.capture.imports.LossLedger;
import dev.kstrace.capture.imports.LossLedger.Cause;
import dev.kstrace.traces.MalformedTraceException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the records of an .etl file in the order of their times.
 *
 * <p>A session fills one buffer a processor and writes them as they become full, so a file is out
 * of order. A first walk collects the heads of the buffers; then the buffers of each processor are
 * read in the order in which they were filled, and the processors are merged. Memory holds the
 * heads and one buffer a processor, however large the file is. No size is believed before it was
 * compared with what holds it. Not thread-safe.
 */
public final class EtlReader implements Closeable {
  private final Path file;
  private final FileChannel channel;
  private final long fileBytes;
  private final LossLedger losses;
  private final LogHeader header;
  private final EtlClock clock;
  private final int bufferCount;
  private final List<BufferQueue> queues = new ArrayList<>();
  private final BufferQueue[] heap;
  private int waiting;
  private boolean begun;
  private long records;

  private EtlReader(Path file, FileChannel channel, LossLedger losses) throws IOException {
    this.file = file;
    this.channel = channel;
    this.fileBytes = channel.size();
    this.losses = losses;
    List<BufferHead> heads = new BufferScan(file, channel, losses).run();
    bufferCount = heads.size();
    header = readHeader(heads);
    clock = EtlClock.of(header);
    losses.set(Cause.EVENTS_LOST, header.eventsLost());
    losses.set(Cause.BUFFERS_LOST, header.buffersLost());
    BufferScan.countGaps(heads, header.mayLackBeginning(), losses);
    queue(heads);
    heap = new BufferQueue[queues.size()];
    for (BufferQueue queue : queues) {
      if (queue.next()) {
        heap[waiting] = queue;
        siftUp(waiting++);
      }
    }
  }

  /**
   * Opens a file and reads the head of each buffer.
   *
   * @param losses where it counts what is missing; complete once all was read
   * @throws MalformedTraceException if the file is no .etl file
   * @throws IOException if it cannot be read
   */
  public static EtlReader open(Path file, LossLedger losses) throws IOException {
    if (Files.isDirectory(file)) {
      throw new MalformedTraceException(file, "is a directory; expected an .etl file");
    }
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      return new EtlReader(file, channel, losses);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private LogHeader readHeader(List<BufferHead> heads) throws IOException {
    if (fileBytes == 0) {
      throw new MalformedTraceException(file, "is empty; expected an .etl file");
    }
    if (!heads.isEmpty()) {
      BufferQueue first =
          new BufferQueue(
              file, channel, new LossLedger(), new BufferQueue.Budget(), heads.subList(0, 1));
      if (first.next()) {
        EtlRecord record = first.record();
        boolean isHeader =
            record.kind() == EtlRecord.Kind.SYSTEM && record.group() == 0 && record.opcode() == 0;
        int fixed = LogHeader.fixedBytes(record.bytes, record.payload, record.payloadBytes);
        if (isHeader && fixed != 0 && record.payloadBytes >= fixed) {
          return LogHeader.parse(record);
        }
      }
    }
    throw new MalformedTraceException(
        file,
        "is no .etl file: the record at byte "
            + BufferHead.BYTES
            + " is no log-file header; expected a file that an event tracing session wrote");
  }

  private void queue(List<BufferHead> heads) {
    List<BufferHead> sorted = new ArrayList<>(heads);
    sorted.sort(BufferHead.FILLING_ORDER);
    BufferQueue.Budget budget = new BufferQueue.Budget();
    int from = 0;
    for (int to = 1; to <= sorted.size(); to++) {
      if (to == sorted.size() || sorted.get(to).processor() != sorted.get(from).processor()) {
        queues.add(new BufferQueue(file, channel, losses, budget, sorted.subList(from, to)));
        from = to;
      }
    }
  }

  /** The file as it was named. */
  public Path file() {
    return file;
  }

  /** Bytes of the file. */
  public long fileBytes() {
    return fileBytes;
  }

  /** Complete buffers of the file. */
  public int buffers() {
    return bufferCount;
  }

  /** What the session says of itself. */
  public LogHeader header() {
    return header;
  }

  /** How to read time stamps. */
  public EtlClock clock() {
    return clock;
  }

  /** Records so far. */
  public long records() {
    return records;
  }

  /** Bytes of the file that were read so far. */
  public long bytesRead() {
    return queues.stream().mapToLong(BufferQueue::bytesRead).sum();
  }

  /** Offset of the first buffer in which something was not understood; -1 = none so far. */
  public long firstUndecoded() {
    return queues.stream()
        .mapToLong(BufferQueue::firstUndecoded)
        .filter(offset -> offset >= 0)
        .min()
        .orElse(-1);
  }

  /**
   * Goes to the next record.
   *
   * @return false after the last one
   * @throws IOException if the file cannot be read
   */
  public boolean next() throws IOException {
    if (begun && waiting > 0) {
      if (!heap[0].next()) {
        heap[0] = heap[--waiting];
      }
      siftDown();
    }
    begun = true;
    if (waiting == 0) {
      return false;
    }
    records++;
    return true;
  }

  /** The record that {@link #next} went to; good until it is called again. */
  public EtlRecord record() {
    return heap[0].record();
  }

  private void siftUp(int from) {
    int at = from;
    while (at > 0 && before(heap[at], heap[(at - 1) >>> 1])) {
      BufferQueue parent = heap[(at - 1) >>> 1];
      heap[(at - 1) >>> 1] = heap[at];
      heap[at] = parent;
      at = (at - 1) >>> 1;
    }
  }

  private void siftDown() {
    BufferQueue moved = heap[0];
    int at = 0;
    for (int child = 1; child < waiting; child = 2 * at + 1) {
      if (child + 1 < waiting && before(heap[child + 1], heap[child])) {
        child++;
      }
      if (!before(heap[child], moved)) {
        break;
      }
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = moved;
  }

  private static boolean before(BufferQueue a, BufferQueue b) {
    long first = a.record().ticks;
    long second = b.record().ticks;
    if (first != second) {
      return first < second;
    }
    int order = Long.compare(a.sequence(), b.sequence());
    return order < 0 || (order == 0 && a.record().processor < b.record().processor);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
