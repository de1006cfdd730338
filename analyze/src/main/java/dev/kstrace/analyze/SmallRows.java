package dev.kstrace.analyze;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The tables that a pass keeps, each made once. Not thread-safe. */
final class SmallRows implements RuleGate.Rows {
  private final TraceFacts facts;
  private final Map<String, Boolean> empty = new HashMap<>();
  private final Map<String, List<@Nullable Object[]>> tables = new HashMap<>();

  SmallRows(TraceFacts facts) {
    this.facts = facts;
  }

  @Override
  public boolean isEmpty(String table) {
    return empty.computeIfAbsent(table, facts::isEmpty);
  }

  @Override
  public @Nullable List<@Nullable Object[]> of(String table) {
    return facts.isLarge(table)
        ? null
        : tables.computeIfAbsent(table, name -> facts.rows(Tables.named(name)));
  }
}
