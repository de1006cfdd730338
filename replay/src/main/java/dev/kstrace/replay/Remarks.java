package dev.kstrace.replay;

import dev.kstrace.traces.Detail;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Hex;
import dev.kstrace.traces.NtStatus;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceEvent;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Puts into the replayed trace what a target's surroundings noticed: each note is a mark behind the
 * call it belongs to, and a call that had blocked gets its row where it returns. Not thread-safe.
 */
final class Remarks {
  /** Key of a mark's detail: the kind of what was noticed. */
  static final String NOTE_KEY = "note";

  /** A call that waits. */
  private record Waiting(TraceEvent event, int allocator, int slot, long number) {}

  private final EventBatch in;
  private final ReplayedRows rows;
  private final EventBatch out;
  private final TargetBooks books;
  private final TargetFrames frames;
  private final Map<Long, Waiting> waiting = new HashMap<>();
  private final Map<String, Long> counts = new TreeMap<>();

  Remarks(EventBatch in, ReplayedRows rows, TargetBooks books, TargetFrames frames) {
    this.in = in;
    this.rows = rows;
    this.out = rows.batch();
    this.books = books;
    this.frames = frames;
  }

  /** A call waits for something; its result may come later under this number. */
  void waits(long call, int row, int allocator, int slot, long allocation) {
    waiting.put(call, new Waiting(in.event(row), allocator, slot, allocation));
  }

  /** The event of a call that waits, or null. */
  @Nullable TraceEvent waiting(long call) {
    Waiting found = waiting.get(call);
    return found == null ? null : found.event;
  }

  /** How many notes there were of each kind, by label. */
  Map<String, Long> counts() {
    return counts;
  }

  /** Writes all notes behind the row at hand. */
  void write(int row, List<TargetNote> notes) throws IOException {
    for (TargetNote note : notes) {
      write(row, note);
    }
  }

  /** Writes a note behind the row at hand. */
  void write(int row, TargetNote note) throws IOException {
    if (note.kind() == TargetNote.Kind.RETURNED) {
      returned(row, note);
      return;
    }
    counts.merge(note.kind().label(), 1L, Long::sum);
    Detail.Builder detail =
        Detail.builder().put("text", note.text()).put(NOTE_KEY, note.kind().label());
    if (note.tag() != 0) {
      detail.put("tag", note.tagText());
    }
    if (note.allocator() != CallBatch.NONE) {
      detail.put("context", Hex.of(books.context(note.allocator())));
    }
    if (note.kind() == TargetNote.Kind.POOL_LEAK || note.kind() == TargetNote.Kind.FRAME_MEMORY) {
      detail.put("blocks", note.a()).put("bytes", note.b());
    }
    rows.mark(in, row, detail);
  }

  private void returned(int row, TargetNote note) throws IOException {
    Waiting call = waiting.remove(note.a());
    if (call == null) {
      return;
    }
    Op op = Op.of(call.event.op());
    if (op == Op.ALLOCATE) {
      int to = rows.late(in, row, call.event);
      out.setContext(to, books.context(call.allocator));
      out.setFrame(to, note.b());
      if (note.b() != 0 && note.bytes() >= 0) {
        out.setSize(to, note.bytes());
      }
      rows.setIrqlExit(to, note.irql());
      if (call.slot != FrameTable.NONE) {
        books.setFrame(call.slot, note.b(), note.bytes());
      }
      if (note.b() != 0) {
        frames.allocate(call.allocator, note.b(), call.number);
      }
    } else if (op == Op.INITIALIZE) {
      int to = rows.late(in, row, call.event);
      out.setStatus(to, note.status());
      rows.setIrqlExit(to, note.irql());
      boolean made = NtStatus.isSuccess(note.status());
      if (made) {
        out.setContext(to, note.b());
      }
      if (made && call.allocator != AllocatorTable.UNKNOWN) {
        books.made(call.allocator, note.b());
      }
    }
  }
}
