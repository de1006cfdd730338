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
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
final class TraceRecorderTest {
  private static final TraceMetadata METADATA =
      TraceMetadata.of(Map.of("kstrace.test", "recorder"));

  private static final Path NOWHERE = Path.of("nowhere.arrow");

  @TempDir Path folder;

  /** Advances by one at each look, so that the order of looks shows. */
  private static final class Ticks implements CallEnvironment {
    private final AtomicLong now = new AtomicLong(100);

    @Override
    public long nanos() {
      return now.incrementAndGet();
    }

    @Override
    public int thread() {
      return 7;
    }

    @Override
    public int irql() {
      return 2;
    }
  }

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

  private TraceRecorder open(Path file, CallEnvironment environment, RecorderOptions options)
      throws IOException {
    return TraceRecorder.open(file, METADATA, environment, options);
  }

  private static List<Op> ops(List<TraceEvent> events) {
    return events.stream().map(e -> Op.of(e.op())).toList();
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
    assertThat(ops(events))
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
    assertThat(ops(events))
        .containsExactly(Op.INITIALIZE, Op.ALLOCATE, Op.FREE, Op.DELETE, Op.TRACE_END);
    assertThat(events.subList(0, 4)).allMatch(e -> e.tExit() == null && e.status() == null);
    assertThat(events.get(1).frame()).isNull();
    assertThat(events.get(2).frame()).isEqualTo(3);
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
    assertThat(ops(sink.events)).endsWith(Op.EVENTS_LOST, Op.TRACE_END);
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
    assertThat(ops(Traces.read(file))).containsExactly(Op.FREE, Op.ALLOCATE, Op.TRACE_END);
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
    assertThat(ops(Traces.read(file))).containsExactly(Op.MARK);
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
    assertThat(ops(Traces.read(file))).containsExactly(Op.TRACE_END);
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
    assertThat(ops(events)).endsWith(Op.TRACE_END).doesNotContainNull();
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
      assertThat(clock.now.get()).isEqualTo(104);
    }
    List<TraceEvent> events = Traces.read(file);
    assertThat(ops(events))
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

  @Test
  void stopsAndSaysSoOnceWhereTheFileIsRemoved() throws Exception {
    Path file = folder.resolve("removed.arrow");
    List<String> told = new CopyOnWriteArrayList<>();
    RecorderOptions options =
        RecorderOptions.background().withFlushMillis(1).withReporter(told::add);
    TraceRecorder recorder = open(file, CallEnvironment.ofJvm(), options);
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
    TraceRecorder recorder = open(file, new Ticks(), options);
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
    TraceRecorder recorder = open(file, CallEnvironment.ofJvm(), options);
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
