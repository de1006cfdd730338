package dev.kstrace.capture.sim;

import dev.kstrace.capture.AllocatorDispatch.ContextOut;
import dev.kstrace.traces.Detail;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.FramingEx;
import dev.kstrace.traces.KsFlags;
import dev.kstrace.traces.NtStatus;
import dev.kstrace.traces.PinState;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * One streaming pin over its lives: created, given an allocator, started, paused, stopped, changed
 * in format, closed in order or at once, and created again until its frames are delivered.
 *
 * <p>When AVStream allocates is documented only roughly, so frames are taken at ACQUIRE, at PAUSE
 * or at both, and returned before STOP or after it. Source: stream/state-transitions,
 * stream/avstream-pipes-and-circuits.
 */
final class PinStream implements Actor {
  private static final long MICROSECOND = 1_000;
  private static final long MILLISECOND = 1_000_000;
  private static final int CONTROL_THREAD = 0;

  /** Streaming goes on beyond the frames asked for while a fault is still due, but not for ever. */
  private static final int MOST_EXTRA_BURSTS = 64;

  private static final int EXTRA_BURST = 30;

  /** The minidriver's callbacks; their addresses stand for themselves. */
  private static final Detail DISPATCH =
      Detail.builder()
          .put("initialize_allocator", "0xfffff80412340000")
          .put("delete_allocator", "0xfffff80412340400")
          .put("allocate", "0xfffff80412340800")
          .put("free", "0xfffff80412340c00")
          .build();

  /** What is done next; a pin's life is a queue of these. */
  private enum Act {
    CREATE,
    OPEN,
    TO_STOP,
    TO_ACQUIRE,
    TO_PAUSE,
    TO_RUN,
    FILL,
    STREAM,
    RESET_BEGIN,
    RESET_END,
    DRAIN,
    DELETE,
    CLOSE
  }

  private final DeviceRun run;
  private final Profile profile;
  private final int index;
  private final String name;
  private final SplitMix random;
  private final Deque<Act> todo = new ArrayDeque<>();
  private final ContextOut context = new ContextOut();
  private PinState state = PinState.STOP;
  private long pin;
  private @Nullable Pipe pipe;
  private boolean userModePeer;
  private boolean smallFormat;
  private long framesLeft;
  private long burst;
  private int depth;
  private int fillAttempts;
  private int extraBursts;

  PinStream(DeviceRun run, int index, String name) {
    this.run = run;
    this.profile = run.profile;
    this.index = index;
    this.name = name;
    this.random = SplitMix.of(run.options.seed(), 100 + index);
    this.framesLeft = run.options.frames();
    planLife();
  }

  @Override
  public long step() {
    Act act = todo.pollFirst();
    if (act == null) {
      return FINISHED;
    }
    run.cpu.onThread(isControl(act) ? CONTROL_THREAD : random.below(run.options.threads()));
    return switch (act) {
      case CREATE -> create();
      case OPEN -> open();
      case TO_STOP -> go(PinState.STOP);
      case TO_ACQUIRE -> go(PinState.ACQUIRE);
      case TO_PAUSE -> go(PinState.PAUSE);
      case TO_RUN -> go(PinState.RUN);
      case FILL -> fill(pipe());
      case STREAM -> stream(pipe());
      case RESET_BEGIN -> reset(true);
      case RESET_END -> reset(false);
      case DRAIN -> drain(pipe());
      case DELETE -> delete();
      case CLOSE -> close();
    };
  }

  private static boolean isControl(Act act) {
    return act != Act.FILL && act != Act.STREAM && act != Act.DRAIN;
  }

  private Pipe pipe() {
    if (pipe == null) {
      throw new IllegalStateException("no allocator open, pin=" + name);
    }
    return pipe;
  }

  private void plan(Act... acts) {
    Collections.addAll(todo, acts);
  }

  private void planLife() {
    plan(Act.CREATE, Act.OPEN);
    planStart();
  }

  private void planStart() {
    plan(Act.TO_ACQUIRE);
    boolean circuit = profile.shape() == Profile.Shape.CIRCUIT;
    if (circuit && random.oneIn(2)) {
      plan(Act.FILL);
    }
    plan(Act.TO_PAUSE);
    if (circuit) {
      plan(Act.FILL);
    }
    plan(Act.TO_RUN, Act.STREAM);
  }

  private void planStop() {
    plan(Act.TO_PAUSE);
    if (random.oneIn(6)) {
      plan(Act.RESET_BEGIN, Act.RESET_END);
    }
    if (profile.shape() == Profile.Shape.PER_FRAME || random.oneIn(2)) {
      plan(Act.DRAIN);
    }
    plan(Act.TO_ACQUIRE, Act.TO_STOP);
  }

  /** What follows a time of streaming. */
  private void planNext() {
    boolean faultsOpen = run.hasPendingFaults() && extraBursts < MOST_EXTRA_BURSTS;
    if (framesLeft <= 0 && !faultsOpen) {
      planStop();
      plan(Act.DRAIN, Act.DELETE, Act.CLOSE);
      return;
    }
    if (framesLeft <= 0) {
      extraBursts++;
    }
    int choice = random.below(20);
    if (choice < 8) {
      plan(Act.TO_PAUSE, Act.TO_RUN, Act.STREAM);
    } else if (choice < 12) {
      planStop();
      planStart();
    } else if (choice < 15 && !userModePeer) {
      planStop();
      plan(Act.DRAIN, Act.DELETE, Act.OPEN);
      smallFormat = !smallFormat;
      planStart();
    } else if (choice < 18) {
      planStop();
      plan(Act.DRAIN, Act.DELETE, Act.CLOSE);
      planLife();
    } else {
      plan(Act.DRAIN, Act.DELETE, Act.CLOSE);
      planLife();
    }
  }

