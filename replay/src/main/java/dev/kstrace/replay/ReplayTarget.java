package dev.kstrace.replay;

import dev.kstrace.capture.AllocatorDispatch;
import dev.kstrace.traces.Framing;
import java.io.Closeable;
import java.io.IOException;

/**
 * An allocator to be driven by a recording: the four callbacks and the surroundings in which they
 * are called.
 *
 * <p>The engine calls from one thread. Before each call it says as whom ({@link #present}), after
 * it what is left ({@link #irql}, {@link #usableBytes}). A call that throws means that the target
 * died; nothing but {@link #close} is called afterwards. Contexts and frames are the target's own:
 * the engine translates the recorded ones before the call. A target carries state, so each replay
 * needs a new one.
 */
public interface ReplayTarget extends Closeable {
  /** What the report and the replayed trace call it, such as {@code sim:default}; no path in it. */
  String name();

  /** Whether its frame addresses are invented, so that their alignment means nothing. */
  boolean syntheticAddresses();

  /**
   * Sets the surroundings of the next call.
   *
   * @param thread recorded OS thread id, unsigned; 0 = unknown
   * @param irql recorded IRQL at entry; PASSIVE_LEVEL where the recording does not know
   * @param timeNs recorded entry time in ns
   */
  void present(int thread, int irql, long timeNs);

  /** See {@link AllocatorDispatch#initialize}; a framing that was not recorded is all zeros. */
  int initialize(long pin, Framing framing, AllocatorDispatch.ContextOut context);

  /** See {@link AllocatorDispatch#delete}. */
  void delete(long context);

  /** See {@link AllocatorDispatch#allocate}. */
  long allocate(long context);

  /** See {@link AllocatorDispatch#free}. */
  void free(long context, long frame);

  /** IRQL after the last call, 0 to 15; -1 = unknown. */
  int irql();

  /** Usable bytes of a frame that the last {@link #allocate} returned, not 0; -1 = unknown. */
  long usableBytes(long context, long frame);

  /**
   * Whether its addresses are the same in each run, so that two replays give the same bytes. Asked
   * once all calls are made; true unless a target knows better.
   */
  default boolean hasFixedAddresses() {
    return true;
  }

  /** Lets go of whatever the target holds; called once. */
  @Override
  void close() throws IOException;
}
