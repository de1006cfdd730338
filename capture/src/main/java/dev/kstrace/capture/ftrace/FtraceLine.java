package dev.kstrace.capture.ftrace;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One line of the ftrace text:
 *
 * <pre>
 *   task-pid [cpu] flags seconds.fraction: event: k = v, k = v
 *   task-pid [cpu] flags seconds.fraction: probe: (function+0x0/0xe0 [module]) k=v k=v
 *   task-pid [cpu] flags seconds.fraction: probe: (caller+0x1bd/0x460 &lt;- function) k=v
 * </pre>
 *
 * Immutable.
 *
 * @param pid the thread
 * @param timeNs its time, ns on the trace's clock
 * @param event name of the event; of a probe whatever its user chose
 * @param function the probed function; empty for other events
 * @param isReturn whether the probe sits at the function's return
 * @param values the named values, in their order
 */
record FtraceLine(
    int pid,
    long timeNs,
    String event,
    String function,
    boolean isReturn,
    Map<String, String> values) {
  private static final long NS_PER_SECOND = 1_000_000_000L;
  private static final int FRACTION_DIGITS = 9;
  private static final String RETURN_MARK = " <- ";

  /** Reads a line; null where it is no event: a comment, a message of the tracer. */
  static @Nullable FtraceLine parse(String line) {
    if (line.startsWith("#")) {
      return null;
    }
    int afterCpu = cpuEnd(line);
    if (afterCpu < 0) {
      return null;
    }
    Integer pid = pid(line.substring(0, line.lastIndexOf('[', afterCpu)).strip());
    String[] parts = line.substring(afterCpu + 1).strip().split(": +", 3);
    if (pid == null || parts.length < 2) {
      return null;
    }
    Long time = time(parts[0].substring(parts[0].lastIndexOf(' ') + 1));
    if (time == null) {
      return null;
    }
    String rest = parts.length == 3 ? parts[2] : "";
    String event = parts[1].endsWith(":") ? parts[1].substring(0, parts[1].length() - 1) : parts[1];
    if (!rest.startsWith("(")) {
      return new FtraceLine(pid, time, event, "", false, pairs(rest, ", ", " = "));
    }
    int close = rest.indexOf(')');
    if (close < 0) {
      return null;
    }
    String place = rest.substring(1, close);
    int arrow = place.indexOf(RETURN_MARK);
    String function = arrow < 0 ? place : place.substring(arrow + RETURN_MARK.length());
    return new FtraceLine(
        pid,
        time,
        event,
        function.split("[+ ]", 2)[0],
        arrow >= 0,
        pairs(rest.substring(close + 1).strip(), " ", "="));
  }

  /**
   * Position of the bracket behind the CPU, a number in brackets; a task's name may hold others.
   */
  private static int cpuEnd(String line) {
    for (int open = line.indexOf(" ["); open >= 0; open = line.indexOf(" [", open + 1)) {
      int at = open + 2;
      while (at < line.length() && isDigit(line.charAt(at))) {
        at++;
      }
      if (at > open + 2 && at < line.length() && line.charAt(at) == ']') {
        return at;
      }
    }
    return -1;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /** The number behind the last hyphen; with option record-tgid another in parentheses follows. */
  private static @Nullable Integer pid(String task) {
    String name = task;
    if (name.endsWith(")") && name.lastIndexOf('(') >= 0) {
      name = name.substring(0, name.lastIndexOf('(')).strip();
    }
    String digits = name.substring(name.lastIndexOf('-') + 1);
    return digits.matches("[0-9]{1,9}") ? Integer.valueOf(digits) : null;
  }

  private static @Nullable Long time(String text) {
    if (!text.matches("[0-9]{1,9}\\.[0-9]{1,9}")) {
      return null;
    }
    int point = text.indexOf('.');
    String fraction = text.substring(point + 1);
    return Long.parseLong(text.substring(0, point)) * NS_PER_SECOND
        + Long.parseLong(fraction + "0".repeat(FRACTION_DIGITS - fraction.length()));
  }

  private static Map<String, String> pairs(String text, String separator, String equals) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String pair : text.split(separator, 0)) {
      int at = pair.indexOf(equals);
      if (at > 0 && pair.indexOf('{') < 0 && pair.indexOf('}') < 0) {
        values.putIfAbsent(pair.substring(0, at).strip(), pair.substring(at + equals.length()));
      }
    }
    return values;
  }

  /** A value as a number, decimal or hexadecimal with 0x; null where it is absent or none. */
  @Nullable Long number(String key) {
    String value = values.get(key);
    if (value == null) {
      return null;
    }
    try {
      return value.startsWith("0x")
          ? Long.parseUnsignedLong(value.substring(2), 16)
          : Long.parseLong(value);
    } catch (NumberFormatException e) {
      return null;
    }
  }
}
