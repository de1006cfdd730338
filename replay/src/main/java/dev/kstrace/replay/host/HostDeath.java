package dev.kstrace.replay.host;

import dev.kstrace.replay.TargetFailure;
import dev.kstrace.traces.Hex;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds out how a host ended: from its file, its exit code and what it wrote. Stateless. */
final class HostDeath {
  private static final int SIGNAL = 1;
  private static final int DEADLOCK = 2;
  private static final int EXIT = 3;
  private static final int BUGCHECK = 4;

  private static final int OUTPUT_LINES = 25;
  private static final int OUTPUT_BYTES = 1 << 16;

  /** As on Linux; only names, so what another system calls otherwise is shown by number. */
  private static final Map<Integer, String> SIGNALS =
      Map.of(
          4, "SIGILL", 5, "SIGTRAP", 6, "SIGABRT", 7, "SIGBUS", 8, "SIGFPE", 9, "SIGKILL", 11,
          "SIGSEGV", 15, "SIGTERM", 31, "SIGSYS");

  private static final Pattern SANITIZER =
      Pattern.compile("ERROR: (\\w+Sanitizer): (.*?)(?: at pc .*| \\(pc .*| \\(pid=.*)?$");

  private static final Pattern RACE =
      Pattern.compile("WARNING: (ThreadSanitizer): (.*?)(?: \\(pid=.*)?$");

  private static final Pattern UNDEFINED = Pattern.compile("(\\S+: runtime error: .*)");

  private HostDeath() {}

  /** The first line that a host wrote; empty where there is none. */
  static String firstLine(Path errors) {
    List<String> lines = lines(errors);
    return lines.isEmpty() ? "" : lines.get(0);
  }

  /** What ended a host that does not answer any more. */
  static TargetFailure describe(
      Process process, HostFile file, Path errors, boolean hung, long timeoutMillis) {
    int code = exitCode(process);
    List<String> lines = lines(errors);
    List<String> output = lines.subList(0, Math.min(OUTPUT_LINES, lines.size()));
    Long call = file.late() == -1 ? null : file.late();
    if (hung) {
      String detail = "no call has returned for " + timeoutMillis / 1000.0 + " s";
      return new TargetFailure("hang", detail, output, call);
    }
    int death = file.death();
    if (death == DEADLOCK) {
      String text = file.deathText().replaceFirst("^deadlock: ", "");
      return new TargetFailure("deadlock", text, output, file.deathCall());
    }
    if (death == BUGCHECK) {
      return new TargetFailure("bug check", file.deathText(), output, call);
    }
    TargetFailure report = sanitizer(lines, output, call);
    if (report != null) {
      return report;
    }
    if (death == EXIT) {
      return new TargetFailure("exit", "the target called exit, code " + code, output, call);
    }
    int signal = death == SIGNAL ? file.signal() : code - 128;
    if (death != SIGNAL && (code <= 128 || code > 192)) {
      return new TargetFailure("exit", "its process ended with code " + code, output, call);
    }
    String what = SIGNALS.getOrDefault(signal, "signal") + " (signal " + signal + ")";
    String detail = file.hasFault() ? "fault address " + Hex.of(file.fault()) : "";
    boolean aborted = detail.isEmpty() && !lines.isEmpty();
    return new TargetFailure(what, aborted ? lines.get(lines.size() - 1) : detail, output, call);
  }

  private static @Nullable TargetFailure sanitizer(
      List<String> lines, List<String> output, @Nullable Long call) {
    for (String line : lines) {
      for (Pattern pattern : List.of(SANITIZER, RACE)) {
        Matcher found = pattern.matcher(line);
        if (found.find()) {
          return new TargetFailure(found.group(1), found.group(2), output, call);
        }
      }
      Matcher undefined = UNDEFINED.matcher(line);
      if (undefined.find()) {
        return new TargetFailure("UndefinedBehaviorSanitizer", undefined.group(1), output, call);
      }
    }
    return null;
  }

  private static int exitCode(Process process) {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return -1;
    }
  }

  private static List<String> lines(Path errors) {
    try (InputStream in = Files.newInputStream(errors)) {
      String text = new String(in.readNBytes(OUTPUT_BYTES), StandardCharsets.UTF_8);
      return text.lines().filter(line -> !line.isBlank()).toList();
    } catch (IOException e) {
      return List.of();
    }
  }
}
