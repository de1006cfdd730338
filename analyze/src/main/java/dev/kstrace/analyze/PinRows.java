package dev.kstrace.analyze;

import dev.kstrace.analyze.TrackerSink.PinStep;
import dev.kstrace.traces.EventBatch;
import org.jspecify.annotations.Nullable;

/** Turns what is known of a pin instance, and of its steps, into rows. */
final class PinRows {
  private PinRows() {}

  /** The row in the table of pins, one value per column. */
  static @Nullable Object[] row(Pin pin) {
    return new @Nullable Object[] {
      CallRows.pinId(pin),
      pin.pin,
      pin.name,
      pin.factoryId,
      pin.flags,
      pin.dataFlow,
      pin.peerMode,
      pin.hasDispatch,
      pin.slab,
      pin.allocatorKind,
      pin.injection,
      pin.dispatchMissing,
      pin.standardTransport(),
      pin.createSeq,
      pin.time,
      pin.closeSeq,
      pin.closeTime,
      pin.state,
      pin.runSeq,
      pin.served,
      pin.framing == null ? null : pin.framing.seq()
    };
  }

  /** A row of {@code pin_states}, one value per column. */
  static @Nullable Object[] row(EventBatch batch, int row, PinStep step) {
    Pin pin = step.pin();
    return new @Nullable Object[] {
      batch.seq(row),
      batch.tEntry(row),
      pin == null ? null : pin.pin,
      CallRows.pinId(pin),
      pin == null ? null : pin.name,
      step.from(),
      step.to(),
      step.previousFrom(),
      step.previousTo(),
      step.periodNs(),
      pin == null ? null : pin.standardTransport(),
      step.doubt()
    };
  }
}
