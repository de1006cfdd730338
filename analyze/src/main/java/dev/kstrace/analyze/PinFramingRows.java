package dev.kstrace.analyze;

import dev.kstrace.traces.FramingEx;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns what a pin asks for into rows of {@code pin_framings}: one per item. */
final class PinFramingRows {
  private static final FramingEx.Item NOTHING =
      new FramingEx.Item(
          null, null, null, null, FramingEx.Range.UNKNOWN, FramingEx.Range.UNKNOWN, null, null);

  private PinFramingRows() {}

  /** The rows, one value per column: Long, String or null; one row where there is no item. */
  static List<@Nullable Object[]> rows(PinFraming asked) {
    List<FramingEx.Item> items = asked.framing().items();
    List<@Nullable Object[]> rows = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      rows.add(row(asked, i + 1L, items.get(i)));
    }
    if (items.isEmpty()) {
      rows.add(row(asked, null, NOTHING));
    }
    return rows;
  }

  private static @Nullable Object[] row(
      PinFraming asked, @Nullable Long number, FramingEx.Item item) {
    Pin pin = asked.pin();
    FramingEx framing = asked.framing();
    return new @Nullable Object[] {
      asked.seq(),
      pin.pin,
      CallRows.pinId(pin),
      pin.name,
      pin.factoryId,
      asked.previousSeq(),
      number,
      (long) framing.items().size(),
      item.memoryType(),
      item.flags(),
      item.frames(),
      item.fileAlignment(),
      item.physical().min(),
      item.physical().max(),
      item.physical().stepping(),
      item.optimal().min(),
      item.optimal().max(),
      item.optimal().stepping(),
      item.inPlaceWeight(),
      item.notInPlaceWeight(),
      framing.pinFlags(),
      framing.pinWeight(),
      framing.ratioNumerator(),
      framing.ratioDenominator(),
      framing.toDetail().toJson()
    };
  }
}
