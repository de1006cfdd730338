package dev.kstrace.traces;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;

/** One line of the text form, taken apart from left to right. Not thread-safe. */
final class TextLine {
  private static final long GUESSED_STEP_NS = 1000;
  private static final long GUESSED_DURATION_NS = 500;

  private final String text;
  private int at;

  TextLine(String text) {
    this.text = text;
  }

  /**
   * The event of the line.
   *
   * @throws IllegalArgumentException if the line cannot be understood
   */
  TraceEvent event() {
    long seq = unsigned("seq", word());
    int op = op(word());
    int save = at;
    String next = atEnd() ? "" : word();
    int layer;
    if (next.isEmpty() || next.indexOf('=') >= 0) {
      at = save;
      boolean call = op >= Op.INITIALIZE.code() && op <= Op.DELETE.code();
      layer = (call ? Layer.CALLBACK : Layer.NONE).code();
    } else {
      layer = layer(next);
    }
    Times times = times(seq);
    TraceEvent.Builder event = TraceEvent.ofCodes(seq, op, layer, times.entry);
    if (times.exitKnown) {
      event.tExit(times.exit);
    }
    Set<String> seen = new HashSet<>();
    while (!atEnd()) {
      String key = key();
      if (!seen.add(key)) {
        throw new IllegalArgumentException(key + " appears twice");
      }
      set(event, key);
    }
    return event.build();
  }

  private record Times(long entry, boolean exitKnown, long exit) {}

  private Times times(long seq) {
    skipSpaces();
    if (!text.startsWith("t=", at)) {
      long entry = seq * GUESSED_STEP_NS;
      return new Times(entry, true, entry + GUESSED_DURATION_NS);
    }
    at += 2;
    String value = word();
    int dots = value.indexOf("..");
    if (dots < 0) {
      return new Times(signed("t", value), false, 0);
    }
    return new Times(
        signed("t", value.substring(0, dots)), true, signed("t", value.substring(dots + 2)));
  }

  private void set(TraceEvent.Builder event, String key) {
    switch (key) {
      case "thread" -> event.thread((int) bounded(key, word(), 0xFFFFFFFFL));
      case "irql" -> irql(event, word());
      case "pin" -> event.pin(unsigned(key, word()));
      case "context" -> event.context(unsigned(key, word()));
      case "frame" -> event.frame(unsigned(key, word()));
      case "size" -> event.size(unsigned(key, word()));
      case "status" -> event.status(status(word()));
      case "framing" -> event.framing(framing(braced()));
      case "detail" -> {
        event.detail(Escapes.unescape(text.substring(at)));
        at = text.length();
      }
      default ->
          throw new IllegalArgumentException(
              "unknown key "
                  + key
                  + ", expected t, thread, irql, pin, context, frame, size, status, framing or"
                  + " detail");
    }
  }

  private static void irql(TraceEvent.Builder event, String value) {
    int arrow = value.indexOf('>');
    String entry = arrow < 0 ? value : value.substring(0, arrow);
    String exit = arrow < 0 ? value : value.substring(arrow + 1);
    if (!entry.equals("?")) {
      event.irqlEntry((int) bounded("irql", entry, 255));
    }
    if (!exit.equals("?")) {
      event.irqlExit((int) bounded("irql", exit, 255));
    }
  }

  private static int status(String value) {
    Integer named = NtStatus.ofName(value);
    return named != null ? named : (int) bounded("status", value, 0xFFFFFFFFL);
  }

  private static int op(String word) {
    if (word.startsWith("op#")) {
      return (int) bounded("op", word.substring(3), 255);
    }
    Op op = Op.ofLabel(word);
    if (op == null) {
      String known = Arrays.stream(Op.values()).map(Op::label).collect(Collectors.joining(", "));
      throw new IllegalArgumentException(
          "unknown operation " + word + ", expected " + known + " or op#N");
    }
    return op.code();
  }

  private static int layer(String word) {
    if (word.startsWith("layer#")) {
      return (int) bounded("layer", word.substring(6), 255);
    }
    Layer layer = Layer.ofLabel(word);
    if (layer == null) {
      throw new IllegalArgumentException(
          "unknown layer " + word + ", expected none, callback, irp_method or function_table");
    }
    return layer.code();
  }

  private static Framing framing(String members) {
    int[] values = new int[TraceSchema.FRAMING_FIELDS.size()];
    for (String member : members.strip().split("\\s+", -1)) {
      if (member.isEmpty()) {
        continue;
      }
      int equals = member.indexOf('=');
      String key = equals < 0 ? member : member.substring(0, equals);
      String value = equals < 0 ? "" : member.substring(equals + 1);
      switch (key) {
        case "options" -> values[0] = ulong(key, value);
        case "pool" -> values[1] = poolType(value);
        case "frames" -> values[2] = ulong(key, value);
        case "size" -> values[3] = ulong(key, value);
        case "align" -> values[4] = ulong(key, value);
        case "reserved" -> values[5] = ulong(key, value);
        default ->
            throw new IllegalArgumentException(
                "unknown member "
                    + key
                    + " of framing, expected options, pool, frames, size, align or reserved");
      }
    }
    return new Framing(values[0], values[1], values[2], values[3], values[4], values[5]);
  }

  private static int poolType(String value) {
    for (int code = 0; code <= 544; code++) {
      if (PoolType.format(code).equals(value)) {
        return code;
      }
    }
    return ulong("pool", value);
  }

  private static int ulong(String key, String value) {
    return (int) bounded(key, value, 0xFFFFFFFFL);
  }

  private static long bounded(String key, String value, long most) {
    long number = unsigned(key, value);
    if (number < 0 || number > most) {
      throw new IllegalArgumentException(key + "=" + value + " is above " + most);
    }
    return number;
  }

  private static long unsigned(String key, String value) {
    try {
      return value.startsWith("0x")
          ? Long.parseUnsignedLong(value.substring(2), 16)
          : Long.parseUnsignedLong(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          key + "=" + value + " is not a number, expected 12 or 0xc");
    }
  }

  private static long signed(String key, String value) {
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(key + "=" + value + " is not a time in ns");
    }
  }

  private String key() {
    skipSpaces();
    int equals = text.indexOf('=', at);
    int space = text.indexOf(' ', at);
    if (equals < 0 || (space >= 0 && space < equals)) {
      throw new IllegalArgumentException("expected key=value at '" + text.substring(at) + "'");
    }
    String key = text.substring(at, equals);
    at = equals + 1;
    return key;
  }

  private String braced() {
    int close = text.indexOf('}', at);
    if (at >= text.length() || text.charAt(at) != '{' || close < 0) {
      throw new IllegalArgumentException("expected {...} at '" + text.substring(at) + "'");
    }
    String inner = text.substring(at + 1, close);
    at = close + 1;
    return inner;
  }

  private String word() {
    skipSpaces();
    if (at == text.length()) {
      throw new IllegalArgumentException("the line ends early, expected seq, operation, key=value");
    }
    int start = at;
    while (at < text.length() && text.charAt(at) != ' ' && text.charAt(at) != '\t') {
      at++;
    }
    return text.substring(start, at);
  }

  private boolean atEnd() {
    skipSpaces();
    return at == text.length();
  }

  private void skipSpaces() {
    while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
      at++;
    }
  }
}
