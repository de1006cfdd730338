package dev.kstrace.analyze.junit;

import dev.kstrace.analyze.Severity;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Records the allocator calls of a test method, or of each test of a class, into a trace of its
 * own, judges it when the test is over, and fails the test on findings.
 *
 * <p>What is recorded: every field and every argument of type {@link
 * dev.kstrace.capture.AllocatorDispatch} is wrapped for the time of the test; and whatever the test
 * does with the {@link dev.kstrace.capture.TraceRecorder} that it may take as a parameter, or gets
 * from {@link CurrentTrace#recorder}. A test that records nothing leaves no trace.
 *
 * <p>Traces lie under {@code target/kstrace} ({@code build/kstrace} beside a Gradle build, or the
 * configuration parameter {@code kstrace.directory}), named by class, method, parameters and
 * repetition. The rules are those of the nearest {@code kstrace.toml} upward from the working
 * directory; the configuration parameter {@code kstrace.config} names another one, or {@code none}.
 * A test that fails by itself leaves a trace that counts as cut: what was live when it gave up is
 * not called leaked.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
@ExtendWith(TraceExtension.class)
public @interface RecordTrace {
  /** When the trace outlives its test. */
  Keep keep() default Keep.ON_FAILURE;

  /** The least severity that fails the test. */
  Severity failOn() default Severity.ERROR;

  /**
   * Keep only the newest events, in so many MiB of memory; 0 = all of them, in the file. For tests
   * that run for hours: see {@link dev.kstrace.capture.RecorderOptions#withRing}. The ring is
   * judged each time that half of it is new, and leaves a dump for each new finding.
   */
  int ringMegabytes() default 0;

  /** When a trace is kept. */
  enum Keep {
    /** If the test failed, by a finding or by itself. */
    ON_FAILURE,
    /** Always. */
    ALWAYS,
    /** Never; findings are still told. */
    NEVER
  }
}
