package dev.kstrace.capture.sim;

/** The IRQL of the processor that runs the calling thread, as a simulated allocator sees it. */
public interface IrqlControl {
  /** The current level, 0 to 15. */
  int irql();

  /** Raises or lowers the level. */
  void setIrql(int irql);

  /** A single level that starts at PASSIVE_LEVEL, for one thread. Not thread-safe. */
  static IrqlControl create() {
    return new IrqlControl() {
      private int level;

      @Override
      public int irql() {
        return level;
      }

      @Override
      public void setIrql(int irql) {
        level = irql;
      }
    };
  }
}
