package dev.kstrace.analyze;

import dev.kstrace.traces.Detail;
import dev.kstrace.traces.KsFlags;
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
  @Nullable Long closeSeq;
  @Nullable Long closeTime;

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

  Pin(int index, long pin, @Nullable Long createSeq, long time, Detail detail, int lossEpoch) {
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
    this.state = createSeq != null ? Long.valueOf(0) : null;
    this.stateLossEpoch = lossEpoch;
    this.lossEpoch = lossEpoch;
  }
}
