package dev.kstrace.capture.sim;

import dev.kstrace.traces.Detail;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Irql;
import dev.kstrace.traces.KsFlags;
import dev.kstrace.traces.NtStatus;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.PoolType;
import dev.kstrace.traces.TraceEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Judges small traces the plain way: keeps everything, looks at everything. Shares no code with the
 * simulator or the rules.
 */
final class BruteForceJudge {
  private static final class Allocator {
    final TraceEvent initialize;
    final Framing framing;
    final Map<Long, Live> live = new HashMap<>();
    final Set<Long> freed = new HashSet<>();
    boolean deleted;
    boolean above;

    Allocator(TraceEvent initialize, Framing framing) {
      this.initialize = initialize;
      this.framing = framing;
    }
  }

  private record Live(long frame, long bytes, long seq) {}

  private static final class Pin {
    long state;
    final boolean standard;
    final boolean user;

    Pin(Detail detail) {
      Long flags = detail.number("flags");
      standard =
          flags == null
              || (flags & KsFlags.PIN_USE_STANDARD_TRANSPORT) != 0
              || (flags & KsFlags.PIN_DO_NOT_USE_STANDARD_TRANSPORT) == 0;
      user = "user".equals(detail.text("peer_mode"));
    }
  }

  private final List<String> findings = new ArrayList<>();
  private final List<Allocator> all = new ArrayList<>();
  private final Map<Long, Allocator> byContext = new HashMap<>();
  private final Map<Long, Pin> pins = new HashMap<>();

  private BruteForceJudge() {}

  /** Rule ids of all findings, in order. */
  static List<String> judge(List<TraceEvent> events) {
    BruteForceJudge judge = new BruteForceJudge();
    long seq = 0;
    for (TraceEvent event : events) {
      if (event.seq() <= seq || (event.tExit() != null && event.tExit() < event.tEntry())) {
        judge.find("sequence-gap");
      }
      if (event.seq() != seq + 1) {
        judge.find("events-lost");
      }
      seq = event.seq();
      judge.look(event);
    }
    judge.end(events);
    return judge.findings;
  }

  private void find(String rule) {
    findings.add(rule);
  }

  private void look(TraceEvent event) {
    switch (Op.of(event.op())) {
      case INITIALIZE -> initialize(event);
      case ALLOCATE -> allocate(event);
      case FREE -> free(event);
      case DELETE -> delete(event);
      case PIN_CREATE -> {
        if (pins.put(event.pin(), new Pin(Detail.parse(event.detail()))) != null) {
          find("pin-created-twice");
        }
      }
      case PIN_CLOSE -> {
        if (pins.remove(event.pin()) == null) {
          find("pin-closed-twice");
        }
      }
      case PIN_STATE -> state(event);
      case EVENTS_LOST -> find("events-lost");
      default -> {}
    }
  }

  private void state(TraceEvent event) {
    Pin pin = pins.get(event.pin());
    long from = Detail.parse(event.detail()).number("from");
    long to = Detail.parse(event.detail()).number("to");
    if (pin == null || pin.state != from || (pin.standard && Math.abs(to - from) != 1)) {
      find("illegal-state-step");
      return;
    }
    pin.state = to;
  }

  private void levels(TraceEvent event, Allocator allocator) {
    if (!event.irqlEntry().equals(event.irqlExit())) {
      find("irql-not-restored");
    }
    if (event.irqlEntry() > Irql.DISPATCH_LEVEL) {
      find("irql-above-dispatch");
    }
    if (allocator != null
        && allocator.framing.isSystemMemory()
        && PoolType.isPaged(allocator.framing.poolType())
        && event.irqlEntry() > Irql.APC_LEVEL) {
      find("paged-pool-at-high-irql");
    }
  }

