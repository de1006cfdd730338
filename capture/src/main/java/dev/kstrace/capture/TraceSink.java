package dev.kstrace.capture;

import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceWriter;
import java.io.IOException;

/** The trace file as a sink. Not thread-safe. */
final class TraceSink implements EventSink {
  private final TraceWriter trace;

  TraceSink(TraceWriter trace) {
    this.trace = trace;
  }

  @Override
  public void write(EventBatch batch, int fromRow, int rows) throws IOException {
    trace.write(batch, fromRow, rows);
  }

  @Override
  public void abort() throws IOException {
    trace.abort();
  }

  @Override
  public void close() throws IOException {
    trace.close();
  }
}
