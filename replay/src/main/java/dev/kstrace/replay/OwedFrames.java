package dev.kstrace.replay;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Frames of the target that the recording may never free, since the recorded allocator handed out
 * one address twice where the target handed out two frames.
 *
 * <p>In the recording that address is one live frame and one free ends it. Its two users may still
 * call free twice. So each recorded free of the address sends the next of the target's frames, the
 * oldest first; what no recorded free took is given back before the address is handed out anew, an
 * allocate would exceed the allocator's Frames, the allocator is deleted or the trace ends. That
 * way the target shows no leak, no double free and no excess of frames that it is not to blame for.
 * Not thread-safe.
 */
final class OwedFrames {
  /** A frame of the target; {@code bytes} -1 = unknown. */
  private record Frame(long address, long bytes) {}

  private final FrameTable frames;
  private final Map<Integer, Deque<Frame>> waiting = new LinkedHashMap<>();

  OwedFrames(FrameTable frames) {
    this.frames = frames;
  }

  /** Whether nothing is owed at all. */
  boolean isEmpty() {
    return waiting.isEmpty();
  }

  /** A live slot got a further frame of the target. */
  void add(int slot, long frame, long bytes) {
    Deque<Frame> queue = waiting.computeIfAbsent(slot, key -> new ArrayDeque<>());
    Frame owed = new Frame(frame, bytes);
    if (!queue.contains(owed)) {
      queue.add(owed);
    }
  }

  /** The frame that stands for a slot was sent to free: the next one stands for it now. */
  void sent(int slot) {
    if (waiting.isEmpty()) {
      return;
    }
    Deque<Frame> queue = waiting.get(slot);
    if (queue == null) {
      return;
    }
    Frame next = queue.poll();
    if (next == null) {
      waiting.remove(slot);
    } else {
      frames.setTarget(slot, next.address, next.bytes);
    }
  }

  /** The frames owed for a slot, oldest first; they are not owed any more. */
  List<Long> take(int slot) {
    Deque<Frame> queue = waiting.remove(slot);
    List<Long> owed = new ArrayList<>();
    if (queue == null) {
      return owed;
    }
    if (!frames.isLive(slot)) {
      owed.add(frames.target(slot));
    }
    for (Frame frame : queue) {
      owed.add(frame.address);
    }
    return owed;
  }

  /** How many frames are owed to an allocator. */
  int count(int allocator) {
    int count = 0;
    for (Map.Entry<Integer, Deque<Frame>> entry : waiting.entrySet()) {
      if (frames.allocator(entry.getKey()) == allocator) {
        count += entry.getValue().size() + (frames.isLive(entry.getKey()) ? 0 : 1);
      }
    }
    return count;
  }

  /** The slots of an allocator, or of all where null, for which frames are owed, in fixed order. */
  List<Integer> slots(@Nullable Integer allocator) {
    List<Integer> slots = new ArrayList<>();
    for (int slot : waiting.keySet()) {
      if (allocator == null || frames.allocator(slot) == allocator) {
        slots.add(slot);
      }
    }
    return slots;
  }
}
