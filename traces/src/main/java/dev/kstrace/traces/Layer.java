package dev.kstrace.traces;

import org.jspecify.annotations.Nullable;

/**
 * At which of the allocator's interfaces a call was seen: column {@code layer} of the trace format.
 *
 * <p>Calls of different layers are never matched with each other: one allocate of a client may
 * cause none at the callbacks (a recycled frame), and the other way round.
 */
public enum Layer {
  /** Not applicable: pin events, marks, losses. */
  NONE(0),
  /** The minidriver's KSALLOCATOR_DISPATCH. */
  CALLBACK(1),
  /** KSMETHOD_STREAMALLOCATOR_ALLOC and _FREE, by IRP. */
  IRP_METHOD(2),
  /** KSSTREAMALLOCATOR_FUNCTIONTABLE, direct calls at up to DISPATCH_LEVEL. */
  FUNCTION_TABLE(3);

  private final int code;
  private final String label;

  Layer(int code) {
    this.code = code;
    this.label = name().toLowerCase(java.util.Locale.ROOT);
  }

  /** The value of the column, 0 to 3. */
  public int code() {
    return code;
  }

  /** The format's name of the layer, such as {@code irp_method}. */
  public String label() {
    return label;
  }

  /** The layer of a code, or null where this version knows none. */
  public static @Nullable Layer of(int code) {
    return code >= 0 && code < values().length ? values()[code] : null;
  }

  /** The layer of a label such as {@code callback}, or null where this version knows none. */
  public static @Nullable Layer ofLabel(String label) {
    for (Layer layer : values()) {
      if (layer.label.equals(label)) {
        return layer;
      }
    }
    return null;
  }
}