  private long create() {
    pin = run.createPin();
    state = PinState.STOP;
    userModePeer = run.faults.hasPending() && run.faults.userModePeer(index);
    run.recorder.pinCreate(
        pin,
        Detail.builder()
            .put("name", name)
            .put("factory_id", index)
            .put("flags", KsFlags.PIN_USE_STANDARD_TRANSPORT)
            .put("data_flow", profile.kind() == Profile.Kind.EFFECT && index == 0 ? 1 : 2)
            .put("peer_mode", userModePeer ? "user" : "kernel")
            .put("has_dispatch", true)
            .put("allocator_kind", "vendor")
            .put("dispatch", DISPATCH)
            .put(FramingEx.KEY, profile.pinFraming().toDetail())
            .build());
    return random.between(MILLISECOND, 5 * MILLISECOND);
  }

  private long open() {
    int bytes = smallFormat ? profile.frameSize() / 2 : profile.frameSize();
    Framing framing =
        GraphManager.createFraming(
            profile.sourceFraming(bytes),
            profile.sinkFraming(bytes),
            run.faults.prefersPaged(index));
    context.value = 0;
    int status = run.driver.initialize(pin, framing, context);
    if (!NtStatus.isSuccess(status)) {
      todo.addFirst(Act.OPEN);
      return random.between(MILLISECOND, 10 * MILLISECOND);
    }
    pipe = new Pipe(run, random, framing, context.value);
    fillAttempts = 0;
    return random.between(MILLISECOND, 50 * MILLISECOND);
  }

  private long go(PinState to) {
    if (to == PinState.RUN) {
      run.recorder.pinState(pin, state, to, profile.periodNanos());
      long wanted = random.between(20, 200);
      burst = framesLeft > 0 ? Math.min(framesLeft, wanted) : Math.min(wanted, EXTRA_BURST);
      depth = (int) random.between(1, profile.frames());
    } else {
      run.recorder.pinState(pin, state, to);
    }
    state = to;
    return random.between(MILLISECOND, 50 * MILLISECOND);
  }

  /** Allocates up to Frames, one a step. */
  private long fill(Pipe into) {
    int most = 2 * profile.frames() + 8;
    if (into.isFull() || fillAttempts >= most) {
      fillAttempts = 0;
      if (run.faults.hasPending()) {
        into.exceedIfDue();
      }
      return random.between(MICROSECOND, 100 * MICROSECOND);
    }
    fillAttempts++;
    into.obtain();
    todo.addFirst(Act.FILL);
    return random.between(MICROSECOND, 50 * MICROSECOND);
  }

  private long stream(Pipe through) {
    if (run.faults.hasPending()) {
      through.holdIfDue();
    }
    if (profile.shape() == Profile.Shape.CIRCUIT) {
      long frames = burst;
      burst = 0;
      framesLeft -= frames;
      planNext();
      return frames * jitter();
    }
    tick(through);
    burst--;
    framesLeft--;
    if (burst > 0) {
      todo.addFirst(Act.STREAM);
    } else {
      planNext();
    }
    return jitter();
  }

  /** One frame period of a source that allocates and frees each frame. */
  private void tick(Pipe through) {
    boolean freeFirst = through.isFull() || random.oneIn(2);
    if (freeFirst && through.count() >= depth) {
      returnOne(through);
    }
    if (!through.isFull()) {
      through.obtain();
    }
    if (!freeFirst && through.count() > depth) {
      run.cpu.onThread(random.below(run.options.threads()));
      returnOne(through);
    }
    if (run.faults.hasPending()) {
      through.exceedIfDue();
    }
  }

  /** Mostly the oldest frame; a few overtake. */
  private void returnOne(Pipe through) {
    if (through.count() > 0) {
      through.giveBack(random.oneIn(8) ? random.below(through.count()) : 0);
    }
  }

  private long drain(Pipe from) {
    if (from.count() == 0) {
      return random.between(MICROSECOND, 10 * MICROSECOND);
    }
    from.giveBack(0);
    todo.addFirst(Act.DRAIN);
    return random.between(MICROSECOND, 20 * MICROSECOND);
  }

  private long reset(boolean begin) {
    run.recorder.pinReset(pin, begin);
    return random.between(10 * MICROSECOND, 100 * MICROSECOND);
  }

  private long delete() {
    pipe().delete();
    pipe = null;
    return random.between(MILLISECOND, 5 * MILLISECOND);
  }

  private long close() {
    run.recorder.pinClose(pin);
    run.closePin(pin);
    return random.between(MILLISECOND, 50 * MILLISECOND);
  }

  /** The frame period with 5 % of jitter. */
  private long jitter() {
    long period = profile.periodNanos();
    return random.between(period - period / 20, period + period / 20);
  }
}
