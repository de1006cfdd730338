package dev.kstrace.capture.sim;

import dev.kstrace.traces.Detail;
import dev.kstrace.traces.KsFlags;
import dev.kstrace.traces.PinState;

/**
 * A pin that streams without the device's allocator: because its peer is in user mode, or because it
 * does not use the standard transport, which lets it jump between states. Source:
 * stream/avstream-allocators, ddi/ks/nc-ks-pfnkspinsetdevicestate.
 */
final class BystanderPin implements Actor {
  private static final PinState[] STEPS = {
    PinState.STOP, PinState.ACQUIRE, PinState.PAUSE, PinState.RUN,
    PinState.PAUSE, PinState.ACQUIRE, PinState.STOP
  };
  private static final PinState[] JUMPS = {PinState.STOP, PinState.RUN, PinState.STOP};

  private final DeviceRun run;
  private final int index;
  private final boolean userModePeer;
  private final PinState[] states;
  private final SplitMix random;
  private long pin;
  private int position = -1;

  BystanderPin(DeviceRun run, int index, boolean userModePeer) {
    this.run = run;
    this.index = index;
    this.userModePeer = userModePeer;
    this.states = userModePeer ? STEPS : JUMPS;
    this.random = SplitMix.of(run.options.seed(), 100 + index);
  }

  @Override
  public long step() {
    run.cpu.onThread(0);
    if (position == -1) {
      create();
    } else if (position + 1 < states.length) {
      run.recorder.pinState(pin, states[position], states[position + 1]);
    } else if (position + 1 == states.length) {
      run.recorder.pinClose(pin);
      run.closePin(pin);
    } else {
      return FINISHED;
    }
    position++;
    return random.between(1_000_000, 200_000_000);
  }

  private void create() {
    pin = run.createPin();
    run.recorder.pinCreate(
        pin,
        Detail.builder()
            .put("name", userModePeer ? "analysis" : "control")
            .put("factory_id", index)
            .put(
                "flags",
                userModePeer
                    ? KsFlags.PIN_USE_STANDARD_TRANSPORT
                    : KsFlags.PIN_DO_NOT_USE_STANDARD_TRANSPORT)
            .put("data_flow", 2)
            .put("peer_mode", userModePeer ? "user" : "kernel")
            .put("has_dispatch", userModePeer)
            .build());
  }
}
