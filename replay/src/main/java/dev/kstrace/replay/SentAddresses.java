package dev.kstrace.replay;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.LongIntMap;

/**
 * What is sent to the target in place of a recorded context or frame. One that the recording never
 * saw being made is sent as it is, moved on only where the target itself returned that very value,
 * so that a wrong call stays wrong in the same way. Not thread-safe.
 */
final class SentAddresses {
  /** Odd, so that adding it again and again visits every number. */
  private static final long STRIDE = 0x9E3779B97F4A7C15L;

  private final EventBatch in;
  private final TargetBooks books;
  private final TargetFrames frames;

  /** Contexts that the target returned. */
  private final LongIntMap contexts = new LongIntMap();

  SentAddresses(EventBatch in, TargetBooks books, TargetFrames frames) {
    this.in = in;
    this.books = books;
    this.frames = frames;
  }

  /** The target returned this context. */
  void returned(long context) {
    contexts.put(context, 1);
  }

  /** The context of a row's call; {@code allocator} is the recording's, known or not. */
  long context(int row, int allocator) {
    if (allocator != AllocatorTable.UNKNOWN) {
      return books.context(allocator);
    }
    long context = in.context(row);
    while (contexts.get(context) != LongIntMap.ABSENT) {
      context += STRIDE;
    }
    return context;
  }

  /** The frame of a row's call. */
  long frame(int row, int slot, long inside) {
    if (slot != FrameTable.NONE) {
      return books.frame(slot) + inside;
    }
    long wanted = in.frame(row);
    long frame = wanted;
    while (wanted != 0 && (frame == 0 || frames.knows(frame))) {
      frame += STRIDE;
    }
    return frame;
  }
}
