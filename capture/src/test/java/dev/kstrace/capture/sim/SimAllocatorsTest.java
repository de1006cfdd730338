package dev.kstrace.capture.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kstrace.capture.AllocatorDispatch;
import dev.kstrace.capture.AllocatorDispatch.ContextOut;
import dev.kstrace.capture.Traces;
import dev.kstrace.traces.Framing;
import dev.kstrace.traces.NtStatus;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.PoolType;
import dev.kstrace.traces.TraceEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class SimAllocatorsTest {
  private static final Framing FRAMING = new Framing(2, 0, 4, 8192, 0, 0);

  @TempDir Path folder;

  @Nested
  final class DefaultContract implements AllocatorContract {
    @Override
    public AllocatorDispatch create() {
      return SimAllocators.byId("default");
    }
  }

  @Nested
  final class SlabContract implements AllocatorContract {
    @Override
    public AllocatorDispatch create() {
      return SimAllocators.byId("slab");
    }
  }

  @Nested
  final class ReactosContract implements AllocatorContract {
    @Override
    public AllocatorDispatch create() {
      return SimAllocators.byId("reactos");
    }

    @Override
    public int[] masks() {
      return new int[] {0, 3, 0xF};
    }
  }

  @Nested
  final class DeviceContract implements AllocatorContract {
    @Override
    public AllocatorDispatch create() {
      return SimAllocators.create(Profile.TVCAP_UYVY_NTSC, Set.of(), 3);
    }
  }

  @ParameterizedTest
  @EnumSource(Profile.class)
  void answersTheRecordedCallsAsInTheRecording(Profile profile) throws IOException {
    assertSameAnswers(SimOptions.of(profile).withSeed(11));
    for (Fault fault : Fault.values()) {
      if (fault.fits(profile)) {
        assertSameAnswers(SimOptions.of(profile).withFrames(60).withFaults(Set.of(fault)));
      }
    }
  }

  private void assertSameAnswers(SimOptions options) throws IOException {
    Path file = folder.resolve("recorded.arrow");
    SimulatedDevice.record(options, file, true);
    IrqlControl irql = IrqlControl.create();
    SimAllocator allocator =
        SimAllocators.create(
            options.profile(), SimulatedDevice.allocatorFaults(options), options.seed(), irql);
    ContextOut context = new ContextOut();
    for (TraceEvent event : Traces.read(file)) {
      if (event.irqlEntry() != null) {
        irql.setIrql(event.irqlEntry());
      }
      switch (Op.of(event.op())) {
        case INITIALIZE -> {
          context.value = 0;
          assertThat(allocator.initialize(event.pin(), event.framing(), context))
              .isEqualTo(event.status());
          assertThat(context.value).isEqualTo(event.context());
        }
        case ALLOCATE -> {
          assertThat(allocator.allocate(event.context())).isEqualTo(event.frame());
          assertThat(irql.irql()).isEqualTo(event.irqlExit());
        }
        case FREE -> allocator.free(event.context(), event.frame());
        case DELETE -> allocator.delete(event.context());
        default -> {}
      }
    }
    assertThat(allocator.pendingFaults()).isEmpty();
  }

  @Test
  void reactosHandsADoublyFreedFrameOutTwice() {
    SimAllocator allocator = SimAllocators.byId("reactos");
    ContextOut context = new ContextOut();
    allocator.initialize(1, FRAMING, context);
    long frame = allocator.allocate(context.value);
    allocator.free(context.value, frame);
    allocator.free(context.value, frame);
    assertThat(allocator.allocate(context.value)).isEqualTo(frame);
    assertThat(allocator.allocate(context.value)).isEqualTo(frame);
  }

  @Test
  void reactosHandsOutWhateverItWasGiven() {
    SimAllocator allocator = SimAllocators.byId("reactos");
    ContextOut context = new ContextOut();
    allocator.initialize(1, FRAMING, context);
    allocator.free(context.value, 0x1234);
    assertThat(allocator.allocate(context.value)).isEqualTo(0x1234);
  }

  @Test
  void reactosIgnoresAlignment() {
    SimAllocator allocator = SimAllocators.byId("reactos");
    ContextOut context = new ContextOut();
    allocator.initialize(1, new Framing(2, 0, 4, 1764, 0x3F, 0), context);
    boolean misaligned = false;
    for (int i = 0; i < 8; i++) {
      misaligned |= (allocator.allocate(context.value) & 0x3F) != 0;
    }
    assertThat(misaligned).isTrue();
  }

  @Test
  void reactosChecksTheCreateRequestAndNothingElse() {
    SimAllocator allocator = SimAllocators.byId("reactos");
    ContextOut context = new ContextOut();
    int invalid = NtStatus.INVALID_PARAMETER;
    assertThat(allocator.initialize(1, new Framing(2, 0, 4, 0, 0, 0), context)).isEqualTo(invalid);
    assertThat(allocator.initialize(1, new Framing(0x80000002, 0, 4, 8192, 0, 0), context))
        .isEqualTo(invalid);
    assertThat(allocator.initialize(1, new Framing(2, 0, 4, 8192, 4096, 0), context))
        .isEqualTo(invalid);
    Framing odd = new Framing(2, PoolType.NON_PAGED_POOL_MUST_SUCCEED, 4, 8192, 0, 7);
    assertThat(allocator.initialize(1, odd, context)).isZero();
    assertThat(allocator.allocate(context.value)).isZero();
  }

  @Test
  void framesLeftBehindByADeleteNeverComeBack() {
    for (String id : SimAllocators.ids()) {
      SimAllocator allocator = SimAllocators.byId(id);
      ContextOut context = new ContextOut();
      allocator.initialize(1, FRAMING, context);
      long left = allocator.allocate(context.value);
      allocator.delete(context.value);
      allocator.initialize(1, FRAMING, context);
      for (int i = 0; i < 20; i++) {
        assertThat(Math.abs(allocator.allocate(context.value) - left)).isGreaterThanOrEqualTo(8192);
      }
    }
  }

  @Test
  void takesAnyFraming() {
    ContextOut context = new ContextOut();
    for (String id : Set.of("default", "slab")) {
      SimAllocator allocator = SimAllocators.byId(id);
      for (Framing framing :
          new Framing[] {
            new Framing(0, 0, 0, 0, 0, 0),
            new Framing(-1, -1, -1, -1, -1, -1),
            new Framing(2, 0, 1, 100, 64, 0),
            new Framing(0x8002, 0, 1, 100, -640, 0)
          }) {
        assertThat(allocator.initialize(1, framing, context)).isZero();
        assertThat(allocator.allocate(context.value)).isNotZero();
        assertThat(allocator.allocate(context.value)).isNotZero();
        allocator.delete(context.value);
      }
    }
  }

  @Test
  void refusesFaultsOfTheCaller() {
    assertThatThrownBy(() -> SimAllocators.create(Profile.BDA_TS_50, Set.of(Fault.DOUBLE_FREE), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("fault=double-free is the caller's, expected one of the allocator's");
  }

  @Test
  void namesWhatThereIsWhereAnIdIsUnknown() {
    assertThatThrownBy(() -> SimAllocators.byId("x")).hasMessageContaining("default,slab,reactos");
    assertThatThrownBy(() -> Profile.ofId("x")).hasMessageContaining("avshws-rgb24-qvga,");
    assertThatThrownBy(() -> Fault.ofId("x")).hasMessageContaining("skip-free,double-free,");
    assertThat(Profile.ofId("cam-nv12-1080p60")).isEqualTo(Profile.CAM_NV12_1080P60);
    assertThat(Fault.ofId("return-at-raised-irql")).isEqualTo(Fault.RETURN_AT_RAISED_IRQL);
  }
}
