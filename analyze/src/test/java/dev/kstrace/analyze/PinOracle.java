package dev.kstrace.analyze;

import dev.kstrace.analyze.ManyTraces.Found;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceMetadata;
import java.util.ArrayList;
import java.util.List;

/**
 * The rules on pins and the allocators on them once more, as plainly as possible. Shares no code
 * with the tracker, the tables and the SQL; slow, and for rows in order of seq.
 */
final class PinOracle {
  /** The rules that it knows. */
  static final List<String> RULES =
      List.of(
          "incomplete-dispatch-table",
          "initialize-without-dispatch",
          "initialize-on-closed-pin",
          "callback-after-pin-close",
          "user-address-from-kernel-allocator",
          "kernel-allocator-on-user-connection");

  private static final int INITIALIZE = 1;
  private static final int ALLOCATE = 2;
  private static final int FREE = 3;
  private static final int DELETE = 4;
  private static final int PIN_CREATE = 16;
  private static final int PIN_CLOSE = 17;
  private static final int PENDING = 0x103;

  /** One life of a pin value: from its pin_create, or from when it was first met. */
  private static final class Pin {
    final long value;
    final int createRow;
    final String detail;
    final Pin before;
    int closeRow = -1;
    int openBesides;

    Pin(long value, int createRow, String detail, Pin before) {
      this.value = value;
      this.createRow = createRow;
      this.detail = detail;
      this.before = before;
    }
  }

  private static final class Allocator {
    int row;
    long context;
    Pin pin;
    Framing framing;
    boolean deleted;
    final List<Integer> late = new ArrayList<>();
    final List<Long> live = new ArrayList<>();
  }

  private final List<TraceEvent> events;
  private final TraceMetadata metadata;
  private final Rows rows;
  private final List<Pin> pins = new ArrayList<>();
  private final List<Integer> firstSeen = new ArrayList<>();
  private final List<Allocator> allocators = new ArrayList<>();
  private final List<Integer> userFrames = new ArrayList<>();
  private final List<Found> found = new ArrayList<>();
  private boolean kernelAddresses;
  private boolean oddAddresses;

  private PinOracle(RandomTraces.Trace trace) {
    events = trace.events();
    metadata = trace.metadata();
    rows = new Rows(trace);
  }

  /** The findings of {@link #RULES}, sorted. */
  static List<Found> judge(RandomTraces.Trace trace) {
    PinOracle oracle = new PinOracle(trace);
    for (int row = 0; row < trace.events().size(); row++) {
      oracle.take(row, trace.events().get(row));
    }
    oracle.end();
    oracle.found.sort(null);
    return oracle.found;
  }

  private void take(int row, TraceEvent event) {
    if (event.op() == PIN_CREATE) {
      create(row, event);
    } else if (event.op() == PIN_CLOSE) {
      Pin pin = open(event.pin());
      if (pin != null) {
        pin.closeRow = row;
        pin.openBesides = (int) pins.stream().filter(p -> isCurrent(p)).count();
      }
    } else if (event.op() == INITIALIZE && event.status() >= 0) {
      initialize(row, event);
    } else if (event.op() == INITIALIZE) {
      meet(row, event.pin());
    } else if (event.op() >= ALLOCATE && event.op() <= DELETE) {
      call(row, event);
    }
  }

  private void create(int row, TraceEvent event) {
    Pin pin = new Pin(event.pin(), row, event.detail(), null);
    pins.add(pin);
    firstSeen.add(row);
    boolean noAllocate = event.detail().contains("\"allocate\":0");
    boolean noFree = event.detail().contains("\"free\":\"0x0\"");
    if ((noAllocate || noFree) && !event.detail().contains("\"has_dispatch\":false")) {
      found.add(rows.found("incomplete-dispatch-table", Severity.ERROR, true, row));
    }
  }

  /** Whether no later life of the value has begun and it is not closed. */
  private boolean isCurrent(Pin pin) {
    return pin.closeRow < 0 && latest(pin.value) == pin;
  }

  private Pin latest(long value) {
    Pin latest = null;
    for (Pin pin : pins) {
      latest = pin.value == value ? pin : latest;
    }
    return latest;
  }

  private Pin open(long value) {
    Pin pin = latest(value);
    return pin == null || pin.closeRow >= 0 ? null : pin;
  }

