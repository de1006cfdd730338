package dev.kstrace.analyze;

import dev.kstrace.traces.Irql;
import dev.kstrace.traces.KsFlags;
import dev.kstrace.traces.NtStatus;
import dev.kstrace.traces.PinState;
import dev.kstrace.traces.PoolType;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * SQL functions that every query can use: numbers with Microsoft's names. They are public; user SQL
 * relies on them. All give NULL for NULL.
 */
final class Macros {
  private static final int LAST_POOL_TYPE = 544;

  /**
   * One function of one argument.
   *
   * @param doc what it gives, for the documentation
   * @param example an argument that shows it
   * @param body the expression over x
   */
  record MacroDef(String name, String doc, String example, String body) {}

  /** All functions, in the order of the documentation. */
  static final List<MacroDef> ALL =
      List.of(
          new MacroDef(
              "hex", "a number in hexadecimal", "18446635809153024000", "'0x' || lower(to_hex(x))"),
          new MacroDef(
              "ntstatus",
              "the name of an NTSTATUS, else its eight digits",
              "-1073741670",
              names(
                  NtStatus.names(), "'0x' || upper(lpad(to_hex(x::BIGINT & 4294967295), 8, '0'))")),
          new MacroDef(
              "pool_type",
              "the name of a POOL_TYPE, else the number in hexadecimal",
              "512",
              names(poolTypes(), "'0x' || lower(to_hex(x))")),
          new MacroDef(
              "options",
              "the KSALLOCATOR_OPTIONF_* of OptionsFlags, joined by a bar",
              "2",
              flags(KsFlags.OPTIONS)),
          new MacroDef(
              "requirements",
              "the KSALLOCATOR_REQUIREMENTF_* of the same word where it answers a query",
              "10",
              flags(KsFlags.REQUIREMENTS)),
          new MacroDef(
              "framing_flags",
              "the KSALLOCATOR_FLAG_* of a KS_FRAMING_ITEM",
              "4160",
              flags(KsFlags.FRAMING_ITEM)),
          new MacroDef("flags", "the KSPIN_FLAG_* of pins.flags", "262272", flags(KsFlags.PIN)),
          new MacroDef("irql", "the name of an IRQL", "2", names(levels(), "'IRQL ' || x")),
          new MacroDef(
              "pin_state", "the name of a KSSTATE", "3", names(pinStates(), "'state ' || x")),
          new MacroDef(
              "data_flow",
              "the name of a KSPIN_DATAFLOW",
              "1",
              names(Map.of(1, "KSPIN_DATAFLOW_IN", 2, "KSPIN_DATAFLOW_OUT"), "'data flow ' || x")),
          new MacroDef(
              "tag",
              "the four characters of a pool tag or FOURCC",
              "844715353",
              "array_to_string([CASE WHEN c BETWEEN 32 AND 126 THEN chr(c) ELSE '.' END"
                  + " FOR c IN [(x::BIGINT & 255)::INTEGER, ((x::BIGINT >> 8) & 255)::INTEGER,"
                  + " ((x::BIGINT >> 16) & 255)::INTEGER, ((x::BIGINT >> 24) & 255)::INTEGER]],"
                  + " '')"),
          new MacroDef("us", "nanoseconds as microseconds", "1500", "x / 1e3"),
          new MacroDef("ms", "nanoseconds as milliseconds", "1500000", "x / 1e6"));

  private Macros() {}

  /** Statements that create all functions. */
  static String all() {
    StringBuilder sql = new StringBuilder();
    for (MacroDef macro : ALL) {
      sql.append("CREATE OR REPLACE MACRO ").append(macro.name()).append("(x) AS ");
      sql.append(macro.body()).append(";\n");
    }
    return sql.toString();
  }

  private static Map<Integer, String> poolTypes() {
    Map<Integer, String> names = new TreeMap<>();
    for (int code = 0; code <= LAST_POOL_TYPE; code++) {
      String name = PoolType.format(code);
      if (!name.startsWith("0x")) {
        names.put(code, name);
      }
    }
    return names;
  }

  private static Map<Integer, String> levels() {
    Map<Integer, String> names = new TreeMap<>();
    for (int level = 0; level <= Irql.HIGH_LEVEL; level++) {
      names.put(level, Irql.format(level));
    }
    return names;
  }

  private static Map<Integer, String> pinStates() {
    Map<Integer, String> names = new TreeMap<>();
    for (PinState state : PinState.values()) {
      names.put(state.code(), state.constantName());
    }
    return names;
  }

  private static String names(Map<Integer, String> names, String otherwise) {
    StringBuilder sql = new StringBuilder("CASE x");
    new TreeMap<>(names)
        .forEach(
            (code, name) -> {
              sql.append(" WHEN ").append(code);
              sql.append(" THEN ").append(TraceDatabase.quote(name));
            });
    return sql.append(" ELSE ").append(otherwise).append(" END").toString();
  }

  /** As {@link KsFlags#format}. */
  private static String flags(KsFlags flags) {
    StringBuilder sql = new StringBuilder("CASE x WHEN 0 THEN '0' ELSE nullif(concat_ws('|'");
    long rest = 0xFFFFFFFFL;
    for (Map.Entry<String, Integer> bit : flags.bits().entrySet()) {
      long mask = Integer.toUnsignedLong(bit.getValue());
      sql.append(", CASE WHEN x::BIGINT & ").append(mask).append(" <> 0 THEN ");
      sql.append(TraceDatabase.quote(bit.getKey())).append(" END");
      rest &= ~mask;
    }
    sql.append(", CASE WHEN x::BIGINT & ").append(rest).append(" <> 0 THEN '0x' || ");
    sql.append("lower(to_hex(x::BIGINT & ").append(rest).append(")) END), '') END");
    return sql.toString();
  }
}
