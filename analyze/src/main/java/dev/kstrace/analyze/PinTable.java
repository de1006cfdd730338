package dev.kstrace.analyze;

import dev.kstrace.analyze.TrackerSink.PinStep;
import dev.kstrace.traces.Detail;
import dev.kstrace.traces.EventBatch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All pin instances of a trace, and which of them a pin value means now. Not thread-safe. */
final class PinTable {
  private final List<Pin> all = new ArrayList<>();
  private final Map<Long, Pin> open = new HashMap<>();

  /** All instances in the order in which they were first seen. */
  List<Pin> all() {
    return all;
  }

  /** Takes a pin_create that names its pin. */
  void open(EventBatch batch, int row, int lossEpoch) {
    open(batch, row, batch.seq(row), Detail.parse(batch.detail(row)), lossEpoch);
  }

  private Pin open(
      EventBatch batch, int row, @Nullable Long createSeq, Detail detail, int lossEpoch) {
    long value = batch.pin(row);
    Pin pin = new Pin(all.size(), value, createSeq, batch.tEntry(row), detail, lossEpoch);
    all.add(pin);
    open.put(value, pin);
    return pin;
  }

  /** Takes a pin_close. */
  void close(EventBatch batch, int row) {
    Pin pin = batch.has(row, EventBatch.PIN) ? open.remove(batch.pin(row)) : null;
    if (pin != null) {
      pin.closeSeq = batch.seq(row);
      pin.closeTime = batch.tEntry(row);
    }
  }

  /** The open instance of a row's pin; one without a pin_create where none is open. */
  @Nullable Pin of(EventBatch batch, int row, int lossEpoch) {
    if (!batch.has(row, EventBatch.PIN)) {
      return null;
    }
    Pin pin = open.get(batch.pin(row));
    return pin != null ? pin : open(batch, row, null, Detail.parse(null), lossEpoch);
  }

  /**
   * Takes a pin_state and says what was known before it.
   *
   * @param scene whether it belongs to a snapshot, which keeps the last step of a pin and not those
   *     that led to it: the pin was where it came from
   */
  PinStep step(EventBatch batch, int row, int lossEpoch, boolean scene) {
    Pin pin = of(batch, row, lossEpoch);
    Detail detail = Detail.parse(batch.detail(row));
    Long from = detail.number("from");
    Long to = detail.number("to");
    Long period = detail.number("period_ns");
    if (pin == null) {
      return new PinStep(null, from, to, period, null, null, false);
    }
    boolean doubt = pin.stateLossEpoch != lossEpoch;
    Long before = scene ? from : pin.state;
    PinStep step = new PinStep(pin, from, to, period, before, pin.stateBefore, doubt);
    pin.stateBefore = from;
    pin.state = to;
    pin.stateLossEpoch = lossEpoch;
    return step;
  }
}
