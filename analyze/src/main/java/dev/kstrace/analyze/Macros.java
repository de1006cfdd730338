package dev.kstrace.analyze;

import dev.kstrace.traces.Irql;
import dev.kstrace.traces.NtStatus;
import dev.kstrace.traces.PinState;
import dev.kstrace.traces.PoolType;
import java.util.Map;
import java.util.TreeMap;

/** SQL functions that every query can use: numbers with Microsoft's names. */
final class Macros {
  private static final int LAST_POOL_TYPE = 544;

  private Macros() {}

  /** Statements that create all functions. */
  static String all() {
    Map<Integer, String> poolTypes = new TreeMap<>();
    for (int code = 0; code <= LAST_POOL_TYPE; code++) {
      String name = PoolType.format(code);
      if (!name.startsWith("0x")) {
        poolTypes.put(code, name);
      }
    }
    Map<Integer, String> levels = new TreeMap<>();
    for (int level = 0; level <= Irql.HIGH_LEVEL; level++) {
      levels.put(level, Irql.format(level));
    }
    Map<Integer, String> states = new TreeMap<>();
    for (PinState state : PinState.values()) {
      states.put(state.code(), state.constantName());
    }
    return macro("hex", "'0x' || lower(to_hex(x))")
        + macro(
            "ntstatus",
            names(NtStatus.names(), "'0x' || upper(lpad(to_hex(x::BIGINT & 4294967295), 8, '0'))"))
        + macro("pool_type", names(poolTypes, "'0x' || lower(to_hex(x))"))
        + macro("irql", names(levels, "'IRQL ' || x"))
        + macro("pin_state", names(states, "'state ' || x"));
  }

  private static String macro(String name, String body) {
    return "CREATE OR REPLACE MACRO " + name + "(x) AS " + body + ";\n";
  }

  private static String names(Map<Integer, String> names, String otherwise) {
    StringBuilder sql = new StringBuilder("CASE x");
    names.forEach(
        (code, name) ->
            sql.append(" WHEN ").append(code).append(" THEN ").append(TraceDatabase.quote(name)));
    return sql.append(" ELSE ").append(otherwise).append(" END").toString();
  }
}
