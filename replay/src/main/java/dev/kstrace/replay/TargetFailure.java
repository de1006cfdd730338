package dev.kstrace.replay;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The end of a target in another process. Immutable. */
public final class TargetFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String cause;
  private final transient List<String> output;
  private final @Nullable Long call;

  /**
   * A failure.
   *
   * @param cause what ended the target, such as {@code SIGSEGV (signal 11)}
   * @param detail particulars, such as the fault address; empty = none
   * @param output first lines of what it wrote to its standard error
   * @param call number of the call that is to blame where it is not the one under way; else null
   */
  public TargetFailure(String cause, String detail, List<String> output, @Nullable Long call) {
    super(detail);
    this.cause = cause;
    this.output = List.copyOf(output);
    this.call = call;
  }

  /** What ended the target. */
  String what() {
    return cause;
  }

  /** First lines of its standard error. */
  List<String> output() {
    return output;
  }

  /** The call to blame; null = the one under way. */
  @Nullable Long call() {
    return call;
  }
}
