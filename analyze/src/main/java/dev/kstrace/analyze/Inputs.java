package dev.kstrace.analyze;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.Op;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** Which inputs of rules a trace could have, and which it has. Not thread-safe. */
final class Inputs {
  /** What a trace of calls usually has; once it was found, nothing new can be said of it. */
  private static final Set<Need> USUAL =
      EnumSet.of(
          Need.FRAMING, Need.STATUS, Need.SIZE, Need.IRQL_ENTRY, Need.IRQL_EXIT, Need.T_EXIT);

  private final Set<Need> wanted = EnumSet.noneOf(Need.class);
  private final Set<Need> found = EnumSet.noneOf(Need.class);

  /** Which inputs the events so far could have had, and which they had. */
  void note(EventBatch batch) {
    if (found.containsAll(USUAL)) {
      noteLayers(batch);
    } else {
      noteAll(batch);
    }
  }

  /** Looks for the only thing that may still be missing. */
  private void noteLayers(EventBatch batch) {
    boolean irpMethod = found.contains(Need.IRP_METHOD);
    for (int row = 0; row < batch.rows() && !irpMethod; row++) {
      irpMethod = batch.layer(row) == Layer.IRP_METHOD.code();
    }
    note(Need.IRP_METHOD, false, irpMethod);
  }

  private void noteAll(EventBatch batch) {
    boolean irpMethod = false;
    int[] known = new int[Op.DELETE.code() + 1];
    int ops = 0;
    for (int row = 0; row < batch.rows(); row++) {
      int op = batch.op(row);
      int layer = batch.layer(row);
      irpMethod |= layer == Layer.IRP_METHOD.code();
      if (op > Op.DELETE.code() || layer != Layer.CALLBACK.code()) {
        continue;
      }
      ops |= 1 << op;
      known[op] |= batch.present(row);
      if (op == Op.INITIALIZE.code()) {
        note(Need.FRAMING, true, batch.framing(row) != null);
        note(Need.STATUS, true, batch.has(row, EventBatch.STATUS));
      }
    }
    boolean calls = ops != 0;
    boolean allocates = (ops & 1 << Op.ALLOCATE.code()) != 0;
    int any = 0;
    for (int bits : known) {
      any |= bits;
    }
    note(Need.IRP_METHOD, calls, irpMethod);
    note(Need.SIZE, allocates, (known[Op.ALLOCATE.code()] & EventBatch.SIZE) != 0);
    note(Need.IRQL_ENTRY, calls, (any & EventBatch.IRQL_ENTRY) != 0);
    note(Need.IRQL_EXIT, calls, (any & EventBatch.IRQL_EXIT) != 0);
    note(Need.T_EXIT, calls, (any & EventBatch.T_EXIT) != 0);
  }

  /** Whether the trace has what a rule needs, or has nothing that the rule would look at. */
  boolean has(Need need, List<Pin> pins) {
    return switch (need) {
      case PIN_CREATE -> anyPin(pins, pin -> pin.createSeq != null);
      case PIN_STATE -> anyPin(pins, pin -> pin.steps > 0);
      case PEER_MODE -> anyPin(pins, pin -> pin.peerMode != null);
      case FLAGS -> anyPin(pins, pin -> pin.flags != null);
      case HAS_DISPATCH -> anyPin(pins, pin -> pin.hasDispatch != null);
      case DISPATCH -> anyPin(pins, pin -> pin.dispatchMissing != null);
      case ALLOCATOR_KIND -> anyPin(pins, pin -> pin.allocatorKind != null);
      case FRAMING_EX -> anyPin(pins, pin -> pin.framing != null);
      default -> !wanted.contains(need) || found.contains(need);
    };
  }

  private static boolean anyPin(List<Pin> pins, Predicate<Pin> has) {
    return pins.isEmpty() || pins.stream().anyMatch(has);
  }

  private void note(Need need, boolean possible, boolean present) {
    if (possible) {
      wanted.add(need);
    }
    if (present) {
      found.add(need);
    }
  }
}
