package dev.kstrace.replay;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceMetadata;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The calls of a recording as a program would make them: allocators and frames by number instead of
 * by address, so that they can be written down as source code. Immutable.
 *
 * @param steps the calls in recorded order
 * @param allocators allocators are numbered from 0 up to before this
 * @param frames frames are numbered from 1 up to this
 * @param leftOut calls on allocators whose initialize lies before the start of the recording
 */
public record CallScript(List<Step> steps, int allocators, int frames, long leftOut) {
  /** The number of an allocator that no initialize of the recording made. */
  public static final int NO_ALLOCATOR = AllocatorTable.UNKNOWN;

  /** The number of an address that no allocate of the recording returned. */
  public static final int NO_FRAME = 0;

  /** Copies the list. */
  public CallScript {
    steps = List.copyOf(steps);
  }

  /** One call. */
  public sealed interface Step permits Initialize, Allocate, Free, Delete, End {
    /** Where and when it was made. */
    At at();

    /** What its caller did wrong, as the rest of a sentence; null = nothing. */
    @Nullable String fault();
  }

  /**
   * The surroundings of a call.
   *
   * @param seq the event, unsigned
   * @param thread recorded thread, unsigned; 0 = unknown
   * @param irql IRQL at entry; PASSIVE_LEVEL = unknown
   * @param ns time since the first event
   */
  public record At(long seq, int thread, int irql, long ns) {}

  /**
   * InitializeAllocator.
   *
   * @param allocator its number, {@link #NO_ALLOCATOR} where it failed in the recording
   * @param pin recorded address of the pin; 0 = unknown
   * @param status NTSTATUS that it returned; STATUS_SUCCESS where that is not recorded
   */
  public record Initialize(
      At at, @Nullable String fault, int allocator, long pin, Framing framing, int status)
      implements Step {
    /** Whether it made an allocator in the recording. */
    public boolean made() {
      return allocator != NO_ALLOCATOR;
    }
  }

  /**
   * Allocate.
   *
   * @param context as recorded, for where there is no {@code allocator}
   * @param frame number of the frame that it returns
   * @param made whether it returned one in the recording
   */
  public record Allocate(
      At at, @Nullable String fault, int allocator, long context, int frame, boolean made)
      implements Step {}

  /**
   * Free.
   *
   * @param context as recorded, for where there is no {@code allocator}
   * @param frame number of the frame, or {@link #NO_FRAME}
   * @param address added to the frame's address; where there is no {@code frame} the address itself
   */
  public record Free(
      At at, @Nullable String fault, int allocator, long context, int frame, long address)
      implements Step {}

  /**
   * DeleteAllocator.
   *
   * @param context as recorded, for where there is no {@code allocator}
   */
  public record Delete(At at, @Nullable String fault, int allocator, long context)
      implements Step {}

  /** No call: the orderly end of the recording, with what was never given back. */
  public record End(At at, @Nullable String fault) implements Step {}

  /** Whether a caller did something wrong. */
  public boolean hasCallersFault() {
    return steps.stream().anyMatch(step -> step.fault() != null);
  }

  /**
   * Reads the calls of a recording.
   *
   * @param most how many events to read at most
   * @return null where the recording has more events
   * @throws IOException if the source fails
   */
  public static @Nullable CallScript read(
      ReplayEngine.Source source, TraceMetadata metadata, long most) throws IOException {
    EventBatch batch = new EventBatch(1024);
    RecordedCalls recorded = new RecordedCalls(batch.capacity());
    CallResolver resolver = new CallResolver();
    CallScriptBuilder builder = new CallScriptBuilder(recorded, metadata.completeStart());
    long events = 0;
    while (source.read(batch)) {
      events += batch.rows();
      if (events > most) {
        return null;
      }
      resolver.resolve(batch, batch.rows(), recorded);
      for (int row = 0; row < batch.rows(); row++) {
        Op op = Op.of(batch.op(row));
        if (op != null) {
          builder.add(batch, row, op);
        }
      }
    }
    return builder.build();
  }
}
