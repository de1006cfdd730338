package dev.kstrace.traces;

/** Is told how far the reading of a file is; called often, so it should return at once. */
@FunctionalInterface
public interface ReadProgress {
  /** Nobody wants to know. */
  ReadProgress NONE = (done, total) -> {};

  /**
   * So many bytes of so many are read.
   *
   * @param doneBytes from 0 on; less than before where another reading of the file has begun
   * @param totalBytes size of the file, 0 where it is not known
   */
  void at(long doneBytes, long totalBytes);
}
