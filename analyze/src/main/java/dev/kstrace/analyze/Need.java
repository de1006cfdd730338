package dev.kstrace.analyze;

/** An input that a trace may lack; a rule's header names it in lower case. */
enum Need {
  SIZE,
  IRQL_ENTRY,
  IRQL_EXIT,
  T_EXIT,
  STATUS,
  FRAMING,
  PEER_MODE,
  FLAGS
}
