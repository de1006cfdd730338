package dev.kstrace.capture.sim;

import java.util.List;

/** Runs actors one step at a time in the order of their simulated time. */
final class SeededScheduler {
  private SeededScheduler() {}

  /** Runs all actors to their end. */
  static void run(List<Actor> actors, SimulatedCpu.Logical cpu) {
    long[] due = new long[actors.size()];
    int running = due.length;
    while (running > 0) {
      int next = earliest(due);
      cpu.advanceTo(due[next]);
      long delay = actors.get(next).step();
      if (delay == Actor.FINISHED) {
        due[next] = Long.MAX_VALUE;
        running--;
      } else {
        due[next] = cpu.nanos() + delay;
      }
    }
  }

  private static int earliest(long[] due) {
    int earliest = 0;
    for (int i = 1; i < due.length; i++) {
      if (due[i] < due[earliest]) {
        earliest = i;
      }
    }
    return earliest;
  }
}
