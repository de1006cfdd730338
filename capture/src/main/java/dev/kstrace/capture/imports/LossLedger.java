package dev.kstrace.capture.imports;

import dev.kstrace.traces.Detail;
import dev.kstrace.traces.TraceMetadata;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a recording is missing, each cause counted apart, because each says something else about
 * what can still be concluded. Not thread-safe.
 */
public final class LossLedger {
  /** Why something is missing. */
  public enum Cause {
    /** EventsLost of the log-file header: events of all providers that found no buffer. */
    EVENTS_LOST("events_lost", "event", "lost by the session for want of a buffer (EventsLost)"),
    /** BuffersLost of the log-file header. */
    BUFFERS_LOST("buffers_lost", "buffer", "lost by the session (BuffersLost)"),
    /** Numbers missing in the sequence of the buffers of the file. */
    BUFFER_GAPS("buffer_gaps", "buffer", "missing in the file (holes in SequenceNumber)"),
    /** Numbers missing in the probe's Seq. */
    SEQ_GAPS("seq_gaps", "event", "missing in the probe's Seq"),
    /** Events that the probe could not write, by its own count. */
    WRITE_FAILED("write_failed", "event", "that the probe could not write (WriteFailed)"),
    /** The beginning is not in the file. */
    HEAD_MISSING("head_missing", "event", "missing at the beginning"),
    /** The end is not in the file. */
    TAIL_MISSING("tail_missing", "event", "missing at the end"),
    /** Records that could not be understood. */
    UNDECODED("undecoded", "record", "not understood"),
    /** Buffers that could not be unpacked or lie about their size. */
    BAD_BUFFERS("bad_buffers", "buffer", "not readable"),
    /** Bytes at the end of the file that belong to no complete buffer. */
    TORN_BYTES("torn_bytes", "byte", "of an incomplete buffer at the end");

    private final String key;
    private final String noun;
    private final String words;

    Cause(String key, String noun, String words) {
      this.key = key;
      this.noun = noun;
      this.words = words;
    }

    /** The metadata key of the trace. */
    public String metadataKey() {
      return "kstrace.loss." + key;
    }
  }

  private final Map<Cause, Long> counts = new EnumMap<>(Cause.class);

  /** Counts {@code count} more; negative or overflowing totals stay at the largest number. */
  public void add(Cause cause, long count) {
    long sum = count(cause) + count;
    counts.put(cause, sum < 0 || count < 0 ? Long.MAX_VALUE : sum);
  }

  /** Sets a total that is known as such. */
  public void set(Cause cause, long count) {
    counts.put(cause, count);
  }

  /** Says that something is missing, but not how much; {@link #count} is then -1. */
  public void setUnknown(Cause cause) {
    counts.put(cause, -1L);
  }

  /** How many are missing; 0 = none, -1 = an unknown number. */
  public long count(Cause cause) {
    return counts.getOrDefault(cause, 0L);
  }

  /** Whether anything is missing inside the recording for one of these causes. */
  public boolean any(Cause... causes) {
    for (Cause cause : causes) {
      if (count(cause) != 0) {
        return true;
      }
    }
    return false;
  }

  /**
   * Adds all counts to a trace's metadata, zeros included, so that "none" is said and not implied.
   */
  public TraceMetadata describe(TraceMetadata metadata) {
    TraceMetadata described = metadata;
    for (Cause cause : Cause.values()) {
      described = described.with(cause.metadataKey(), value(cause));
    }
    return described;
  }

  private String value(Cause cause) {
    long count = count(cause);
    return count < 0 ? "unknown" : Long.toString(count);
  }

  /**
   * One phrase for each cause that took something, such as {@code 12 missing in the probe's Seq}.
   */
  public List<String> phrases() {
    List<String> phrases = new ArrayList<>();
    for (Cause cause : Cause.values()) {
      long count = count(cause);
      if (count != 0) {
        String number =
            count < 0 ? "an unknown number of" : String.format(Locale.ROOT, "%,d", count);
        phrases.add(number + " " + cause.noun + (count == 1 ? " " : "s ") + cause.words);
      }
    }
    return phrases;
  }

  /** The JSON detail of an events_lost row. */
  static String detail(@Nullable Long count, String cause) {
    Detail.Builder detail = Detail.builder();
    if (count != null) {
      detail.put("count", count);
    }
    return detail.put("cause", cause).build().toJson();
  }
}
