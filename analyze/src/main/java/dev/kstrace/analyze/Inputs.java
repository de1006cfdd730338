package dev.kstrace.analyze;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.Op;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Which inputs of rules a trace could have, and which it has. Not thread-safe. */
final class Inputs {
  private final Set<Need> wanted = EnumSet.noneOf(Need.class);
  private final Set<Need> found = EnumSet.noneOf(Need.class);

  /** Which inputs the events so far could have had, and which they had. */
  void note(EventBatch batch) {
    int calls = 0;
    int allocates = 0;
    int known = 0;
    int knownOfAllocates = 0;
    for (int row = 0; row < batch.rows(); row++) {
      int op = batch.op(row);
      if (op > Op.DELETE.code() || batch.layer(row) != Layer.CALLBACK.code()) {
        continue;
      }
      calls++;
      known |= batch.present(row);
      if (op == Op.ALLOCATE.code()) {
        allocates++;
        knownOfAllocates |= batch.present(row);
      } else if (op == Op.INITIALIZE.code()) {
        note(Need.FRAMING, true, batch.framing(row) != null);
        note(Need.STATUS, true, batch.has(row, EventBatch.STATUS));
      }
    }
    note(Need.SIZE, allocates > 0, (knownOfAllocates & EventBatch.SIZE) != 0);
    note(Need.IRQL_ENTRY, calls > 0, (known & EventBatch.IRQL_ENTRY) != 0);
    note(Need.IRQL_EXIT, calls > 0, (known & EventBatch.IRQL_EXIT) != 0);
    note(Need.T_EXIT, calls > 0, (known & EventBatch.T_EXIT) != 0);
  }

  /** Whether the trace has what a rule needs, or has nothing that the rule would look at. */
  boolean has(Need need, List<Pin> pins) {
    return switch (need) {
      case PEER_MODE -> pins.isEmpty() || pins.stream().anyMatch(pin -> pin.peerMode != null);
      case FLAGS -> pins.isEmpty() || pins.stream().anyMatch(pin -> pin.flags != null);
      default -> !wanted.contains(need) || found.contains(need);
    };
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
