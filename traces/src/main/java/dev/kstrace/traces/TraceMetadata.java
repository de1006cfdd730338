package dev.kstrace.traces;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The key-value metadata of a trace: where it comes from and what its producer promises. Immutable;
 * keys in ascending order, so that equal metadata give equal bytes.
 */
public final class TraceMetadata {
  /** major.minor of the format; the only required key. */
  public static final String VERSION = "kstrace.version";

  /** "simulated", "recorded", "imported" or "replayed". */
  public static final String ORIGIN = "kstrace.origin";

  /** "true" if recording began before the first pin. */
  public static final String COMPLETE_START = "kstrace.complete_start";

  /** Where the times come from: "nanotime", "qpc:FREQUENCY", ... */
  public static final String CLOCK = "kstrace.clock";

  /** "true" where frame addresses are invented and their alignment means nothing. */
  public static final String SYNTHETIC_ADDRESSES = "kstrace.synthetic_addresses";

  /**
   * How many rows at the beginning are a snapshot, see {@link LiveState}: rows of long before, kept
   * because what they made was still there where the trace begins. Holes in {@code seq} among them
   * and behind them are no losses, their order is not judged and neither are they as calls. A
   * reader that does not know the key sees the holes as losses, which only weakens its verdict.
   */
  public static final String SNAPSHOT_ROWS = "kstrace.snapshot_rows";

  /**
   * "true" where {@link #COMPLETE_START} is "false" for no other reason than that a snapshot leaves
   * out what had ended before it: every allocator that still mattered is there.
   */
  public static final String ENDED_FORGOTTEN = "kstrace.ended_forgotten";

  /**
   * "true" where events are missing and nobody knows between which events: anything may then be
   * explained by a loss.
   */
  public static final String UNPLACED_LOSSES = "kstrace.unplaced_losses";

  /** Program and version that wrote the trace. */
  public static final String PRODUCER = "kstrace.producer";

  /** The test that was recorded. */
  public static final String TEST = "kstrace.test";

  /** The version that this writer writes. */
  public static final String CURRENT_VERSION = "1.0";

  /** The major version that this reader understands. */
  static final int CURRENT_MAJOR = 1;

  private final Map<String, String> values;

  private TraceMetadata(Map<String, String> values) {
    this.values = Collections.unmodifiableMap(new TreeMap<>(values));
  }

  /** Metadata with these entries; {@code kstrace.version} is added where it is missing. */
  public static TraceMetadata of(Map<String, String> values) {
    Map<String, String> all = new LinkedHashMap<>(values);
    all.putIfAbsent(VERSION, CURRENT_VERSION);
    return new TraceMetadata(all);
  }

  /** Exactly what a file says, version or not. */
  static TraceMetadata asRead(Map<String, String> values) {
    return new TraceMetadata(values);
  }

  /** All entries in ascending order of the key; unmodifiable. */
  public Map<String, String> values() {
    return values;
  }

  /** The value of a key, or null where the trace has none. */
  public @Nullable String get(String key) {
    return values.get(key);
  }

  /** This metadata with one entry set. */
  public TraceMetadata with(String key, String value) {
    Map<String, String> all = new LinkedHashMap<>(values);
    all.put(key, value);
    return new TraceMetadata(all);
  }

  /** Whether recording began before the first pin; false where the trace does not say so. */
  public boolean completeStart() {
    return "true".equals(values.get(COMPLETE_START));
  }

  /** Whether every allocator is known that was alive, or had frames out, where the trace begins. */
  public boolean allocatorsKnown() {
    return completeStart() || "true".equals(values.get(ENDED_FORGOTTEN));
  }

  /** Whether events are missing at unknown places; false where the trace does not say so. */
  public boolean unplacedLosses() {
    return "true".equals(values.get(UNPLACED_LOSSES));
  }

  /** Whether frame addresses are invented; false where the trace does not say so. */
  public boolean syntheticAddresses() {
    return "true".equals(values.get(SYNTHETIC_ADDRESSES));
  }

  /** Rows of the snapshot at the beginning; 0 where the trace says nothing or no whole number. */
  public long snapshotRows() {
    String rows = values.get(SNAPSHOT_ROWS);
    return rows != null && rows.matches("[0-9]{1,18}") ? Long.parseLong(rows) : 0;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof TraceMetadata that && values.equals(that.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return values.toString();
  }
}