  private void initialize(TraceEvent event) {
    levels(event, null);
    if (event.irqlEntry() != Irql.PASSIVE_LEVEL) {
      find("lifecycle-not-at-passive");
    }
    if (!NtStatus.isSuccess(event.status())) {
      return;
    }
    if (event.status() != NtStatus.SUCCESS) {
      find("illegal-initialize-status");
    }
    Framing framing = event.framing();
    if (framing.reserved() != 0) {
      find("reserved-not-zero");
    }
    if (!framing.hasAlignmentMask()) {
      find("alignment-not-a-mask");
    }
    if ((framing.optionsFlags() & ~KsFlags.OPTIONF_VALID) != 0) {
      find("unknown-option-bits");
    }
    if (framing.poolType() != 0 && framing.poolType() != 1) {
      find("pool-type-outside-contract");
    }
    Pin pin = pins.get(event.pin());
    if (pin == null) {
      find("initialize-on-closed-pin");
    } else if (pin.user) {
      find("kernel-allocator-on-user-connection");
    }
    Allocator before = byContext.get(event.context());
    if (before != null && !before.deleted) {
      find("shared-context");
    }
    Allocator allocator = new Allocator(event, framing);
    all.add(allocator);
    byContext.put(event.context(), allocator);
  }

  private Allocator resolve(TraceEvent event) {
    Allocator allocator = byContext.get(event.context());
    if (allocator == null) {
      find("callback-without-initialize");
    } else if (allocator.deleted) {
      find(event.op() == Op.DELETE.code() ? "double-delete" : "use-after-delete");
    }
    return allocator == null || allocator.deleted ? null : allocator;
  }

  private void allocate(TraceEvent event) {
    Allocator allocator = resolve(event);
    levels(event, allocator);
    if (allocator == null || event.frame() == 0) {
      return;
    }
    Framing framing = allocator.framing;
    if (allocator.live.containsKey(event.frame())) {
      find("duplicate-live-address");
      return;
    }
    if (event.size() < framing.frameBytes()) {
      find("frame-smaller-than-framing");
    }
    if ((event.frame() & framing.fileAlignment()) != 0) {
      find("frame-misaligned");
    }
    if (event.frame() > 0 || event.frame() < 0xFFFF800000000000L) {
      find("user-address-from-kernel-allocator");
    }
    Live live = new Live(event.frame(), event.size(), event.seq());
    for (Allocator other : all) {
      for (Live out : other.live.values()) {
        if (live.frame < out.frame + out.bytes && out.frame < live.frame + live.bytes) {
          find("overlapping-frames");
        }
      }
    }
    allocator.live.put(live.frame, live);
    boolean above = framing.frames() != 0 && allocator.live.size() > framing.frames();
    if (above && !allocator.above) {
      find("outstanding-exceeds-frames");
    }
    allocator.above = above;
  }

  private void free(TraceEvent event) {
    Allocator allocator = resolve(event);
    levels(event, allocator);
    if (allocator == null) {
      return;
    }
    if (event.frame() == 0) {
      find("free-null");
    } else if (allocator.live.remove(event.frame()) != null) {
      allocator.freed.add(event.frame());
      allocator.above &= allocator.live.size() > allocator.framing.frames();
    } else {
      find(wrongFree(allocator, event.frame()));
    }
  }

  private String wrongFree(Allocator allocator, long frame) {
    for (Allocator other : all) {
      if (other.live.containsKey(frame)) {
        return "free-through-wrong-allocator";
      }
    }
    for (Allocator other : all) {
      for (Live out : other.live.values()) {
        if (frame > out.frame && frame < out.frame + out.bytes) {
          return "interior-free";
        }
      }
    }
    return allocator.freed.contains(frame) ? "double-free" : "free-of-unknown-frame";
  }

  private void delete(TraceEvent event) {
    Allocator allocator = resolve(event);
    levels(event, null);
    if (event.irqlEntry() != Irql.PASSIVE_LEVEL) {
      find("lifecycle-not-at-passive");
    }
    if (allocator != null) {
      if (!allocator.live.isEmpty()) {
        find("frames-outstanding-at-delete");
      }
      allocator.deleted = true;
    }
  }

  private void end(List<TraceEvent> events) {
    if (events.isEmpty() || events.get(events.size() - 1).op() != Op.TRACE_END.code()) {
      find("no-trace-end");
    }
    if (!pins.isEmpty()) {
      find("pin-not-closed");
    }
    for (Allocator allocator : all) {
      allocator.live.values().forEach(live -> find("frame-leak"));
      if (!allocator.deleted) {
        find("allocator-not-deleted");
      }
    }
  }
}
