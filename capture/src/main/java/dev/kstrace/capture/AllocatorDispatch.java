package dev.kstrace.capture;

import dev.kstrace.traces.Framing;

/**
 * KSALLOCATOR_DISPATCH in Java: the four callbacks of a minidriver's allocator.
 *
 * <p>Members stand in the order of the C structure. Contexts and frames are 64-bit values that are
 * compared for equality and added to, never dereferenced. An implementation sees whatever its
 * caller does, wrong calls included, and must answer each as its C original would. Whether calls
 * may overlap is up to the caller; nothing in the contract promises that they do not. Source:
 * ddi/ks/ns-ks-_ksallocator_dispatch.
 */
public interface AllocatorDispatch {
  /**
   * InitializeAllocator: makes an allocator for a pin.
   *
   * @param pin KSPIN address
   * @param framing what frames have to be like; a copy, valid for ever
   * @param context receives the allocator's context; its value means nothing unless the status is a
   *     success
   * @return NTSTATUS: STATUS_SUCCESS or an error
   */
  int initialize(long pin, Framing framing, ContextOut context);

  /**
   * DeleteAllocator: releases everything that the allocator holds.
   *
   * @param context as returned by {@link #initialize}
   */
  void delete(long context);

  /**
   * Allocate: hands out a frame as described by the framing.
   *
   * @param context as returned by {@link #initialize}
   * @return the frame's address, or 0 where there is no memory
   */
  long allocate(long context);

  /**
   * Free: takes a frame back.
   *
   * @param context as returned by {@link #initialize}
   * @param frame an address that {@link #allocate} returned
   */
  void free(long context, long frame);

  /** The {@code PVOID *Context} of InitializeAllocator. Not thread-safe. */
  final class ContextOut {
    /** The value stored last, 0 before any. */
    public long value;
  }
}
