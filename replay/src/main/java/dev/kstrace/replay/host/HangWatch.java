package dev.kstrace.replay.host;

/** Ends a host in which no call has returned for too long. Thread-safe. */
final class HangWatch {
  private static final long STEP_MILLIS = 50;

  private final HostFile file;
  private final Process process;
  private final long timeoutMillis;
  private final Thread thread;
  private volatile boolean waiting;
  private volatile boolean closed;
  private volatile boolean hung;

  HangWatch(HostFile file, Process process, long timeoutMillis) {
    this.file = file;
    this.process = process;
    this.timeoutMillis = timeoutMillis;
    this.thread = new Thread(this::watch, "kstrace-hang-watch");
    thread.setDaemon(true);
    thread.start();
  }

  /** Somebody waits for an answer. */
  void begin() {
    waiting = true;
  }

  /** The answer is there. */
  void end() {
    waiting = false;
  }

  /** Whether the host was ended since it hung. */
  boolean hung() {
    return hung;
  }

  void close() {
    closed = true;
    thread.interrupt();
  }

  private void watch() {
    long still = 0;
    long last = -1;
    try {
      while (!closed) {
        Thread.sleep(STEP_MILLIS);
        long progress = file.progress();
        still = waiting && progress == last ? still + STEP_MILLIS : 0;
        last = progress;
        if (still >= timeoutMillis) {
          hung = true;
          process.destroyForcibly();
          return;
        }
      }
    } catch (InterruptedException e) {
      // Closed; nobody is left to be told.
    }
  }
}
