package dev.kstrace.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kstrace.traces.Compression;
import dev.kstrace.traces.Detail;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.NtStatus;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.PinState;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
final class TraceRecorderTest {
  private static final TraceMetadata METADATA =
      TraceMetadata.of(Map.of("kstrace.test", "recorder"));

  private static final Path NOWHERE = Path.of("nowhere.arrow");

  @TempDir Path folder;

  private TraceRecorder open(Path file, CallEnvironment environment, RecorderOptions options)
      throws IOException {
    return TraceRecorder.open(file, METADATA, environment, options);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void recordsEachCallAtItsPointOfEffect(boolean inline) throws IOException {
    Path file = folder.resolve("a.arrow");
    RecorderOptions options = inline ? RecorderOptions.inline() : RecorderOptions.background();
    AllocatorDispatch.ContextOut context = new AllocatorDispatch.ContextOut();
    try (TraceRecorder recorder = open(file, new Ticks(), options)) {
      AllocatorDispatch allocator = recorder.wrap(new MallocAllocator(), (c, f) -> 5000);
      recorder.pinCreate(0x10, Detail.builder().put("name", "capture").build());
      assertThat(allocator.initialize(0x10, MallocAllocator.FRAMING, context)).isZero();
      recorder.pinState(0x10, PinState.STOP, PinState.ACQUIRE, 40);
      long frame = allocator.allocate(context.value);
      allocator.free(context.value, frame);
      allocator.delete(context.value);
      recorder.pinReset(0x10, true);
      recorder.pinClose(0x10);
      recorder.mark("done");
      recorder.driverUnload();
    }
    List<TraceEvent> events = Traces.read(file);
    assertThat(Traces.ops(events))
        .containsExactly(
            Op.PIN_CREATE,
            Op.INITIALIZE,
            Op.PIN_STATE,
            Op.ALLOCATE,
            Op.FREE,
            Op.DELETE,
            Op.PIN_RESET,
            Op.PIN_CLOSE,
            Op.MARK,
            Op.DRIVER_UNLOAD,
            Op.TRACE_END);
    assertThat(events).extracting(TraceEvent::seq).isSorted().doesNotHaveDuplicates();
    TraceEvent initialize = events.get(1);
    assertThat(initialize.framing()).isEqualTo(MallocAllocator.FRAMING);
    assertThat(initialize.status()).isEqualTo(NtStatus.SUCCESS);
    assertThat(initialize.context()).isEqualTo(context.value);
    TraceEvent allocate = events.get(3);
    assertThat(allocate.size()).isEqualTo(5000);
    assertThat(allocate.thread()).isEqualTo(7);
    assertThat(allocate.irqlEntry()).isEqualTo(2);
    assertThat(allocate.irqlExit()).isEqualTo(2);
    assertThat(allocate.tExit()).isGreaterThan(allocate.tEntry());
    assertThat(events.get(4).tExit()).isGreaterThan(events.get(4).tEntry());
    assertThat(events.get(4).frame()).isEqualTo(allocate.frame());
    assertThat(events.get(2).detail()).isEqualTo("{\"from\":0,\"to\":1,\"period_ns\":40}");
    assertThat(events.get(10).detail()).isEqualTo("{\"lost_total\":0}");
  }

  @Test
  void keepsFourThreadsInOrderWhenFramesChangeHands() throws Exception {
    Path file = folder.resolve("threads.arrow");
    int rounds = 20_000;
    AllocatorDispatch.ContextOut context = new AllocatorDispatch.ContextOut();
    BlockingQueue<Long> handOver = new ArrayBlockingQueue<>(16);
    RecorderOptions options = RecorderOptions.background().withOnFull(OnFull.BLOCK);
    try (TraceRecorder recorder = open(file, CallEnvironment.ofJvm(), options)) {
      AllocatorDispatch allocator = recorder.wrap(new MallocAllocator());
      allocator.initialize(1, MallocAllocator.FRAMING, context);
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        threads.add(
            new Thread(
                () -> {
                  for (int round = 0; round < rounds; round++) {
                    put(handOver, allocator.allocate(context.value));
                  }
                }));
        threads.add(
            new Thread(
                () -> {
                  for (int round = 0; round < rounds; round++) {
                    allocator.free(context.value, take(handOver));
                  }
                }));
      }
      threads.forEach(Thread::start);
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(recorder.lostEvents()).isZero();
    }
    List<TraceEvent> events = Traces.read(file);
    assertThat(events).hasSize(4 * rounds + 2);
    Set<Long> live = new HashSet<>();
    for (int i = 0; i < events.size(); i++) {
      TraceEvent event = events.get(i);
      assertThat(event.seq()).isEqualTo(i + 1);
      if (event.op() == Op.ALLOCATE.code()) {
        assertThat(live.add(event.frame())).as("allocated twice, seq=%s", event.seq()).isTrue();
      } else if (event.op() == Op.FREE.code()) {
        assertThat(live.remove(event.frame())).as("freed early, seq=%s", event.seq()).isTrue();
      }
    }
    assertThat(live).isEmpty();
  }

