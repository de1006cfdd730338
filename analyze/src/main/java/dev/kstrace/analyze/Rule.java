package dev.kstrace.analyze;

import java.util.List;

/**
 * One rule: a query whose rows are findings, and the text that explains it. Immutable.
 *
 * @param id its name, such as {@code double-free}
 * @param severity the gravest severity it gives
 * @param basis contract, derived, heuristic or recorder
 * @param reads the tables it reads; each finding comes from a row of the first, so that an empty
 *     one has none
 * @param needs inputs without which it does not apply
 * @param why what is wrong when it fires
 * @param fix what to do about it
 * @param source the page of the contract
 * @param limits where it stays silent, and why
 * @param sql the statement
 */
public record Rule(
    String id,
    Severity severity,
    String basis,
    List<String> reads,
    List<String> needs,
    String why,
    String fix,
    String source,
    String limits,
    String sql) {

  /** Inputs of which a trace has none, in the header's order. */
  List<String> missing(TraceFacts facts) {
    return needs.stream()
        .filter(need -> !facts.has(Need.valueOf(need.toUpperCase(java.util.Locale.ROOT))))
        .toList();
  }
}
