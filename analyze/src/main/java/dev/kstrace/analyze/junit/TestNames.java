package dev.kstrace.analyze.junit;

import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Where the trace of a test lies, and what the test is called. */
final class TestNames {
  private static final int LONGEST = 80;
  private static final Pattern INVOCATION = Pattern.compile("#(\\d+)\\]");

  private TestNames() {}

  /** The trace's file; the same test has the same name in every run. */
  static Path file(ExtensionContext test) {
    StringBuilder name = new StringBuilder(method(test));
    String numbers = invocations(test);
    if (!numbers.isEmpty()) {
      name.append('-').append(numbers).append('-').append(harmless(test.getDisplayName()));
    }
    return folder(test).resolve(testClass(test).getName()).resolve(name + ".arrow");
  }

  /** The test in words: class, method and, where it is one of several, which. */
  static String title(ExtensionContext test) {
    String simple = testClass(test).getName();
    simple = simple.substring(simple.lastIndexOf('.') + 1).replace('$', '.');
    String which = invocations(test).isEmpty() ? "" : " " + test.getDisplayName();
    return simple + "." + method(test) + which;
  }

  /** The test itself; for a dynamic test, which has neither class nor method, its factory. */
  static ExtensionContext ofMethod(ExtensionContext test) {
    ExtensionContext context = test;
    while (context.getTestMethod().isEmpty()) {
      context = context.getParent().orElseThrow();
    }
    return context;
  }

  private static Class<?> testClass(ExtensionContext test) {
    return ofMethod(test).getRequiredTestClass();
  }

  private static Path folder(ExtensionContext test) {
    return test.getConfigurationParameter("kstrace.directory")
        .map(Path::of)
        .orElseGet(
            () ->
                Files.exists(Path.of("build.gradle")) || Files.exists(Path.of("build.gradle.kts"))
                    ? Path.of("build", "kstrace")
                    : Path.of("target", "kstrace"));
  }

  /** The method's name, with the types of its parameters where it is overloaded. */
  private static String method(ExtensionContext test) {
    Method method = ofMethod(test).getRequiredTestMethod();
    long namesakes =
        Arrays.stream(method.getDeclaringClass().getDeclaredMethods())
            .filter(other -> !other.isSynthetic() && other.getName().equals(method.getName()))
            .count();
    if (namesakes == 1) {
      return method.getName();
    }
    return method.getName()
        + Arrays.stream(method.getParameterTypes())
            .map(Class::getSimpleName)
            .collect(Collectors.joining(",", "(", ")"));
  }

  /**
   * The numbers of a repetition, of a set of parameters, of a dynamic test; empty for a plain one.
   */
  private static String invocations(ExtensionContext test) {
    Matcher matcher = INVOCATION.matcher(test.getUniqueId());
    return matcher
        .results()
        .map(result -> String.format(Locale.ROOT, "%03d", Integer.parseInt(result.group(1))))
        .collect(Collectors.joining("-"));
  }

  private static String harmless(String text) {
    String safe = text.replaceAll("[^A-Za-z0-9._=,-]+", "_");
    return safe.length() <= LONGEST ? safe : safe.substring(0, LONGEST);
  }
}
