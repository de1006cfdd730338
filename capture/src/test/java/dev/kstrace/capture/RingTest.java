package dev.kstrace.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kstrace.traces.Detail;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.LiveState;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.PinState;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceReader;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class RingTest {
  private static final long SMALLEST = 1 << 20;
  private static final TraceMetadata METADATA =
      TraceMetadata.of(Map.of(TraceMetadata.COMPLETE_START, "true"));

  @TempDir Path folder;

  private TraceRecorder open(Path file, RecorderOptions options) throws IOException {
    return TraceRecorder.open(file, METADATA, CallEnvironment.ofJvm(), options.withRing(SMALLEST));
  }

  private static void stream(AllocatorDispatch allocator, long context, int rounds) {
    for (int i = 0; i < rounds; i++) {
      allocator.free(context, allocator.allocate(context));
    }
  }

  private static TraceMetadata metadata(Path file) throws IOException {
    try (TraceReader reader = TraceReader.open(file)) {
      return reader.metadata();
    }
  }

  /** The snapshot is out of sequence on purpose; behind it no event is missing. */
  private static List<TraceEvent> withoutSnapshot(Path file) throws IOException {
    List<TraceEvent> events = Traces.read(file);
    List<TraceEvent> rest = events.subList((int) metadata(file).snapshotRows(), events.size());
    for (int i = 1; i < rest.size(); i++) {
      assertThat(rest.get(i).seq()).isEqualTo(rest.get(i - 1).seq() + 1);
    }
    return rest;
  }

  @Test
  void keepsTheNewestAndWhatIsLive() throws IOException {
    Path file = folder.resolve("ring.arrow");
    AllocatorDispatch.ContextOut context = new AllocatorDispatch.ContextOut();
    long leaked;
    try (TraceRecorder recorder = open(file, RecorderOptions.inline())) {
      AllocatorDispatch allocator = recorder.wrap(new MallocAllocator());
      recorder.pinCreate(7, Detail.builder().put("name", "capture").build());
      allocator.initialize(7, MallocAllocator.FRAMING, context);
      recorder.pinState(7, PinState.STOP, PinState.ACQUIRE);
      recorder.mark("warm-up");
      leaked = allocator.allocate(context.value);
      stream(allocator, context.value, 50_000);
      assertThat(file).doesNotExist();
    }
    TraceMetadata metadata = metadata(file);
    assertThat(metadata.completeStart()).isTrue();
    List<TraceEvent> snapshot = Traces.read(file).subList(0, (int) metadata.snapshotRows());
    assertThat(snapshot)
        .extracting(e -> Op.of(e.op()))
        .startsWith(Op.PIN_CREATE, Op.INITIALIZE, Op.PIN_STATE, Op.MARK, Op.ALLOCATE);
    assertThat(snapshot.get(4).frame()).isEqualTo(leaked);
    assertThat(snapshot).extracting(TraceEvent::seq).startsWith(1L, 2L, 3L, 4L, 5L);
    List<TraceEvent> rest = withoutSnapshot(file);
    assertThat(rest).hasSizeBetween(8000, 10_000);
    assertThat(rest.get(rest.size() - 1).op()).isEqualTo(Op.TRACE_END.code());
    assertThat(rest.get(rest.size() - 1).seq()).isEqualTo(100_006);
  }

  @Test
  void aRingThatWasNeverFullIsAWholeTrace() throws IOException {
    Path file = folder.resolve("short.arrow");
    try (TraceRecorder recorder = open(file, RecorderOptions.background())) {
      stream(recorder.wrap(new MallocAllocator()), 1, 1000);
    }
    assertThat(metadata(file).get(TraceMetadata.SNAPSHOT_ROWS)).isNull();
    assertThat(withoutSnapshot(file)).hasSize(2001);
  }

  @Test
  void aDumpIsTheCutThatAWholeTraceWouldGive() throws IOException {
    List<TraceEvent> whole = new ArrayList<>();
    EventBatch all = new EventBatch(40_000);
    RingSink ring =
        new RingSink(
            folder.resolve("x.arrow"), METADATA, RecorderOptions.inline().withRing(SMALLEST));
    EventSink both =
        new EventSink() {
          @Override
          public void write(EventBatch batch) {
            for (int i = 0; i < batch.rows(); i++) {
              whole.add(batch.event(i));
              all.add(batch.event(i));
            }
            ring.write(batch);
          }

          @Override
          public void close() {}
        };
    RecorderOptions options = RecorderOptions.inline().withBufferRows(64);
    TraceRecorder recorder = new TraceRecorder(folder, both, CallEnvironment.ofJvm(), options);
    AllocatorDispatch allocator = recorder.wrap(new MallocAllocator());
    for (int i = 0; i < 12_000; i++) {
      if (i % 3000 == 0) {
        allocator.initialize(i, MallocAllocator.FRAMING, new AllocatorDispatch.ContextOut());
        recorder.mark("phase " + i);
      }
      long context = 0xFFFF900000000100L + 0x100L * (i / 3000);
      long frame = allocator.allocate(context);
      if (i % 100 != 0) {
        allocator.free(context, frame);
      }
    }
    recorder.close();
    Path dump = folder.resolve("dump.arrow");
    ring.dump(dump, false);
    List<TraceEvent> rest = withoutSnapshot(dump);
    int from = whole.size() - rest.size();
    assertThat(from).isGreaterThan(10_000);
    assertThat(rest).isEqualTo(whole.subList(from, whole.size()));
    LiveState before = new LiveState(METADATA);
    for (int row = 0; row < from; row++) {
      before.accept(all, row);
    }
    EventBatch snapshot = before.snapshot(all, from);
    List<TraceEvent> expected = new ArrayList<>();
    for (int row = 0; row < snapshot.rows(); row++) {
      expected.add(snapshot.event(row));
    }
    assertThat(Traces.read(dump).subList(0, snapshot.rows())).isEqualTo(expected);
    assertThat(metadata(dump).snapshotRows()).isEqualTo(snapshot.rows());
  }

  @Test
  void dumpsOnDemandWhileThreadsRecord() throws Exception {
    Path file = folder.resolve("ring.arrow");
    AtomicBoolean stop = new AtomicBoolean();
    TraceRecorder recorder = open(file, RecorderOptions.background());
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      AllocatorDispatch allocator = recorder.wrap(new MallocAllocator());
      threads.add(
          new Thread(
              () -> {
                while (!stop.get()) {
                  stream(allocator, 1, 10);
                }
              }));
    }
    threads.forEach(Thread::start);
    recorder.mark("asked for");
    Path first = recorder.dump();
    Path second = recorder.dump();
    Path named = folder.resolve("named.arrow");
    recorder.dump(named);
    assertThatThrownBy(() -> recorder.dump(named)).isInstanceOf(FileAlreadyExistsException.class);
    stop.set(true);
    for (Thread thread : threads) {
      thread.join();
    }
    recorder.close();
    assertThat(first).isEqualTo(folder.resolve("ring-1.arrow"));
    assertThat(second).isEqualTo(folder.resolve("ring-2.arrow"));
    assertThat(Traces.read(first)).anyMatch(e -> e.op() == Op.MARK.code());
    for (Path dump : List.of(first, second, named)) {
      assertThat(withoutSnapshot(dump)).noneMatch(e -> e.op() == Op.TRACE_END.code());
    }
    assertThat(withoutSnapshot(file)).last().matches(e -> e.op() == Op.TRACE_END.code());
  }

  @Test
  void dumpsWhereAFileAsksForIt() throws Exception {
    Path file = folder.resolve("ring.arrow");
    Path trigger = folder.resolve("ring.arrow.dump");
    List<String> told = new CopyOnWriteArrayList<>();
    RecorderOptions options =
        RecorderOptions.background().withFlushMillis(5).withReporter(told::add);
    try (TraceRecorder recorder = open(file, options)) {
      recorder.mark("before");
      Files.createFile(trigger);
      while (told.isEmpty()) {
        Thread.sleep(2);
      }
      assertThat(trigger).doesNotExist();
    }
    Path dump = folder.resolve("ring-1.arrow");
    assertThat(told).containsExactly("kstrace: the ring of " + file + " is in " + dump);
    assertThat(Traces.read(dump)).singleElement().matches(e -> e.op() == Op.MARK.code());
  }

  @Test
  void forgetsWhatEndedBeforeItForgetsWhatIsLive() throws IOException {
    Path file = folder.resolve("addresses.arrow");
    AllocatorDispatch.ContextOut context = new AllocatorDispatch.ContextOut();
    try (TraceRecorder recorder = open(file, RecorderOptions.inline())) {
      AllocatorDispatch allocator = recorder.wrap(new FreshAddresses());
      allocator.initialize(1, MallocAllocator.FRAMING, context);
      allocator.allocate(context.value);
      stream(allocator, context.value, 50_000);
    }
    TraceMetadata metadata = metadata(file);
    assertThat(metadata.completeStart()).as("addresses are forgotten").isFalse();
    List<TraceEvent> snapshot = Traces.read(file).subList(0, (int) metadata.snapshotRows());
    assertThat(snapshot).hasSizeLessThan(2000);
    assertThat(snapshot).extracting(TraceEvent::seq).startsWith(1L, 2L);
    withoutSnapshot(file);
  }

  @Test
  void aFloodOfLeaksCostsCertaintyAndNotMemory() throws IOException {
    Path file = folder.resolve("leaks.arrow");
    AllocatorDispatch.ContextOut context = new AllocatorDispatch.ContextOut();
    try (TraceRecorder recorder = open(file, RecorderOptions.inline())) {
      AllocatorDispatch allocator = recorder.wrap(new FreshAddresses());
      allocator.initialize(1, MallocAllocator.FRAMING, context);
      for (int i = 0; i < 50_000; i++) {
        allocator.allocate(context.value);
      }
    }
    List<TraceEvent> events = Traces.read(file);
    assertThat(events).hasSizeLessThan(12_000);
    assertThat(events.get(0).detail())
        .isEqualTo("{\"cause\":\"more is live than the ring can follow\"}");
    assertThat(metadata(file).completeStart()).isFalse();
    withoutSnapshot(file);
  }

  @Test
  void refusesWhatCannotBeWrittenBeforeItRecords() throws IOException {
    Path there = Files.createFile(folder.resolve("there.arrow"));
    assertThatThrownBy(() -> open(there, RecorderOptions.inline()))
        .isInstanceOf(FileAlreadyExistsException.class);
    Path nowhere = folder.resolve("missing").resolve("x.arrow");
    assertThatThrownBy(() -> open(nowhere, RecorderOptions.inline()))
        .isInstanceOf(NotDirectoryException.class);
    assertThatThrownBy(() -> RecorderOptions.inline().withRing(SMALLEST - 1))
        .hasMessage("ring=1048575 bytes, expected at least 1048576");
    TraceRecorder plain = TraceRecorder.open(folder.resolve("plain.arrow"), METADATA);
    assertThatThrownBy(plain::dump).isInstanceOf(IllegalStateException.class);
    plain.close();
  }

  /** Never hands out an address twice. */
  private static final class FreshAddresses implements AllocatorDispatch {
    private long last = 0xFFFF800000000000L;

    @Override
    public int initialize(long pin, Framing framing, ContextOut context) {
      context.value = 0x900;
      return 0;
    }

    @Override
    public void delete(long context) {}

    @Override
    public long allocate(long context) {
      last += 0x1000;
      return last;
    }

    @Override
    public void free(long context, long frame) {}
  }
}
