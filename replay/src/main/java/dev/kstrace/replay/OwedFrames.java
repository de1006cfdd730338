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

  /** What is owed for a slot. */
  private static final class Debt {
    final int allocator;
    final Deque<Frame> frames = new ArrayDeque<>();

    /** Whether the recorded frame is still out; else the one that stands for it is owed too. */
    boolean live = true;

    Debt(int allocator) {
      this.allocator = allocator;
    }
  }

  private final TargetBooks books;
  private final Map<Integer, Debt> waiting = new LinkedHashMap<>();

  OwedFrames(TargetBooks books) {
    this.books = books;
  }

  /** Whether nothing is owed at all. */
  boolean isEmpty() {
    return waiting.isEmpty();
  }

  /** Whether something is owed to an allocator. */
  boolean concerns(int allocator) {
    for (Debt debt : waiting.values()) {
      if (debt.allocator == allocator) {
        return true;
      }
    }
    return false;
  }

  /** A live slot of an allocator got a further frame of the target. */
  void add(int slot, int allocator, long frame, long bytes) {
    Debt debt = waiting.computeIfAbsent(slot, key -> new Debt(allocator));
    Frame owed = new Frame(frame, bytes);
    if (!debt.frames.contains(owed)) {
      debt.frames.add(owed);
    }
  }

  /**
   * The frame that stands for a slot was sent to free: the next one stands for it now.
   *
   * @return whether another one does
   */
  boolean sent(int slot) {
    Debt debt = waiting.get(slot);
    if (debt == null) {
      return false;
    }
    debt.live = false;
    Frame next = debt.frames.poll();
    if (next == null) {
      waiting.remove(slot);
      return false;
    }
    books.setFrame(slot, next.address, next.bytes);
    return true;
  }

  /** The frames owed for a slot, oldest first; they are not owed any more. */
  List<Long> take(int slot) {
    Debt debt = waiting.remove(slot);
    List<Long> owed = new ArrayList<>();
    if (debt == null) {
      return owed;
    }
    if (!debt.live) {
      owed.add(books.frame(slot));
    }
    for (Frame frame : debt.frames) {
      owed.add(frame.address);
    }
    return owed;
  }

  /** The allocator that a slot's frames are owed to. */
  int allocator(int slot) {
    Debt debt = waiting.get(slot);
    return debt == null ? AllocatorTable.UNKNOWN : debt.allocator;
  }

  /** How many frames are owed to an allocator. */
  int count(int allocator) {
    int count = 0;
    for (Debt debt : waiting.values()) {
      if (debt.allocator == allocator) {
        count += debt.frames.size() + (debt.live ? 0 : 1);
      }
    }
    return count;
  }

  /** The slots of an allocator, or of all where null, for which frames are owed, in fixed order. */
  List<Integer> slots(@Nullable Integer allocator) {
    List<Integer> slots = new ArrayList<>();
    waiting.forEach(
        (slot, debt) -> {
          if (allocator == null || debt.allocator == allocator) {
            slots.add(slot);
          }
        });
    return slots;
  }
}