  private static void put(BlockingQueue<Long> queue, long frame) {
    try {
      queue.put(frame);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static long take(BlockingQueue<Long> queue) {
    try {
      return queue.take();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void letsExceptionsOfTheAllocatorPassAndRecordsTheCall() throws IOException {
    Path file = folder.resolve("throws.arrow");
    IllegalStateException thrown = new IllegalStateException("bug check");
    AllocatorDispatch throwing =
        new AllocatorDispatch() {
          @Override
          public int initialize(long pin, Framing framing, ContextOut context) {
            throw thrown;
          }

          @Override
          public void delete(long context) {
            throw thrown;
          }

          @Override
          public long allocate(long context) {
            throw thrown;
          }

          @Override
          public void free(long context, long frame) {
            throw thrown;
          }
        };
    try (TraceRecorder recorder = open(file, new Ticks(), RecorderOptions.background())) {
      AllocatorDispatch allocator = recorder.wrap(throwing);
      AllocatorDispatch.ContextOut out = new AllocatorDispatch.ContextOut();
      assertThatThrownBy(() -> allocator.initialize(1, MallocAllocator.FRAMING, out))
          .isSameAs(thrown);
      assertThatThrownBy(() -> allocator.allocate(2)).isSameAs(thrown);
      assertThatThrownBy(() -> allocator.free(2, 3)).isSameAs(thrown);
      assertThatThrownBy(() -> allocator.delete(2)).isSameAs(thrown);
    }
    List<TraceEvent> events = Traces.read(file);
    assertThat(Traces.ops(events))
        .containsExactly(Op.INITIALIZE, Op.ALLOCATE, Op.FREE, Op.DELETE, Op.TRACE_END);
    assertThat(events.subList(0, 4)).allMatch(e -> e.tExit() == null && e.status() == null);
    assertThat(events.get(1).frame()).isNull();
    assertThat(events.get(2).frame()).isEqualTo(3);
  }

  @Test
  void allocatesNothingPerEvent() throws IOException {
    com.sun.management.ThreadMXBean threads =
        (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    EventSink nothing =
        new EventSink() {
          @Override
          public void write(EventBatch batch) {}

          @Override
          public void close() {}
        };
    try (TraceRecorder recorder =
        new TraceRecorder(
            NOWHERE, nothing, CallEnvironment.ofJvm(), RecorderOptions.background())) {
      AllocatorDispatch allocator = recorder.wrap(new ConstantAllocator(), (c, f) -> 8);
      long allocated = Long.MAX_VALUE;
      for (int attempt = 0; attempt < 20 && allocated != 0; attempt++) {
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 50_000; i++) {
          allocator.free(1, allocator.allocate(1));
        }
        allocated = threads.getCurrentThreadAllocatedBytes() - before;
      }
      assertThat(allocated).isZero();
    }
  }

  @Test
  void writesACallThatHangsWithoutItsReturn() throws Exception {
    Path file = folder.resolve("hang.arrow");
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    AllocatorDispatch hanging =
        new AllocatorDispatch() {
          @Override
          public int initialize(long pin, Framing framing, ContextOut context) {
            return 0;
          }

          @Override
          public void delete(long context) {}

          @Override
          public long allocate(long context) {
            return 0x1000;
          }

          @Override
          public void free(long context, long frame) {
            inside.countDown();
            try {
              release.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          }
        };
    TraceRecorder recorder =
        open(file, CallEnvironment.ofJvm(), RecorderOptions.background().withFlushMillis(20));
    AllocatorDispatch allocator = recorder.wrap(hanging);
    Thread hung = new Thread(() -> allocator.free(1, 0x1000));
    hung.start();
    inside.await();
    List<TraceEvent> events = Traces.read(file);
    while (events.isEmpty()) {
      Thread.sleep(5);
      events = Traces.read(file);
    }
    assertThat(events.get(0).op()).isEqualTo(Op.FREE.code());
    assertThat(events.get(0).tExit()).isNull();
    release.countDown();
    hung.join();
    allocator.allocate(1);
    recorder.close();
    assertThat(Traces.ops(Traces.read(file))).containsExactly(Op.FREE, Op.ALLOCATE, Op.TRACE_END);
  }

  @Test
  void flushesByAge() throws Exception {
    Path file = folder.resolve("age.arrow");
    try (TraceRecorder recorder =
        open(file, CallEnvironment.ofJvm(), RecorderOptions.background().withFlushMillis(20))) {
      recorder.mark("early");
      while (Traces.read(file).isEmpty()) {
        Thread.sleep(5);
      }
    }
  }

  @Test
  void anAbandonedTraceHasAFooterAndNoEnd() throws IOException {
    Path file = folder.resolve("cut.arrow");
    TraceRecorder recorder = open(file, new Ticks(), RecorderOptions.inline());
    recorder.mark("only");
    recorder.abandon();
    recorder.close();
    assertThat(Traces.ops(Traces.read(file))).containsExactly(Op.MARK);
    try (TraceReader reader = TraceReader.open(file)) {
      assertThat(reader.hasFooter()).isTrue();
      assertThat(reader.metadata().get("kstrace.test")).isEqualTo("recorder");
    }
  }

  @Test
  void callsAfterTheEndGoThroughUnrecorded() throws IOException {
    Path file = folder.resolve("closed.arrow");
    TraceRecorder recorder = open(file, new Ticks(), RecorderOptions.background());
    AllocatorDispatch allocator = recorder.wrap(new MallocAllocator());
    recorder.close();
    assertThat(allocator.allocate(1)).isNotZero();
    recorder.mark("late");
    assertThat(Traces.ops(Traces.read(file))).containsExactly(Op.TRACE_END);
    assertThat(recorder.lostEvents()).isZero();
  }

  @Test
  void refusesToReplaceAFile() throws IOException {
    Path file = folder.resolve("there.arrow");
    open(file, new Ticks(), RecorderOptions.inline()).close();
    assertThatThrownBy(() -> open(file, new Ticks(), RecorderOptions.inline()))
        .isInstanceOf(FileAlreadyExistsException.class);
    open(file, new Ticks(), RecorderOptions.inline().withOverwrite(true)).close();
  }

  @Test
  void aThrowingEnvironmentReadsAsUnknown() throws IOException {
    Path file = folder.resolve("environment.arrow");
    CallEnvironment throwing =
        new CallEnvironment() {
          @Override
          public long nanos() {
            throw new IllegalStateException();
          }

          @Override
          public int thread() {
            throw new IllegalStateException();
          }

          @Override
          public int irql() {
            throw new IllegalStateException();
          }
        };
    try (TraceRecorder recorder = open(file, throwing, RecorderOptions.inline())) {
      recorder.wrap(new MallocAllocator()).allocate(1);
    }
    TraceEvent allocate = Traces.read(file).get(0);
    assertThat(allocate.thread()).isNull();
    assertThat(allocate.irqlEntry()).isNull();
  }

  @Test
  void keepsLayersApartAndTakesEventsAsTheyAre() throws IOException {
    Path file = folder.resolve("layers.arrow");
    TraceEvent given =
        TraceEvent.of(99, Op.ALLOCATE, Layer.CALLBACK, 5).tExit(6).context(1).frame(2).build();
    try (TraceRecorder recorder = open(file, new Ticks(), RecorderOptions.inline())) {
      recorder.clientAllocate(Layer.IRP_METHOD, 1, 0, NtStatus.PENDING, recorder.now());
      recorder.clientFree(Layer.FUNCTION_TABLE, 1, 2);
      recorder.event(given);
    }
    List<TraceEvent> events = Traces.read(file);
    assertThat(events.get(0).layer()).isEqualTo(Layer.IRP_METHOD.code());
    assertThat(events.get(0).status()).isEqualTo(NtStatus.PENDING);
    assertThat(events.get(1).layer()).isEqualTo(Layer.FUNCTION_TABLE.code());
    assertThat(events.get(2).seq()).isEqualTo(3);
    assertThat(events.get(2).tEntry()).isEqualTo(5);
    assertThat(events.get(2).frame()).isEqualTo(2);
  }

  @Test
  void anInterruptedHostKeepsItsInterruptAndItsTrace() throws IOException {
    Path file = folder.resolve("interrupt.arrow");
    RecorderOptions options = RecorderOptions.inline().withBufferRows(16);
    try (TraceRecorder recorder = open(file, new Ticks(), options)) {
      Thread.currentThread().interrupt();
      for (int i = 0; i < 20; i++) {
        recorder.mark("m");
      }
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(Traces.read(file)).hasSize(21);
  }

  @Test
  void closesWhileCallsAreStillInside() throws Exception {
    Path file = folder.resolve("racing.arrow");
    TraceRecorder recorder = open(file, CallEnvironment.ofJvm(), RecorderOptions.background());
    AllocatorDispatch allocator = recorder.wrap(new MallocAllocator());
    AtomicBoolean stop = new AtomicBoolean();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      threads.add(
          new Thread(
              () -> {
                while (!stop.get()) {
                  allocator.free(1, allocator.allocate(1));
                }
              }));
    }
    threads.forEach(Thread::start);
    TimeUnit.MILLISECONDS.sleep(30);
    recorder.close();
    stop.set(true);
    for (Thread thread : threads) {
      thread.join();
    }
    List<TraceEvent> events = Traces.read(file);
    assertThat(events).extracting(TraceEvent::seq).isSorted().doesNotHaveDuplicates();
    assertThat(Traces.ops(events)).endsWith(Op.TRACE_END).doesNotContainNull();
  }

  @Test
  void flushHandsEverythingToTheFile() throws IOException {
    Path file = folder.resolve("flush.arrow");
    RecorderOptions never = RecorderOptions.background().withFlushMillis(3_600_000);
    try (TraceRecorder recorder = open(file, CallEnvironment.ofJvm(), never)) {
      recorder.mark("first");
      recorder.mark("second");
      assertThat(recorder.flushedSeq()).isZero();
      assertThat(recorder.flush()).isTrue();
      assertThat(recorder.flushedSeq()).isEqualTo(2);
      assertThat(Traces.read(file)).hasSize(2);
      assertThat(recorder.flush()).isTrue();
    }
  }

  @Test
  void aMarkTakesKeysOfTheProducer() throws IOException {
    Path file = folder.resolve("marks.arrow");
    try (TraceRecorder recorder = open(file, new Ticks(), RecorderOptions.inline())) {
      recorder.mark("starts", "test", "PinTest.closes", "odd");
      recorder.mark("x".repeat(20_000_000));
    }
    List<TraceEvent> events = Traces.read(file);
    assertThat(events.get(0).detail())
        .isEqualTo("{\"text\":\"starts\",\"test\":\"PinTest.closes\",\"odd\":\"\"}");
    assertThat(events.get(1).detail())
        .isEqualTo("{\"text\":\"" + "x".repeat(4096) + "\",\"shortened\":true}");
  }

  @Test
  void withoutExitTimesACallIsOneLookAtTheClock() throws IOException {
    Path file = folder.resolve("entries.arrow");
    RecorderOptions options = RecorderOptions.inline().withExitTimes(false);
    Ticks clock = new Ticks();
    try (TraceRecorder recorder = open(file, clock, options)) {
      AllocatorDispatch allocator = recorder.wrap(new MallocAllocator());
      allocator.initialize(1, MallocAllocator.FRAMING, new AllocatorDispatch.ContextOut());
      allocator.free(1, allocator.allocate(1));
      allocator.delete(1);
      assertThat(clock.last()).isEqualTo(104);
    }
    List<TraceEvent> events = Traces.read(file);
    assertThat(Traces.ops(events))
        .containsExactly(Op.INITIALIZE, Op.ALLOCATE, Op.FREE, Op.DELETE, Op.TRACE_END);
    assertThat(events).allMatch(e -> e.tExit() == null && e.irqlExit() == null);
    assertThat(events.get(1).frame()).isEqualTo(events.get(2).frame()).isNotNull();
  }

  @Test
  void compressesInTheBackground() throws IOException {
    Path file = folder.resolve("zstd.arrow");
    RecorderOptions options =
        RecorderOptions.background().withCompression(Compression.ZSTD).withOnFull(OnFull.BLOCK);
    try (TraceRecorder recorder = open(file, CallEnvironment.ofJvm(), options)) {
      AllocatorDispatch allocator = recorder.wrap(new MallocAllocator());
      for (int i = 0; i < 50_000; i++) {
        allocator.free(1, allocator.allocate(1));
      }
    }
    assertThat(Traces.read(file)).hasSize(100_001);
    assertThat(Files.size(file) / 100_001).isLessThan(14);
  }
}
