package dev.kstrace.traces;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Names of the flag words of kernel streaming.
 *
 * <p>OptionsFlags and RequirementsFlags are one ULONG with two readings: options where a structure
 * asks for an allocator to be created, requirements where it answers a query. Source:
 * ddi/ks/ns-ks-ksallocator_framing, ks-reference section 4.
 */
public enum KsFlags {
  /** The create reading of the framing's flag word. */
  OPTIONS(
      "KSALLOCATOR_OPTIONF_COMPATIBLE", 0x1,
      "KSALLOCATOR_OPTIONF_SYSTEM_MEMORY", 0x2),

  /** The query reading of the framing's flag word. */
  REQUIREMENTS(
      "KSALLOCATOR_REQUIREMENTF_INPLACE_MODIFIER", 0x1,
      "KSALLOCATOR_REQUIREMENTF_SYSTEM_MEMORY", 0x2,
      "KSALLOCATOR_REQUIREMENTF_FRAME_INTEGRITY", 0x4,
      "KSALLOCATOR_REQUIREMENTF_MUST_ALLOCATE", 0x8,
      "KSALLOCATOR_REQUIREMENTF_PREFERENCES_ONLY", 0x80000000),

  /** KS_FRAMING_ITEM.Flags beyond the requirement bits. */
  FRAMING_ITEM(
      "KSALLOCATOR_FLAG_PARTIAL_READ_SUPPORT", 0x10,
      "KSALLOCATOR_FLAG_DEVICE_SPECIFIC", 0x20,
      "KSALLOCATOR_FLAG_CAN_ALLOCATE", 0x40,
      "KSALLOCATOR_FLAG_INSIST_ON_FRAMESIZE_RATIO", 0x80,
      "KSALLOCATOR_FLAG_NO_FRAME_INTEGRITY", 0x100,
      "KSALLOCATOR_FLAG_MULTIPLE_OUTPUT", 0x200,
      "KSALLOCATOR_FLAG_CYCLE", 0x400,
      "KSALLOCATOR_FLAG_ALLOCATOR_EXISTS", 0x800,
      "KSALLOCATOR_FLAG_INDEPENDENT_RANGES", 0x1000,
      "KSALLOCATOR_FLAG_ATTENTION_STEPPING", 0x2000,
      "KSALLOCATOR_FLAG_ENABLE_CACHED_MDL", 0x4000,
      "KSALLOCATOR_FLAG_2D_BUFFER_REQUIRED", 0x8000),

  /** KSPIN_DESCRIPTOR_EX.Flags. */
  PIN(
      "KSPIN_FLAG_DISPATCH_LEVEL_PROCESSING", 0x1,
      "KSPIN_FLAG_CRITICAL_PROCESSING", 0x2,
      "KSPIN_FLAG_HYPERCRITICAL_PROCESSING", 0x4,
      "KSPIN_FLAG_ASYNCHRONOUS_PROCESSING", 0x8,
      "KSPIN_FLAG_DO_NOT_INITIATE_PROCESSING", 0x10,
      "KSPIN_FLAG_INITIATE_PROCESSING_ON_EVERY_ARRIVAL", 0x20,
      "KSPIN_FLAG_FRAMES_NOT_REQUIRED_FOR_PROCESSING", 0x40,
      "KSPIN_FLAG_ENFORCE_FIFO", 0x80,
      "KSPIN_FLAG_GENERATE_MAPPINGS", 0x100,
      "KSPIN_FLAG_DISTINCT_TRAILING_EDGE", 0x200,
      "KSPIN_FLAG_PROCESS_IN_RUN_STATE_ONLY", 0x10000,
      "KSPIN_FLAG_SPLITTER", 0x20000,
      "KSPIN_FLAG_USE_STANDARD_TRANSPORT", 0x40000,
      "KSPIN_FLAG_DO_NOT_USE_STANDARD_TRANSPORT", 0x80000,
      "KSPIN_FLAG_FIXED_FORMAT", 0x100000,
      "KSPIN_FLAG_GENERATE_EOS_EVENTS", 0x200000,
      "KSPIN_FLAG_IMPLEMENT_CLOCK", 0x400000,
      "KSPIN_FLAG_SOME_FRAMES_REQUIRED_FOR_PROCESSING", 0x800000,
      "KSPIN_FLAG_PROCESS_IF_ANY_IN_RUN_STATE", 0x1000000,
      "KSPIN_FLAG_DENY_USERMODE_ACCESS", 0x80000000);

  /** KSALLOCATOR_OPTIONF_SYSTEM_MEMORY: frames come from the pool named in PoolType. */
  public static final int OPTIONF_SYSTEM_MEMORY = 0x2;

  /** KSALLOCATOR_OPTIONF_VALID: the options that a create request may carry. */
  public static final int OPTIONF_VALID = 0x3;

  /** KSALLOCATOR_REQUIREMENTF_PREFERENCES_ONLY: requirements are wishes. */
  public static final int REQUIREMENTF_PREFERENCES_ONLY = 0x80000000;

  /** KSALLOCATOR_FLAG_2D_BUFFER_REQUIRED: FileAlignment is a signed pitch, not a mask. */
  public static final int FLAG_2D_BUFFER_REQUIRED = 0x8000;

  /** KSPIN_FLAG_USE_STANDARD_TRANSPORT; wins over its opposite where both are set. */
  public static final int PIN_USE_STANDARD_TRANSPORT = 0x40000;

  /** KSPIN_FLAG_DO_NOT_USE_STANDARD_TRANSPORT: no pipe section, no queue, free state jumps. */
  public static final int PIN_DO_NOT_USE_STANDARD_TRANSPORT = 0x80000;

  @SuppressWarnings("ImmutableEnumChecker") // filled by the constructor only
  private final Map<String, Integer> bits = new LinkedHashMap<>();

  KsFlags(Object... namesAndBits) {
    for (int i = 0; i < namesAndBits.length; i += 2) {
      bits.put((String) namesAndBits[i], (Integer) namesAndBits[i + 1]);
    }
  }

  /** All names with their bits, from the lowest bit on. Unmodifiable. */
  public Map<String, Integer> bits() {
    return Collections.unmodifiableMap(bits);
  }

  /**
   * The names of the bits that are set, joined by {@code |}, with a rest in hexadecimal; {@code 0}
   * where none is set.
   */
  public String format(int flags) {
    List<String> parts = new ArrayList<>();
    int rest = flags;
    for (Map.Entry<String, Integer> bit : bits.entrySet()) {
      if ((rest & bit.getValue()) != 0) {
        parts.add(bit.getKey());
        rest &= ~bit.getValue();
      }
    }
    if (rest != 0) {
      parts.add(Hex.of(Integer.toUnsignedLong(rest)));
    }
    return parts.isEmpty() ? "0" : String.join("|", parts);
  }
}
