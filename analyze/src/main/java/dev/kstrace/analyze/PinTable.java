package dev.kstrace.analyze;

import dev.kstrace.analyze.TrackerSink.PinStep;
import dev.kstrace.traces.Detail;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.FramingEx;
import dev.kstrace.traces.NtStatus;
import dev.kstrace.traces.PinState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All pin instances of a trace, and which of them a pin value means now. Not thread-safe. */
final class PinTable {
  /** A day; what a detail claims beyond that is no frame period, and a multiple of it no number. */
  private static final long LONGEST_PERIOD_NS = 86_400_000_000_000L;

  private final List<Pin> all = new ArrayList<>();
  private final List<PinFraming> framings = new ArrayList<>();
  private final Map<Long, Pin> open = new HashMap<>();
  private final Map<Long, Pin> closed = new HashMap<>();

  /** All instances in the order in which they were first seen. */
  List<Pin> all() {
    return all;
  }

  /** The framings that pins ask for, in the order in which they were recorded. */
  List<PinFraming> framings() {
    return framings;
  }

  /** How many instances are open. */
  int open() {
    return open.size();
  }

  /** Takes a pin_create that names its pin. */
  void open(EventBatch batch, int row, int lossEpoch) {
    Detail detail = Detail.parse(batch.detail(row));
    closed.remove(batch.pin(row));
    note(open(batch, row, batch.seq(row), detail, lossEpoch), batch.seq(row), detail);
  }

  private Pin open(
      EventBatch batch, int row, @Nullable Long createSeq, Detail detail, int lossEpoch) {
    long value = batch.pin(row);
    Pin pin =
        new Pin(
            all.size(),
            value,
            createSeq,
            batch.tEntry(row),
            detail,
            createSeq == null ? closed.remove(value) : null,
            lossEpoch);
    all.add(pin);
    open.put(value, pin);
    return pin;
  }

  /** Takes a pin_close and says which instance it ends; null = none that is known. */
  @Nullable Pin close(EventBatch batch, int row, int lossEpoch) {
    Pin pin = batch.has(row, EventBatch.PIN) ? open.remove(batch.pin(row)) : null;
    if (pin == null) {
      return null;
    }
    boolean pended = batch.has(row, EventBatch.STATUS) && batch.status(row) == NtStatus.PENDING;
    pin.closeSeq = batch.seq(row);
    pin.closeTime = batch.tEntry(row);
    pin.closeReturn = batch.has(row, EventBatch.T_EXIT) && !pended ? batch.tExit(row) : null;
    pin.closeLossEpoch = lossEpoch;
    closed.put(pin.pin, pin);
    return pin;
  }

  /** The open instance of a row's pin; one without a pin_create where none is open. */
  @Nullable Pin of(EventBatch batch, int row, int lossEpoch) {
    if (!batch.has(row, EventBatch.PIN)) {
      return null;
    }
    Pin pin = open.get(batch.pin(row));
    return pin != null ? pin : open(batch, row, null, Detail.parse(null), lossEpoch);
  }

  /** Takes what a pin_reset, or a mark that names an open pin, says of the pin's framing. */
  void note(EventBatch batch, int row) {
    Pin pin = batch.has(row, EventBatch.PIN) ? open.get(batch.pin(row)) : null;
    if (pin != null) {
      note(pin, batch.seq(row), Detail.parse(batch.detail(row)));
    }
  }

  private void note(Pin pin, long seq, Detail detail) {
    FramingEx framing = FramingEx.of(detail);
    PinFraming before = pin.framing;
    if (framing != null && (before == null || !before.framing().equals(framing))) {
      pin.framing = new PinFraming(pin, seq, before == null ? null : before.seq(), framing);
      framings.add(pin.framing);
    }
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
    if (period != null && period > LONGEST_PERIOD_NS) {
      period = null;
    }
    if (pin == null) {
      return new PinStep(null, from, to, period, null, null, false);
    }
    boolean doubt = pin.stateLossEpoch != lossEpoch;
    Long before = scene ? from : pin.state;
    PinStep step = new PinStep(pin, from, to, period, before, pin.stateBefore, doubt);
    pin.stateBefore = from;
    pin.state = to;
    pin.stateLossEpoch = lossEpoch;
    pin.steps++;
    if (period != null && period > 0) {
      pin.periodNs = period;
    }
    if (to != null && to == PinState.RUN.code() && pin.runSeq == null) {
      pin.runSeq = batch.seq(row);
    }
    note(pin, batch.seq(row), detail);
    return step;
  }
}
