package dev.kstrace.replay;

import dev.kstrace.traces.EventBatch;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads recorded events and resolves them while those before them are replayed: on a thread of its
 * own, which begins behind the first full batch, so that short recordings need none.
 *
 * <p>The events come in order and none is lost: what goes wrong with a batch is thrown when it is
 * its turn. The source is only ever read by one thread at a time. Not thread-safe.
 */
final class ReadAhead implements Closeable {
  /** Batches under way: one is read while the other waits for the replay. */
  private static final int AHEAD = 2;

  private final ReplayEngine.Source source;
  private final CallResolver resolver;
  private final Queue<Future<Block>> ahead = new ArrayDeque<>();
  private @Nullable ExecutorService reader;
  private @Nullable Block atHand;
  private boolean ended;

  /** The rows of a batch and what they mean. */
  private static final class Block {
    final EventBatch events;
    final RecordedCalls calls;

    Block(int rows) {
      events = new EventBatch(rows);
      calls = new RecordedCalls(rows);
    }
  }

  /**
   * A reader that has read nothing yet.
   *
   * @param resolver says what the rows mean; nobody else may use it before the end
   */
  ReadAhead(ReplayEngine.Source source, CallResolver resolver) {
    this.source = source;
    this.resolver = resolver;
  }

  /**
   * The next rows, in place of those that the batch had.
   *
   * @param calls gets what they mean
   * @return false at the end; there are no rows then
   */
  boolean next(EventBatch in, RecordedCalls calls) throws IOException {
    if (reader == null) {
      boolean more = resolver.read(source, in, calls);
      if (more && in.isFull()) {
        begin(in.capacity());
      }
      return more;
    }
    Block next = await(ahead.remove());
    if (atHand != null) {
      submit(reader, atHand);
    }
    atHand = next;
    in.share(next.events);
    calls.share(next.calls);
    return in.rows() > 0;
  }

  private void begin(int rows) {
    reader =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, "read-ahead");
              thread.setDaemon(true);
              return thread;
            });
    for (int i = 0; i < AHEAD; i++) {
      submit(reader, new Block(rows));
    }
  }

  private void submit(ExecutorService to, Block block) {
    ahead.add(to.submit(() -> fill(block)));
  }

  private Block fill(Block block) throws IOException {
    ended = ended || !resolver.read(source, block.events, block.calls);
    if (ended) {
      block.events.clear();
    }
    return block;
  }

  private static Block await(Future<Block> block) throws IOException {
    try {
      return block.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while the recording was read");
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof IOException thrown) {
        throw thrown;
      }
      if (cause instanceof RuntimeException thrown) {
        throw thrown;
      }
      throw new IllegalStateException(cause);
    }
  }

  /** Returns once nobody reads the source any more. */
  @Override
  public void close() {
    if (reader != null) {
      ahead.forEach(block -> block.cancel(false));
      reader.shutdown();
      awaitEnd(reader);
    }
  }

  /** Also where the caller is interrupted, as the source may be closed behind this. */
  private static void awaitEnd(ExecutorService of) {
    boolean interrupted = false;
    while (!of.isTerminated()) {
      try {
        of.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
