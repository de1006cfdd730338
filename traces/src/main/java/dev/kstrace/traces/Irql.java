package dev.kstrace.traces;

/**
 * Interrupt request levels, numbered as on x64.
 *
 * <p>Source: ddi/wdm and debugger/bug-check-0xc4; no page states a level for the four allocator
 * callbacks.
 */
public final class Irql {
  /** Ordinary thread context. */
  public static final int PASSIVE_LEVEL = 0;

  /** Asynchronous procedure calls blocked; the highest level at which paged pool may be touched. */
  public static final int APC_LEVEL = 1;

  /** Spin locks and DPCs; the highest level at which nonpaged pool may be allocated or freed. */
  public static final int DISPATCH_LEVEL = 2;

  /** The highest level. */
  public static final int HIGH_LEVEL = 15;

  private Irql() {}

  /** Microsoft's name of a level, or {@code DIRQL n} for the device levels between. */
  public static String format(int irql) {
    return switch (irql) {
      case PASSIVE_LEVEL -> "PASSIVE_LEVEL";
      case APC_LEVEL -> "APC_LEVEL";
      case DISPATCH_LEVEL -> "DISPATCH_LEVEL";
      case HIGH_LEVEL -> "HIGH_LEVEL";
      default -> irql > DISPATCH_LEVEL && irql < HIGH_LEVEL ? "DIRQL " + irql : "IRQL " + irql;
    };
  }
}
