package dev.kstrace.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.traces.Detail;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What does not get into the file is counted, and never the host's trouble. */
@Timeout(30)
final class RecorderLossTest {
  private static final TraceMetadata METADATA = TraceMetadata.of(Map.of());
  private static final Path NOWHERE = Path.of("nowhere.arrow");

  @TempDir Path folder;

  /** Keeps what it is given; a test may hold or break it. */
  private static final class ListSink implements EventSink {
    final List<TraceEvent> events = new ArrayList<>();
    final CountDownLatch open = new CountDownLatch(1);
    final CountDownLatch reached = new CountDownLatch(1);
    volatile boolean blocked;
    boolean closed;

    @Override
    public synchronized void write(EventBatch batch) throws IOException {
      if (blocked) {
        reached.countDown();
        try {
          open.await();
        } catch (InterruptedException e) {
          throw new IOException(e);
        }
      }
      for (int i = 0; i < batch.rows(); i++) {
        events.add(batch.event(i));
      }
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  @Test
  void countsWhatAFullRingDropsWhereItHappened() throws Exception {
    ListSink sink = new ListSink();
    sink.blocked = true;
    RecorderOptions options = RecorderOptions.background().withBufferRows(16).withFlushMillis(1);
    TraceRecorder recorder = new TraceRecorder(NOWHERE, sink, new Ticks(), options);
    recorder.mark("first");
    sink.reached.await();
    for (int i = 0; i < 100; i++) {
      recorder.mark("m" + i);
    }
    assertThat(recorder.lostEvents()).isEqualTo(100 - 15);
    sink.blocked = false;
    sink.open.countDown();
    while (recorder.ring().head() < 16) {
      Thread.sleep(1);
    }
    recorder.mark("after");
    recorder.close();
    assertThat(sink.events).extracting(TraceEvent::seq).isSorted().doesNotHaveDuplicates();
    assertThat(sink.events.get(15).detail()).contains("m14");
    assertThat(sink.events.get(16).op()).isEqualTo(Op.EVENTS_LOST.code());
    assertThat(sink.events.get(16).detail()).isEqualTo("{\"count\":85,\"cause\":\"buffer full\"}");
    assertThat(sink.events.get(17).detail()).contains("after");
    assertThat(sink.events.get(18).detail()).isEqualTo("{\"lost_total\":85}");
    assertThat(sink.events).hasSize(19);
  }

  @Test
  void accountsForLossesThatNoLaterEventFollows() throws Exception {
    ListSink sink = new ListSink();
    sink.blocked = true;
    RecorderOptions options = RecorderOptions.background().withBufferRows(4).withFlushMillis(1);
    TraceRecorder recorder = new TraceRecorder(NOWHERE, sink, new Ticks(), options);
    recorder.mark("first");
    sink.reached.await();
    for (int i = 0; i < 5; i++) {
      recorder.mark("m" + i);
    }
    sink.open.countDown();
    sink.blocked = false;
    recorder.close();
    assertThat(Traces.ops(sink.events)).endsWith(Op.EVENTS_LOST, Op.TRACE_END);
    assertThat(sink.events.get(4).detail()).contains("\"count\":2");
    assertThat(sink.closed).isTrue();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aFailingDiskNeverReachesTheHost(boolean inline) throws Exception {
    Path file = folder.resolve("disk.arrow");
    TraceSink trace = TraceSink.create(file, METADATA, RecorderOptions.background());
    EventSink failing =
        new EventSink() {
          private int batches;

          @Override
          public void write(EventBatch batch) throws IOException {
            if (++batches > 2) {
              throw new IOException("No space left on device");
            }
            trace.write(batch);
          }

          @Override
          public void abort() throws IOException {
            trace.abort();
          }

          @Override
          public void close() throws IOException {
            trace.close();
          }
        };
    RecorderOptions base = inline ? RecorderOptions.inline() : RecorderOptions.background();
    List<String> told = new CopyOnWriteArrayList<>();
    RecorderOptions options =
        base.withBufferRows(64).withFlushMillis(1).withOnFull(OnFull.BLOCK).withReporter(told::add);
    TraceRecorder recorder = new TraceRecorder(file, failing, new Ticks(), options);
    AllocatorDispatch allocator = recorder.wrap(new MallocAllocator());
    for (int i = 0; i < 10_000; i++) {
      long frame = allocator.allocate(1);
      assertThat(frame).isNotZero();
      allocator.free(1, frame);
    }
    recorder.close();
    assertThat(recorder.failure()).hasMessage("No space left on device");
    assertThat(told)
        .containsExactly(
            "kstrace: recording into "
                + file
                + " stopped: No space left on device; the program goes on unrecorded");
    List<TraceEvent> events = Traces.read(file);
    assertThat(events).isNotEmpty();
    assertThat(recorder.flushedSeq()).isEqualTo(events.size());
    assertThat(recorder.lostEvents()).isEqualTo(20_000 - events.size());
    assertThat(recorder.lossesByCause())
        .isEqualTo(Map.of("recording stopped", recorder.lostEvents()));
    try (TraceReader reader = TraceReader.open(file)) {
      assertThat(reader.hasFooter()).isFalse();
    }
  }

  @Test
  void stopsAndSaysSoOnceWhereTheFileIsRemoved() throws Exception {
    Path file = folder.resolve("removed.arrow");
    List<String> told = new CopyOnWriteArrayList<>();
    RecorderOptions options =
        RecorderOptions.background().withFlushMillis(1).withReporter(told::add);
    TraceRecorder recorder = TraceRecorder.open(file, METADATA, CallEnvironment.ofJvm(), options);
    AllocatorDispatch allocator = recorder.wrap(new MallocAllocator());
    allocator.allocate(1);
    assertThat(recorder.flush()).isTrue();
    Files.delete(file);
    while (recorder.failure() == null) {
      allocator.free(1, allocator.allocate(1));
    }
    assertThat(allocator.allocate(1)).isNotZero();
    assertThat(recorder.flush()).isFalse();
    recorder.close();
    assertThat(told)
        .containsExactly(
            "kstrace: recording into "
                + file
                + " stopped: the file was moved or removed; the program goes on unrecorded");
  }

  @Test
  void aReporterThatThrowsHurtsNobody() throws Exception {
    Path file = folder.resolve("removed.arrow");
    RecorderOptions options =
        RecorderOptions.inline()
            .withReporter(
                sentence -> {
                  throw new IllegalStateException(sentence);
                });
    TraceRecorder recorder = TraceRecorder.open(file, METADATA, new Ticks(), options);
    Files.delete(file);
    recorder.mark("lost");
    recorder.close();
    assertThat(recorder.failure()).hasMessage("the file was moved or removed");
  }

  @ParameterizedTest
  @EnumSource(OnFull.class)
  void accountsForEveryCallOfManyThreads(OnFull onFull) throws Exception {
    Path file = folder.resolve("stress.arrow");
    int threads = 6;
    int rounds = 20_000;
    RecorderOptions options =
        RecorderOptions.background().withBufferRows(256).withFlushMillis(1).withOnFull(onFull);
    TraceRecorder recorder = TraceRecorder.open(file, METADATA, CallEnvironment.ofJvm(), options);
    List<Thread> running = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      AllocatorDispatch allocator = recorder.wrap(new MallocAllocator());
      long context = i;
      running.add(
          new Thread(
              () -> {
                for (int round = 0; round < rounds; round++) {
                  allocator.free(context, allocator.allocate(context));
                }
              }));
    }
    running.forEach(Thread::start);
    for (Thread thread : running) {
      thread.join();
    }
    recorder.close();
    List<TraceEvent> events = Traces.read(file);
    long lost = 0;
    long calls = 0;
    for (int i = 0; i < events.size(); i++) {
      TraceEvent event = events.get(i);
      assertThat(event.seq()).isEqualTo(i + 1);
      if (event.op() == Op.EVENTS_LOST.code()) {
        lost += Detail.parse(event.detail()).number("count");
      } else if (event.op() != Op.TRACE_END.code()) {
        calls++;
      }
    }
    assertThat(calls + lost).isEqualTo(2L * threads * rounds);
    assertThat(recorder.lostEvents()).isEqualTo(lost);
    assertThat(recorder.recordedEvents()).isEqualTo(events.size());
    assertThat(events.get(events.size() - 1).detail()).isEqualTo("{\"lost_total\":" + lost + "}");
    if (onFull == OnFull.BLOCK) {
      assertThat(lost).isZero();
    } else {
      assertThat(recorder.lossesByCause()).isEqualTo(Map.of("buffer full", lost));
    }
  }
}
