package dev.kstrace.traces;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rows of an allocator and its frames that {@link LiveState} keeps. Not thread-safe. */
final class LiveAllocator {
  final int initialize;
  final @Nullable LivePin pin;
  int delete = RowStore.NONE;
  boolean deleted;

  /** Frames that were handed out and not freed, at all layers. */
  int unfreed;

  private final @Nullable LongIntMap[] addresses;
  private List<LiveFrame> frames = new ArrayList<>();

  LiveAllocator(int initialize, @Nullable LivePin pin, int layers) {
    this.initialize = initialize;
    this.pin = pin;
    this.addresses = new @Nullable LongIntMap[layers];
  }

  /** What is kept of an address, made if there is nothing yet. */
  LiveFrame frame(int layer, long address) {
    LongIntMap map = addresses[layer];
    int index = map == null ? LongIntMap.ABSENT : map.get(address);
    if (index != LongIntMap.ABSENT) {
      return frames.get(index);
    }
    LiveFrame frame = new LiveFrame();
    keep(layer, address, frame);
    return frame;
  }

  /**
   * Notes a free; false where the row's address is no frame of this allocator that it could end.
   */
  boolean free(RowStore rows, EventBatch batch, int row, long place) {
    LongIntMap map = addresses[batch.layer(row)];
    int index = map == null ? LongIntMap.ABSENT : map.get(batch.frame(row));
    if (index == LongIntMap.ABSENT || !frames.get(index).isUnfreed()) {
      return false;
    }
    LiveFrame frame = frames.get(index);
    unfreed--;
    if (deleted) {
      forget(rows, frame);
    } else {
      frame.free = rows.add(batch, row, place);
    }
    return true;
  }

  /** Notes the delete: from now on only frames that are not freed matter. */
  void delete(RowStore rows, int deleteRow) {
    deleted = true;
    delete = deleteRow;
    for (LiveFrame frame : frames) {
      if (!frame.isUnfreed()) {
        forget(rows, frame);
      }
    }
    if (unfreed == 0) {
      frames = new ArrayList<>(0);
      java.util.Arrays.fill(addresses, null);
    }
  }

  /** Forgets the addresses that were freed. */
  void forgetFreed(RowStore rows) {
    List<LiveFrame> before = frames;
    frames = new ArrayList<>();
    for (int layer = 0; layer < addresses.length; layer++) {
      LongIntMap map = addresses[layer];
      addresses[layer] = null;
      for (int index : map == null ? new int[0] : map.values()) {
        LiveFrame frame = before.get(index);
        if (frame.isUnfreed()) {
          keep(layer, rows.frame(frame.allocate), frame);
        } else {
          forget(rows, frame);
        }
      }
    }
  }

  private void keep(int layer, long address, LiveFrame frame) {
    LongIntMap map = addresses[layer];
    if (map == null) {
      map = new LongIntMap();
      addresses[layer] = map;
    }
    map.put(address, frames.size());
    frames.add(frame);
  }

  private static void forget(RowStore rows, LiveFrame frame) {
    rows.remove(frame.allocate);
    rows.remove(frame.free);
    frame.allocate = RowStore.NONE;
    frame.free = RowStore.NONE;
  }
}
