package dev.kstrace.traces;

/** The rows of a pin that {@link LiveState} keeps. Not thread-safe. */
final class LivePin {
  int create = RowStore.NONE;
  int state = RowStore.NONE;
  int close = RowStore.NONE;
  boolean open = true;

  /** Allocators that are kept and were initialized on this pin. */
  int allocators;
}
