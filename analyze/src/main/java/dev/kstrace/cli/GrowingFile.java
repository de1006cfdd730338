package dev.kstrace.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Looks at a file that somebody else writes and tells how large it is by now, until stopped. */
final class GrowingFile {
  private static final long LOOKS_MS = 250;

  private final Thread looks;

  private GrowingFile(Thread looks) {
    this.looks = looks;
  }

  /**
   * Begins to look.
   *
   * @param file need not exist yet
   */
  static GrowingFile watch(Path file, Progress progress) {
    Thread thread = new Thread(() -> look(file, progress), "growing-file");
    thread.setDaemon(true);
    thread.start();
    return new GrowingFile(thread);
  }

  private static void look(Path file, Progress progress) {
    try {
      while (true) {
        Thread.sleep(LOOKS_MS);
        progress.grown(size(file));
      }
    } catch (InterruptedException e) {
      return; // stopped
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0; // not there yet
    }
  }

  /** Looks no more. */
  void stop() {
    looks.interrupt();
  }
}
