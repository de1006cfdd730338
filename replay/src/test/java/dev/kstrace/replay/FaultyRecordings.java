package dev.kstrace.replay;

import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.NtStatus;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random recordings, the same for the same seed. */
final class FaultyRecordings {
  private FaultyRecordings() {}

  /** Calls right and wrong: few contexts and frames, so that every kind of confusion occurs. */
  static List<TraceEvent> make(long seed, int events, int wrong) {
    Random random = new Random(seed);
    List<TraceEvent> all = new ArrayList<>();
    List<Long> live = new ArrayList<>();
    long fresh = 0x5000;
    for (int seq = 1; seq <= events; seq++) {
      boolean odd = random.nextInt(100) < wrong;
      long context = 0xA0L + random.nextInt(odd ? 4 : 2);
      int kind = random.nextInt(100);
      TraceEvent.Builder event;
      if (seq <= 2 || kind < 2) {
        event =
            event(random, seq, Op.INITIALIZE, Layer.CALLBACK, 0xA0L + seq % 3)
                .pin(0x10L + random.nextInt(3))
                .status(odd ? NtStatus.INSUFFICIENT_RESOURCES : NtStatus.SUCCESS)
                .framing(new Framing(2, 0, random.nextInt(5), 64, 0, 0));
      } else if (kind < 3) {
        event = event(random, seq, Op.DELETE, Layer.CALLBACK, context);
      } else if (kind < 5) {
        event =
            event(random, seq, Op.ALLOCATE, Layer.IRP_METHOD, context)
                .frame(0x5000L + 64L * random.nextInt(9));
      } else if (kind < 52 || live.isEmpty()) {
        long frame = fresh;
        if (odd) {
          frame = random.nextBoolean() || live.isEmpty() ? 0 : live.get(0);
        } else if (random.nextInt(3) > 0) {
          frame = 0x5000 + 64L * random.nextInt(20);
        } else {
          fresh += 64;
        }
        event = event(random, seq, Op.ALLOCATE, Layer.CALLBACK, context).frame(frame).size(64L);
        if (frame != 0) {
          live.add(frame);
        }
      } else {
        int at = random.nextInt(live.size());
        long frame = odd ? live.get(at) + 8L * random.nextInt(3) : live.remove(at);
        frame = odd && random.nextInt(4) == 0 ? random.nextInt(2) * 0x777L : frame;
        event = event(random, seq, Op.FREE, Layer.CALLBACK, context).frame(frame);
      }
      all.add(event.build());
    }
    return all;
  }

  private static TraceEvent.Builder event(
      Random random, int seq, Op op, Layer layer, long context) {
    return TraceEvent.of(seq, op, layer, seq * 10L)
        .thread(random.nextInt(3))
        .irqlEntry(0)
        .irqlExit(0)
        .context(context);
  }
}
