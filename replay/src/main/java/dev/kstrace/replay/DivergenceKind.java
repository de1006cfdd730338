package dev.kstrace.replay;

import java.util.Locale;

/** In what a target may differ from the recorded allocator. */
public enum DivergenceKind {
  /** Initialize returned another NTSTATUS. */
  STATUS(true),
  /** Allocate returned NULL where the recording has a frame, or the other way round. */
  NULLNESS(true),
  /**
   * Allocate returned an address that is in use in the target although the recorded one was not in
   * use in the recording, or the other way round.
   */
  ALIAS(true),
  /** A call returned at another IRQL, entered at the same. */
  IRQL(true),
  /** A call was left out because its allocator or frame does not exist in the target. */
  SKIPPED(true),
  /** Initialize or allocate waits for a later call where the recorded one had returned. */
  BLOCKED(true),
  /** Another earlier frame's address was reused: caching policy, no part of the contract. */
  REUSE(false);

  private final boolean contract;
  private final String label;

  DivergenceKind(boolean contract) {
    this.contract = contract;
    this.label = name().toLowerCase(Locale.ROOT);
  }

  /** Whether a caller may rely on what differs; else the divergence is information only. */
  public boolean isContract() {
    return contract;
  }

  /** The lower-case name, as reports show it. */
  public String label() {
    return label;
  }
}
