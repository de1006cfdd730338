package dev.kstrace.analyze;

import dev.kstrace.analyze.TableDef.SqlType;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.Op;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The words that SQL sees where facts hold codes. */
final class Labels {
  private static final Map<SqlType, Map<Long, String>> ALL = new EnumMap<>(SqlType.class);

  static {
    for (Op op : Op.values()) {
      put(SqlType.OP, op.code(), op.label());
    }
    for (Layer layer : Layer.values()) {
      put(SqlType.LAYER, layer.code(), layer.label());
    }
    for (CallFacts.AllocatorState state : CallFacts.AllocatorState.values()) {
      put(SqlType.ALLOCATOR_STATE, state.code, state.label);
    }
    for (CallFacts.FrameState state : CallFacts.FrameState.values()) {
      put(SqlType.FRAME_STATE, state.code, state.label);
    }
  }

  private Labels() {}

  private static void put(SqlType type, long code, @Nullable String label) {
    if (label != null) {
      ALL.computeIfAbsent(type, key -> new TreeMap<>()).put(code, label);
    }
  }

  /** The labels of a type by code; empty where values are shown as they are. */
  static Map<Long, String> of(SqlType type) {
    return ALL.getOrDefault(type, Map.of());
  }

  /** What stands before a code without a label; null where such a code is shown as NULL. */
  static @Nullable String unlabelled(SqlType type) {
    return switch (type) {
      case OP -> "op#";
      case LAYER -> "layer#";
      default -> null;
    };
  }
}
