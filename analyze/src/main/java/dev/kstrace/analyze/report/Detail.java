package dev.kstrace.analyze.report;

/**
 * How much an overview may hold: what keeps a page small. Immutable.
 *
 * @param charts allocators whose outstanding frames are drawn
 * @param points points of all these drawings together
 * @param slotTables allocators whose slots are listed
 * @param lanes slots of one allocator whose frames are drawn
 * @param spans frames of all these drawings together
 * @param rows lines of any other list
 */
public record Detail(int charts, int points, int slotTables, int lanes, int spans, int rows) {
  /** What is enough to see all there is on a large screen, for one trace. */
  public static final Detail FULL = new Detail(400, 60_000, 24, 64, 24_000, 2_000);

  /** Half of it. */
  public Detail half() {
    return new Detail(
        half(charts), half(points), half(slotTables), half(lanes), half(spans), half(rows));
  }

  private static int half(int number) {
    return Math.max(1, number / 2);
  }
}
