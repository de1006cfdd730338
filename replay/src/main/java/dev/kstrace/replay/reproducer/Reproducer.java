package dev.kstrace.replay.reproducer;

import dev.kstrace.replay.CallScript;
import java.util.List;

/**
 * What a reproducer is made of. Immutable.
 *
 * @param trace what the recording is called
 * @param script its calls
 * @param findings what the recording shows, one sentence each; untrusted text
 * @param callersFaults whether the test fails at what the recorded caller did wrong, too
 */
public record Reproducer(
    String trace, CallScript script, List<String> findings, boolean callersFaults) {
  /** More calls than anybody would want to read, or a compiler to meet in one function. */
  public static final int MOST_EVENTS = 2_000;

  /** Copies the list. */
  public Reproducer {
    findings = List.copyOf(findings);
  }

  /**
   * A program in C, for the allocator behind a KSALLOCATOR_DISPATCH.
   *
   * @param table symbol of the table, a C identifier; empty = to be named when it is compiled
   */
  public String asCTest(String table) {
    return CTest.text(this, table);
  }

  /**
   * A JUnit 5 class, for an AllocatorDispatch.
   *
   * @param className name of the class, a Java identifier
   * @param allocator name of the allocator's class, with a constructor without parameters
   */
  public String asJUnitTest(String className, String allocator) {
    return JUnitTest.text(this, className, allocator);
  }
}
