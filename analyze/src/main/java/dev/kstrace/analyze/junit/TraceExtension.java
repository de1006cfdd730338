package dev.kstrace.analyze.junit;

import dev.kstrace.analyze.Rule;
import dev.kstrace.analyze.RulePack;
import dev.kstrace.capture.AllocatorDispatch;
import dev.kstrace.capture.TraceRecorder;
import dev.kstrace.traces.Escapes;
import java.lang.annotation.Annotation;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.DynamicTestInvocationContext;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Behind {@link RecordTrace}. It holds no state of its own: what belongs to a test lies in the
 * store of the test's context, so that parallel tests never meet.
 */
final class TraceExtension
    implements BeforeEachCallback, AfterEachCallback, ParameterResolver, InvocationInterceptor {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(TraceExtension.class);
  private static final long NO_LIMIT = Long.MAX_VALUE;
  private static final String[] NONE = {};
  private static final int MOST_LINES = 20;

  /** Where the trace is and what to type next, and what a ring has to remark. */
  private static final int LAST_LINES = 3;

  @Override
  public void beforeEach(ExtensionContext test) {
    ExtensionContext.Store store = test.getStore(NAMESPACE);
    TestRecording recording = newRecording(test);
    AllocatorFields fields = new AllocatorFields();
    store.put(TestRecording.class, recording);
    store.put(AllocatorFields.class, fields);
    allowedRules(test); // a misspelt rule is told before anything runs
    CurrentTrace.set(recording);
    wrapFields(test);
  }

  @Override
  public void afterEach(ExtensionContext test) throws Exception {
    CurrentTrace.set(null);
    ExtensionContext.Store store = test.getStore(NAMESPACE);
    AllocatorFields fields = store.get(AllocatorFields.class, AllocatorFields.class);
    if (fields != null) {
      fields.restore();
    }
    TestRecording recording = store.get(TestRecording.class, TestRecording.class);
    if (recording != null) {
      finish(test, recording, test.getExecutionException().orElse(null));
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext test) {
    return parameter.getParameter().getType() == TraceRecorder.class
        && test.getStore(NAMESPACE).get(TestRecording.class) != null;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext test) {
    return recording(test).recorder();
  }

  @Override
  public void interceptTestMethod(
      Invocation<@Nullable Void> invocation,
      ReflectiveInvocationContext<Method> call,
      ExtensionContext test)
      throws Throwable {
    proceed(invocation, call, test);
  }

  @Override
  public void interceptTestTemplateMethod(
      Invocation<@Nullable Void> invocation,
      ReflectiveInvocationContext<Method> call,
      ExtensionContext test)
      throws Throwable {
    proceed(invocation, call, test);
  }

  @Override
  public <T> T interceptTestFactoryMethod(
      Invocation<T> invocation, ReflectiveInvocationContext<Method> call, ExtensionContext test)
      throws Throwable {
    wrapFields(test);
    return invocation.proceed();
  }

  /** A dynamic test has a trace of its own; that of its factory gets a mark. */
  @Override
  public void interceptDynamicTest(
      Invocation<@Nullable Void> invocation,
      DynamicTestInvocationContext call,
      ExtensionContext test)
      throws Throwable {
    recording(test).mark(test.getDisplayName());
    TestRecording own = newRecording(test);
    TestRecording before = CurrentTrace.set(own);
    Throwable failure = null;
    try {
      invocation.proceed();
    } catch (Throwable e) {
      failure = e;
      throw e;
    } finally {
      CurrentTrace.set(before);
      finish(test, own, failure);
    }
  }

  /** Calls the test, with the allocators among its arguments wrapped. */
  private static void proceed(
      Invocation<@Nullable Void> invocation,
      ReflectiveInvocationContext<Method> call,
      ExtensionContext test)
      throws Throwable {
    wrapFields(test);
    List<Object> arguments = call.getArguments();
    if (arguments.stream().noneMatch(AllocatorDispatch.class::isInstance)) {
      invocation.proceed();
      return;
    }
    // JUnit lets nobody change the arguments of its own call, so this one takes its place.
    invocation.skip();
    TestRecording recording = recording(test);
    Object[] wrapped = new Object[arguments.size()];
    for (int i = 0; i < wrapped.length; i++) {
      Object argument = arguments.get(i);
      boolean recorded =
          argument instanceof AllocatorDispatch
              && call.getExecutable().getParameterTypes()[i] == AllocatorDispatch.class;
      wrapped[i] = recorded ? recording.wrap((AllocatorDispatch) argument) : argument;
    }
    try {
      call.getExecutable().setAccessible(true);
      call.getExecutable().invoke(call.getTarget().orElse(null), wrapped);
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }

  private static void wrapFields(ExtensionContext test) {
    AllocatorFields fields =
        test.getStore(NAMESPACE).get(AllocatorFields.class, AllocatorFields.class);
    if (fields != null) {
      fields.wrap(test.getRequiredTestInstances().getAllInstances(), recording(test));
    }
  }

  private static TestRecording newRecording(ExtensionContext test) {
    RecordTrace settings = settings(test);
    int ring = settings.ringMegabytes();
    if (ring < 0) {
      throw new ExtensionConfigurationException(
          "@RecordTrace(ringMegabytes = " + ring + "), expected 0 for no ring, or more");
    }
    Set<String> allowed = allowedRules(test);
    return new TestRecording(
        TestNames.file(test),
        TestNames.title(test),
        ring,
        RulesOfTests.of(test).rules(),
        finding ->
            finding.severity().compareTo(settings.failOn()) >= 0
                && !allowed.contains(finding.rule()));
  }

  private static RecordTrace settings(ExtensionContext test) {
    return annotation(test, RecordTrace.class)
        .orElseThrow(() -> new IllegalStateException("@RecordTrace is gone"));
  }

  private static TestRecording recording(ExtensionContext test) {
    TestRecording recording =
        test.getStore(NAMESPACE).get(TestRecording.class, TestRecording.class);
    if (recording == null) {
      throw new IllegalStateException("no test runs in " + test.getUniqueId());
    }
    return recording;
  }

  /** Judges what a test left, and fails it where it must. */
  private static void finish(
      ExtensionContext test, TestRecording recording, @Nullable Throwable failure)
      throws Exception {
    if (!recording.end(failure == null)) {
      return;
    }
    RecordTrace settings = settings(test);
    long most = annotation(test, MaxOutstanding.class).map(MaxOutstanding::value).orElse(NO_LIMIT);
    TestVerdict verdict =
        TestVerdict.of(
            recording.file(), RulesOfTests.of(test), allowedRules(test), settings.failOn(), most);
    recording.dropDumpsOf(verdict.findings());
    boolean found = verdict.fails() || !recording.early().isEmpty();
    boolean failed = failure != null || found;
    boolean kept =
        settings.keep() == RecordTrace.Keep.ALWAYS
            || (settings.keep() == RecordTrace.Keep.ON_FAILURE && failed);
    if (kept) {
      test.publishReportEntry("kstrace.trace", recording.file().toString());
      recording
          .early()
          .forEach(early -> test.publishReportEntry("kstrace.trace", early.dump().toString()));
    } else {
      recording.delete();
    }
    RunSummary.of(test).add(recording.title(), verdict, kept ? recording.file() : null);
    if (found) {
      AssertionError findings = new AssertionError(text(verdict, recording));
      findings.setStackTrace(new StackTraceElement[0]); // nothing in it is about the test
      if (failure == null) {
        throw findings;
      }
      failure.addSuppressed(findings);
    }
  }

  private static String text(TestVerdict verdict, TestRecording recording) {
    List<String> lines = new ArrayList<>();
    recording.early().forEach(early -> lines.add(Escapes.escape(early.sentence())));
    verdict.text(recording.file()).lines().forEach(lines::add);
    recording.remarks().forEach(remark -> lines.add(Escapes.escape(remark)));
    if (lines.size() > MOST_LINES) {
      lines.subList(MOST_LINES - LAST_LINES, lines.size() - LAST_LINES).clear();
    }
    return String.join(System.lineSeparator(), lines);
  }

  private static Set<String> allowedRules(ExtensionContext test) {
    String[] ids = annotation(test, AllowFindings.class).map(AllowFindings::value).orElse(NONE);
    Set<String> known =
        Stream.concat(RulePack.builtIn().stream(), RulesOfTests.of(test).rules().stream())
            .map(Rule::id)
            .collect(Collectors.toUnmodifiableSet());
    for (String id : ids) {
      if (!known.contains(id)) {
        throw new ExtensionConfigurationException(
            "@AllowFindings names no rule, value=" + id + "; kstrace rules list shows them");
      }
    }
    return Set.of(ids);
  }

  /** An annotation of the method, else of its class, else of a class around that. */
  private static <A extends Annotation> Optional<A> annotation(
      ExtensionContext test, Class<A> type) {
    ExtensionContext method = TestNames.ofMethod(test);
    Optional<A> found = AnnotationSupport.findAnnotation(method.getTestMethod(), type);
    Class<?> around = method.getRequiredTestClass();
    while (found.isEmpty() && around != null) {
      found = AnnotationSupport.findAnnotation(around, type);
      around = around.getEnclosingClass();
    }
    return found;
  }
}
