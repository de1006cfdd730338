package dev.kstrace.capture.sim;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * Runs actors on OS threads as fast as they go, each step on whichever thread is free.
 *
 * <p>While a fault of the caller is still due the steps run one by one: a fault such as a double
 * free is two calls between which no other thread may get the address. Once the faults are done the
 * actors overlap.
 */
final class ThreadScheduler {
  private final PriorityQueue<Turn> turns =
      new PriorityQueue<>(Comparator.comparingLong(Turn::due));
  private final ReentrantReadWriteLock gate = new ReentrantReadWriteLock();
  private final CallerFaults faults;
  private int running;
  private @Nullable Throwable failure;

  private record Turn(Actor actor, long due) {}

  private ThreadScheduler(List<Actor> actors, CallerFaults faults) {
    this.faults = faults;
    for (Actor actor : actors) {
      turns.add(new Turn(actor, 0));
    }
    running = actors.size();
  }

  /**
   * Runs all actors to their end.
   *
   * @throws IllegalStateException if a step throws, or the calling thread is interrupted
   */
  static void run(List<Actor> actors, int threads, CallerFaults faults) {
    ThreadScheduler scheduler = new ThreadScheduler(actors, faults);
    List<Thread> workers = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      workers.add(new Thread(scheduler::work, "kstrace-sim-" + i));
    }
    workers.forEach(Thread::start);
    try {
      for (Thread worker : workers) {
        worker.join();
      }
    } catch (InterruptedException e) {
      scheduler.stop(e);
      Thread.currentThread().interrupt();
    }
    Throwable failure = scheduler.failure();
    if (failure != null) {
      throw new IllegalStateException("simulation stopped by " + failure, failure);
    }
  }

  private void work() {
    try {
      for (Turn turn = take(); turn != null; turn = take()) {
        put(turn, step(turn.actor()));
      }
    } catch (Throwable e) {
      stop(e);
    }
  }

  private long step(Actor actor) {
    var lock = faults.hasPending() ? gate.writeLock() : gate.readLock();
    lock.lock();
    try {
      return actor.step();
    } finally {
      lock.unlock();
    }
  }

  private synchronized @Nullable Turn take() throws InterruptedException {
    while (turns.isEmpty() && running > 0) {
      wait();
    }
    return running > 0 ? turns.poll() : null;
  }

  private synchronized void put(Turn turn, long delay) {
    if (delay == Actor.FINISHED) {
      running--;
    } else {
      turns.add(new Turn(turn.actor(), turn.due() + delay));
    }
    notifyAll();
  }

  private synchronized void stop(Throwable e) {
    if (failure == null) {
      failure = e;
    }
    running = 0;
    turns.clear();
    notifyAll();
  }

  private synchronized @Nullable Throwable failure() {
    return failure;
  }
}
