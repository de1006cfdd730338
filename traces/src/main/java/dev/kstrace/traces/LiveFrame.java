package dev.kstrace.traces;

/** The rows of one address of an allocator that {@link LiveState} keeps. Not thread-safe. */
final class LiveFrame {
  int allocate = RowStore.NONE;
  int free = RowStore.NONE;

  /** Whether the allocate failed by its status and returned an address nevertheless. */
  boolean contradicted;

  boolean isUnfreed() {
    return allocate != RowStore.NONE && free == RowStore.NONE;
  }

  boolean isLive() {
    return isUnfreed() && !contradicted;
  }
}
