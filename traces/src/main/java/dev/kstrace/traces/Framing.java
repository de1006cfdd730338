package dev.kstrace.traces;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * KSALLOCATOR_FRAMING: what an allocator is asked to provide, 24 bytes.
 *
 * <pre>
 *   0 OptionsFlags / RequirementsFlags (one ULONG, two readings)
 *   4 PoolType
 *   8 Frames
 *  12 FrameSize
 *  16 FileAlignment / FramePitch
 *  20 Reserved
 * </pre>
 *
 * All components are ULONGs, so an {@code int} here is to be read as unsigned. Immutable. Source:
 * ddi/ks/ns-ks-ksallocator_framing.
 *
 * @param optionsFlags the flag word; options in a create request, requirements in a query
 * @param poolType POOL_TYPE of system-memory frames, see {@link PoolType}
 * @param frames frames that may be outstanding at once; 0 = no requirement
 * @param frameSize bytes of one frame, prefix and postfix included; 0 = no requirement
 * @param fileAlignment alignment minus one (a mask); with {@link #isTwoDimensional} a signed pitch
 * @param reserved documented as zero
 */
public record Framing(
    int optionsFlags, int poolType, int frames, int frameSize, int fileAlignment, int reserved) {

  /** Size of the structure in bytes, the same on x86 and x64. */
  public static final int BYTES = 24;

  /** Frames as a number, 0 to 4,294,967,295; 0 = no requirement. */
  public long frameLimit() {
    return Integer.toUnsignedLong(frames);
  }

  /** FrameSize in bytes, 0 to 4,294,967,295; 0 = no requirement. */
  public long frameBytes() {
    return Integer.toUnsignedLong(frameSize);
  }

  /** Whether KSALLOCATOR_FLAG_2D_BUFFER_REQUIRED makes {@code fileAlignment} a pitch. */
  public boolean isTwoDimensional() {
    return (optionsFlags & KsFlags.FLAG_2D_BUFFER_REQUIRED) != 0;
  }

  /** Whether frames must come from the pool in {@code poolType} (the create reading). */
  public boolean isSystemMemory() {
    return (optionsFlags & KsFlags.OPTIONF_SYSTEM_MEMORY) != 0;
  }

  /** Whether {@code fileAlignment} is of the form 2^k - 1 and not a pitch. */
  public boolean hasAlignmentMask() {
    return !isTwoDimensional() && (fileAlignment & (fileAlignment + 1)) == 0;
  }

  /**
   * The alignment in bytes, a power of two.
   *
   * @throws IllegalStateException if {@link #hasAlignmentMask} is false
   */
  public long alignmentBytes() {
    if (!hasAlignmentMask()) {
      throw new IllegalStateException("no alignment mask, fileAlignment=" + fileAlignment);
    }
    return Integer.toUnsignedLong(fileAlignment) + 1;
  }

  /** Whether an address satisfies the alignment mask; true where there is no mask to judge by. */
  public boolean isAligned(long address) {
    return !hasAlignmentMask() || (address & Integer.toUnsignedLong(fileAlignment)) == 0;
  }

  /** The 24 bytes of the structure, little-endian. */
  public byte[] toBytes() {
    return ByteBuffer.allocate(BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(optionsFlags)
        .putInt(poolType)
        .putInt(frames)
        .putInt(frameSize)
        .putInt(fileAlignment)
        .putInt(reserved)
        .array();
  }

  /**
   * The structure at the buffer's position, little-endian; advances the position by 24.
   *
   * @throws java.nio.BufferUnderflowException if fewer than 24 bytes remain
   */
  public static Framing fromBytes(ByteBuffer bytes) {
    ByteOrder order = bytes.order();
    bytes.order(ByteOrder.LITTLE_ENDIAN);
    try {
      return new Framing(
          bytes.getInt(),
          bytes.getInt(),
          bytes.getInt(),
          bytes.getInt(),
          bytes.getInt(),
          bytes.getInt());
    } finally {
      bytes.order(order);
    }
  }
}
