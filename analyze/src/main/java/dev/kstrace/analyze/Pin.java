package dev.kstrace.analyze;

import dev.kstrace.traces.Detail;
import dev.kstrace.traces.KsFlags;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the tracker knows of one pin instance: one pin_create to pin_close of a pin value. */
final class Pin {
  /** Place among all instances, from 0 on; the public {@code pin_id} is one more. */
  final int index;

  final long pin;

  /** The pin_create, or null where recording began later. */
  final @Nullable Long createSeq;

  final long time;
  final @Nullable String name;
  final @Nullable Long factoryId;
  final @Nullable Long flags;
  final @Nullable Long dataFlow;
  final @Nullable String peerMode;
  final @Nullable Boolean hasDispatch;
  final @Nullable Boolean slab;

  /** Who serves it with frames: default, vendor or none; null = not recorded. */
  final @Nullable String allocatorKind;

  /** Whether the driver submits frames of its own, so that no allocator is used. */
  final @Nullable Boolean injection;

  /** The callbacks that its KSALLOCATOR_DISPATCH lacks; null = the table was not recorded. */
  final @Nullable String dispatchMissing;

  /** The closed instance of the same value, where this one was never seen being created. */
  final @Nullable Pin predecessor;

  @Nullable Long closeSeq;
  @Nullable Long closeTime;

  /** When its close returned for good; null = open, not observed, or pended. */
  @Nullable Long closeReturn;

  int closeLossEpoch;

  /** The framing that it asks for as last recorded; null = not recorded. */
  @Nullable PinFraming framing;

  /** Frame period in RUN as last recorded, in ns; 0 = not recorded. */
  long periodNs;

  /** How many pin_state rows were seen. */
  int steps;

  /** The pin_state that first led to RUN. */
  @Nullable Long runSeq;

  /** The allocators on it that are not deleted. */
  final List<Allocator> allocators = new ArrayList<>(1);

  /** Whether an initialize on it succeeded. */
  boolean served;

  /** State after the last pin_state; STOP after an observed pin_create; null = unknown. */
  @Nullable Long state;

  /** State before the last pin_state: where a refused transition rolls back to. */
  @Nullable Long stateBefore;

  int stateLossEpoch;

  /** Losses when it was first seen. */
  final int lossEpoch;

  /** Whether it steps through the states; USE wins where both flags are set; null = unknown. */
  @Nullable Boolean standardTransport() {
    return flags == null ? null : isStandardTransport();
  }

  /** As {@link #standardTransport}, with false for unknown. */
  boolean isStandardTransport() {
    return flags != null
        && ((flags & KsFlags.PIN_USE_STANDARD_TRANSPORT) != 0
            || (flags & KsFlags.PIN_DO_NOT_USE_STANDARD_TRANSPORT) == 0);
  }

  Pin(
      int index,
      long pin,
      @Nullable Long createSeq,
      long time,
      Detail detail,
      @Nullable Pin predecessor,
      int lossEpoch) {
    this.index = index;
    this.pin = pin;
    this.createSeq = createSeq;
    this.time = time;
    this.name = detail.text("name");
    this.factoryId = detail.number("factory_id");
    this.flags = detail.number("flags");
    this.dataFlow = detail.number("data_flow");
    this.peerMode = detail.text("peer_mode");
    this.hasDispatch = detail.flag("has_dispatch");
    this.slab = detail.flag("slab");
    this.allocatorKind = detail.text("allocator_kind");
    this.injection = detail.flag("injection");
    this.dispatchMissing = DispatchTable.missing(detail);
    this.predecessor = predecessor;
    this.state = createSeq != null ? Long.valueOf(0) : null;
    this.stateLossEpoch = lossEpoch;
    this.lossEpoch = lossEpoch;
  }
}
