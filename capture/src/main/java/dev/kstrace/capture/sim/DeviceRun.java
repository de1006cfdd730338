package dev.kstrace.capture.sim;

import dev.kstrace.capture.AllocatorDispatch;
import dev.kstrace.capture.TraceRecorder;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the parts of one simulated device share while it runs. Guarded by the scheduler. */
final class DeviceRun {
  private static final int PIN_BYTES = 0x200;

  final SimOptions options;
  final Profile profile;
  final SimulatedCpu cpu;
  final TraceRecorder recorder;
  final SimAllocator allocator;
  final CallerFaults faults;

  /** The minidriver's callbacks with recorder and clock around them. */
  final AllocatorDispatch driver;

  private final SimulatedPool system = new SimulatedPool(SimulatedPool.SYSTEM_BASE);
  private final List<Pipe> pipes = new ArrayList<>();
  private final List<Leak> leaks = new ArrayList<>();

  /** A frame that never comes back. */
  private record Leak(long frame, long bytes) {
    boolean contains(long address) {
      return Pipe.isWithin(address, frame, bytes);
    }
  }

  DeviceRun(
      SimOptions options,
      SimulatedCpu cpu,
      TraceRecorder recorder,
      SimAllocator allocator,
      AllocatorDispatch driver,
      CallerFaults faults) {
    this.options = options;
    this.profile = options.profile();
    this.cpu = cpu;
    this.recorder = recorder;
    this.allocator = allocator;
    this.driver = driver;
    this.faults = faults;
  }

  /** The faults that were asked for and have not come about. */
  Set<Fault> pendingFaults() {
    EnumSet<Fault> pending = EnumSet.noneOf(Fault.class);
    pending.addAll(faults.pending());
    pending.addAll(allocator.pendingFaults());
    return pending;
  }

  boolean hasPendingFaults() {
    return faults.hasPending() || !allocator.pendingFaults().isEmpty();
  }

  /** The address of a new KSPIN. */
  synchronized long createPin() {
    return system.allocate(PIN_BYTES, 1);
  }

  synchronized void closePin(long pin) {
    system.free(pin);
  }

  synchronized void opened(Pipe pipe) {
    pipes.add(pipe);
  }

  synchronized void closed(Pipe pipe) {
    pipes.remove(pipe);
  }

  synchronized void leaked(long frame, long bytes) {
    leaks.add(new Leak(frame, bytes));
  }

  /** A live allocator other than this one, the oldest; null where there is none. */
  synchronized @Nullable Pipe other(Pipe pipe) {
    for (Pipe candidate : pipes) {
      if (candidate != pipe) {
        return candidate;
      }
    }
    return null;
  }

  /** Whether an address lies in a frame that is out, other than in the one that begins at it. */
  synchronized boolean isInsideLiveFrame(long address, long except) {
    for (Pipe pipe : pipes) {
      if (pipe.isInsideFrame(address, except)) {
        return true;
      }
    }
    for (Leak leak : leaks) {
      if (leak.frame() != except && leak.contains(address)) {
        return true;
      }
    }
    return false;
  }
}
