package dev.kstrace.capture.imports;

/** Told now and then how far an import is. */
public interface ImportProgress {
  /** Says nothing. */
  ImportProgress NONE = (done, total) -> {};

  /**
   * Takes the state.
   *
   * @param doneBytes bytes of the recording that were read
   * @param totalBytes all its bytes
   */
  void at(long doneBytes, long totalBytes);
}
