package dev.kstrace.cli.text;

import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.TraceFacts;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Hex;
import dev.kstrace.traces.Irql;
import dev.kstrace.traces.KsFlags;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.NtStatus;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.PoolType;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Events, allocators and framings in words, with Microsoft's names. */
public final class Described {
  private Described() {}

  /** One event of a story as a line of columns: seq, time, thread, IRQL, what happened. */
  public static String event(TraceEvent event) {
    String thread =
        event.thread() == null ? "" : "thread " + Integer.toUnsignedString(event.thread());
    String irql = event.irqlEntry() == null ? "" : Irql.format(event.irqlEntry());
    return String.format(
            Locale.ROOT,
            "%8s  %14.3f ms  %-12s %-14s %s",
            Long.toUnsignedString(event.seq()),
            event.tEntry() / 1e6,
            thread,
            irql,
            what(event))
        .stripTrailing();
  }

  /** What happened, without when and where. */
  public static String what(TraceEvent event) {
    StringBuilder text = new StringBuilder(TraceText.opLabel(event.op()));
    if (event.layer() != Layer.CALLBACK.code() && event.layer() != Layer.NONE.code()) {
      text.append(" (").append(TraceText.layerLabel(event.layer())).append(')');
    }
    Op op = Op.of(event.op());
    if (op == Op.INITIALIZE) {
      text.append(" -> ");
      text.append(event.status() == null ? "no status" : NtStatus.format(event.status()));
      if (event.context() != null) {
        text.append(", context ").append(Hex.of(event.context()));
      }
    } else if (op == Op.ALLOCATE) {
      text.append(" -> ").append(event.frame() == null ? "?" : frame(event.frame()));
    } else if (op == Op.FREE && event.frame() != null) {
      text.append(' ').append(frame(event.frame()));
    }
    if (event.irqlExit() != null && !event.irqlExit().equals(event.irqlEntry())) {
      text.append(", returns at ").append(Irql.format(event.irqlExit()));
    }
    if (event.detail() != null) {
      text.append(' ').append(Shown.text(event.detail()));
    }
    return text.toString();
  }

  private static String frame(long address) {
    return address == 0 ? "NULL" : Hex.of(address);
  }

  /** Pin and framing in force of a finding's allocator; empty without one. */
  public static String allocator(TraceFacts facts, Finding finding) {
    TraceFacts.AllocatorSummary allocator = facts.allocator(finding);
    return allocator == null ? "" : allocator(allocator);
  }

  /** Pin and framing in force of an allocator. */
  public static String allocator(TraceFacts.AllocatorSummary allocator) {
    List<String> parts = new ArrayList<>();
    parts.add("allocator #" + allocator.allocId());
    if (allocator.pin() != null) {
      String name = allocator.pinName() == null ? "" : allocator.pinName() + " ";
      parts.add("pin " + name + Hex.of(allocator.pin()));
    }
    parts.add(allocator.framing() == null ? "framing unknown" : framing(allocator.framing()));
    return String.join(", ", parts);
  }

  /** Number and pin name of an allocator, for a column of a table; safe to print. */
  public static String shortly(TraceFacts.AllocatorSummary allocator, int most) {
    String pin = allocator.pinName() == null ? "" : " " + Shown.name(allocator.pinName());
    String name = "#" + allocator.allocId() + pin;
    if (name.codePointCount(0, name.length()) <= most) {
      return name;
    }
    return name.substring(0, name.offsetByCodePoints(0, most - 3)) + "...";
  }

  /** A framing in words. */
  public static String framing(Framing framing) {
    List<String> parts = new ArrayList<>();
    parts.add(PoolType.format(framing.poolType()));
    parts.add(
        framing.frames() == 0
            ? "Frames 0 (no limit)"
            : "Frames " + Integer.toUnsignedString(framing.frames()));
    parts.add(
        framing.frameSize() == 0
            ? "FrameSize 0 (no requirement)"
            : String.format(Locale.ROOT, "FrameSize %,d", framing.frameBytes()));
    parts.add(
        framing.isTwoDimensional()
            ? "FramePitch " + framing.fileAlignment()
            : "FileAlignment " + Hex.of(Integer.toUnsignedLong(framing.fileAlignment())));
    parts.add("OptionsFlags " + KsFlags.OPTIONS.format(framing.optionsFlags()));
    return "framing: " + String.join(", ", parts);
  }
}
