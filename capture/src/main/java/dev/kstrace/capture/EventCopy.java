package dev.kstrace.capture;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceEvent;

/** Puts an event as a value into a row of columns. */
final class EventCopy {
  private EventCopy() {}

  /** Fills a row with an event under another {@code seq}. */
  static void into(EventBatch rows, int row, long seq, TraceEvent event) {
    rows.begin(row, seq, event.op(), event.layer(), event.tEntry());
    if (event.tExit() != null) {
      rows.setTExit(row, event.tExit());
    }
    if (event.thread() != null) {
      rows.setThread(row, event.thread());
    }
    if (event.irqlEntry() != null) {
      rows.setIrqlEntry(row, event.irqlEntry());
    }
    if (event.irqlExit() != null) {
      rows.setIrqlExit(row, event.irqlExit());
    }
    if (event.pin() != null) {
      rows.setPin(row, event.pin());
    }
    if (event.context() != null) {
      rows.setContext(row, event.context());
    }
    if (event.frame() != null) {
      rows.setFrame(row, event.frame());
    }
    if (event.size() != null) {
      rows.setSize(row, event.size());
    }
    if (event.status() != null) {
      rows.setStatus(row, event.status());
    }
    rows.setFraming(row, event.framing());
    rows.setDetail(row, event.detail());
  }
}
