package dev.kstrace.analyze;

/** An input that a trace may lack; a rule's header names it in lower case. */
enum Need {
  /** The column {@code size} of allocates. */
  SIZE,
  /** The column {@code irql_entry}. */
  IRQL_ENTRY,
  /** The column {@code irql_exit}. */
  IRQL_EXIT,
  /** The column {@code t_exit}. */
  T_EXIT,
  /** The column {@code status} of initialize. */
  STATUS,
  /** The column {@code framing} of initialize. */
  FRAMING,
  /** Calls of layer {@code irp_method}. */
  IRP_METHOD,
  /** The event {@code pin_create}. */
  PIN_CREATE,
  /** The event {@code pin_state}. */
  PIN_STATE,
  /** The key {@code peer_mode} of pin_create. */
  PEER_MODE,
  /** The key {@code flags} of pin_create. */
  FLAGS,
  /** The key {@code has_dispatch} of pin_create. */
  HAS_DISPATCH,
  /** The key {@code dispatch} of pin_create. */
  DISPATCH,
  /** The key {@code allocator_kind} of pin_create. */
  ALLOCATOR_KIND,
  /** The key {@code framing_ex} of pin events. */
  FRAMING_EX
}