  /** The open life of a value; one without a pin_create where none is. */
  private Pin meet(int row, long value) {
    Pin open = open(value);
    if (open == null) {
      open = new Pin(value, -1, "{}", latest(value));
      pins.add(open);
      firstSeen.add(row);
    }
    return open;
  }

  private void initialize(int row, TraceEvent event) {
    Pin pin = meet(row, event.pin());
    int seen = firstSeen.get(pins.indexOf(pin));
    boolean doubt =
        rows.lost(seen, row)
            || (pin.createRow < 0 && (!metadata.completeStart() || rows.lost(0, row)));
    if (pin.detail.contains("\"has_dispatch\":false")) {
      report("initialize-without-dispatch", doubt, row);
    }
    if (pin.detail.contains("\"peer_mode\":\"user\"")) {
      found.add(rows.found("kernel-allocator-on-user-connection", Severity.ERROR, !doubt, row));
    }
    TraceEvent close = pin.before == null ? null : events.get(pin.before.closeRow);
    if (close != null
        && returned(close) != null
        && event.tEntry() >= returned(close)
        && anyPinCreate()) {
      report("initialize-on-closed-pin", doubt, row);
    }
    Allocator allocator = new Allocator();
    allocator.row = row;
    allocator.context = event.context();
    allocator.pin = pin;
    allocator.framing = event.framing();
    allocators.add(allocator);
  }

  /** When a pin_close returned for good; null = it was pended, or not observed to return. */
  private static Long returned(TraceEvent close) {
    return close.status() != null && close.status() == PENDING ? null : close.tExit();
  }

  private boolean anyPinCreate() {
    return events.stream().anyMatch(event -> event.op() == PIN_CREATE);
  }

  private void call(int row, TraceEvent event) {
    Allocator allocator = null;
    for (Allocator candidate : allocators) {
      if (candidate.context == event.context() && !candidate.deleted) {
        allocator = candidate;
      }
    }
    if (allocator == null) {
      return;
    }
    int close = allocator.pin.closeRow;
    if (close >= 0) {
      Long returned = returned(events.get(close));
      if (returned != null && event.tEntry() > returned) {
        allocator.late.add(row);
      }
    }
    allocator.deleted = event.op() == DELETE;
    if (event.op() == FREE) {
      allocator.live.remove(event.frame());
    } else if (event.op() == ALLOCATE && event.frame() != 0) {
      allocate(row, event.frame(), allocator);
    }
  }

  private void allocate(int row, long frame, Allocator allocator) {
    boolean kernelAllocator =
        metadata.get(TraceMetadata.ORIGIN).equals("recorded")
            && !metadata.syntheticAddresses()
            && allocator.framing.optionsFlags() == 2
            && isKernel(allocator.pin.value);
    if (kernelAllocator) {
      kernelAddresses |= isKernel(frame);
      oddAddresses |= !isKernel(frame) && Long.compareUnsigned(frame, 0x7FFF_FFFF_FFFFL) > 0;
      boolean again = allocator.live.contains(frame);
      if (Long.compareUnsigned(frame, 0x7FFF_FFFF_FFFFL) <= 0 && !again) {
        userFrames.add(row);
      }
    }
    if (!allocator.live.contains(frame)) {
      allocator.live.add(frame);
    }
  }

  private static boolean isKernel(long address) {
    return Long.compareUnsigned(address, 0xFFFF_8000_0000_0000L) >= 0;
  }

  private void end() {
    boolean whole = rows.isWhole();
    if (kernelAddresses && !oddAddresses) {
      for (int row : userFrames) {
        found.add(rows.found("user-address-from-kernel-allocator", Severity.ERROR, whole, row));
      }
    }
    for (Allocator allocator : allocators) {
      if (allocator.late.isEmpty() || !anyPinCreate()) {
        continue;
      }
      int blamed = -1;
      for (int row : allocator.late) {
        TraceEvent event = events.get(row);
        if (blamed < 0 && event.op() == ALLOCATE && event.frame() != 0) {
          blamed = row;
        }
      }
      boolean grave =
          blamed >= 0
              && allocator.pin.openBesides == 0
              && !rows.lost(allocator.row, events.size() - 1);
      found.add(
          rows.found(
              "callback-after-pin-close",
              grave ? Severity.WARNING : Severity.INFO,
              whole,
              blamed < 0 ? allocator.late.get(0) : blamed));
    }
  }

  private void report(String rule, boolean doubt, int row) {
    found.add(rows.found(rule, doubt ? Severity.INFO : Severity.ERROR, !doubt, row));
  }
}
