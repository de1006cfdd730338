package dev.kstrace.analyze.report;

import dev.kstrace.analyze.TracePass;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The addresses that one allocator handed out, and who held each of them when. Not thread-safe. */
public final class Slots {
  /** Addresses that are told apart; an allocator that recycles its frames has fewer. */
  private static final int MOST = 4096;

  private final long allocId;
  private final int lanes;
  private final int spansOfALane;
  private final Map<Long, Slot> slots = new HashMap<>();
  private long untold;

  /** One address. */
  public static final class Slot {
    private final long address;
    private final Spans spans;
    private long bytes;
    private long frames;

    private Slot(long address, Spans spans) {
      this.address = address;
      this.spans = spans;
    }

    /** The address. */
    public long address() {
      return address;
    }

    /** Bytes of its largest frame, as far as they are known; 0 = not known. */
    public long bytes() {
      return bytes;
    }

    /** How often it was handed out. */
    public long frames() {
      return frames;
    }

    /** Its frames; none where there are more slots than are drawn. */
    public Spans spans() {
      return spans;
    }
  }

  /**
   * No slots.
   *
   * @param lanes slots whose frames are kept: the first ones, and those that findings are about
   * @param spansOfALane how many of each, at least 2
   */
  Slots(long allocId, int lanes, int spansOfALane) {
    this.allocId = allocId;
    this.lanes = lanes;
    this.spansOfALane = spansOfALane;
  }

  /** Takes a frame; times as {@link Spans#add} wants them. */
  void add(TracePass.Frame frame, long start, long end, boolean flagged) {
    Slot slot = slots.get(frame.address());
    if (slot == null) {
      if (slots.size() == MOST) {
        untold++;
        return;
      }
      slot =
          new Slot(frame.address(), new Spans(slots.size() < lanes || flagged ? spansOfALane : 0));
      slots.put(frame.address(), slot);
    }
    slot.frames++;
    if (Long.compareUnsigned(frame.bytes(), slot.bytes) > 0) {
      slot.bytes = frame.bytes();
    }
    if (slot.spans.room() > 0) {
      slot.spans.add(
          start, end, frame.allocateSeq(), frame.allocateThread(), frame.freeThread(), flagged);
    }
  }

  /** Number of the allocator. */
  public long allocId() {
    return allocId;
  }

  /** Frames at addresses beyond those that are told apart. */
  public long untold() {
    return untold;
  }

  /** All slots, by address. */
  public List<Slot> all() {
    List<Slot> all = new ArrayList<>(slots.values());
    all.sort((a, b) -> Long.compareUnsigned(a.address, b.address));
    return all;
  }
}
