package dev.kstrace.traces;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The words of kernel streaming against a second list of their values. */
class VocabularyTest {
  private static final String STATUSES =
      """
      00000000 STATUS_SUCCESS
      00000103 STATUS_PENDING
      80000002 STATUS_DATATYPE_MISALIGNMENT
      80000005 STATUS_BUFFER_OVERFLOW
      80000011 STATUS_DEVICE_BUSY
      c0000001 STATUS_UNSUCCESSFUL
      c0000002 STATUS_NOT_IMPLEMENTED
      c0000005 STATUS_ACCESS_VIOLATION
      c0000008 STATUS_INVALID_HANDLE
      c000000d STATUS_INVALID_PARAMETER
      c0000010 STATUS_INVALID_DEVICE_REQUEST
      c0000017 STATUS_NO_MEMORY
      c0000023 STATUS_BUFFER_TOO_SMALL
      c0000034 STATUS_OBJECT_NAME_NOT_FOUND
      c0000056 STATUS_DELETE_PENDING
      c000009a STATUS_INSUFFICIENT_RESOURCES
      c00000a3 STATUS_DEVICE_NOT_READY
      c00000bb STATUS_NOT_SUPPORTED
      c00000e5 STATUS_INTERNAL_ERROR
      c0000120 STATUS_CANCELLED
      c0000128 STATUS_FILE_CLOSED
      c0000184 STATUS_INVALID_DEVICE_STATE
      c0000206 STATUS_INVALID_BUFFER_SIZE
      c0000225 STATUS_NOT_FOUND
      c0000230 STATUS_PROPSET_NOT_FOUND
      c0000272 STATUS_NO_MATCH
      c00002b6 STATUS_DEVICE_REMOVED
      """;

  @Test
  void namesStatusesBothWays() {
    Map<Integer, String> expected = new TreeMap<>();
    for (String line : STATUSES.lines().toList()) {
      expected.put(Integer.parseUnsignedInt(line.substring(0, 8), 16), line.substring(9));
    }
    assertThat(NtStatus.names()).isEqualTo(expected);
    expected.forEach(
        (status, name) -> {
          assertThat(NtStatus.format(status)).isEqualTo(name);
          assertThat(NtStatus.ofName(name)).isEqualTo(status);
        });
    assertThat(NtStatus.format(0xC00000FF)).isEqualTo("0xC00000FF");
    assertThat(NtStatus.format(0x40)).isEqualTo("0x00000040");
    assertThat(NtStatus.ofName("STATUS_FINE")).isNull();
    assertThat(NtStatus.ofName("0xC0000001")).isNull();
    assertThatThrownBy(() -> NtStatus.names().put(1, "x"))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "00000000, true, false", "00000103, true, false", "40000000, true, false",
    "7fffffff, true, false", "80000000, false, true", "80000005, false, true",
    "bfffffff, false, true", "c0000000, false, false", "ffffffff, false, false"
  })
  void sortsStatusesByTheirTwoUppermostBits(String hex, boolean success, boolean warning) {
    int status = Integer.parseUnsignedInt(hex, 16);
    assertThat(NtStatus.isSuccess(status)).isEqualTo(success);
    assertThat(NtStatus.isWarning(status)).isEqualTo(warning);
  }

  @ParameterizedTest
  @CsvSource({
    "0, NonPagedPool, false",
    "1, PagedPool, true",
    "2, NonPagedPoolMustSucceed, false",
    "3, DontUseThisType, false",
    "4, NonPagedPoolCacheAligned, false",
    "5, PagedPoolCacheAligned, true",
    "6, NonPagedPoolCacheAlignedMustS, false",
    "7, MaxPoolType, false",
    "8, 0x8, false",
    "32, NonPagedPoolSession, false",
    "33, PagedPoolSession, true",
    "34, NonPagedPoolMustSucceedSession, false",
    "35, DontUseThisTypeSession, false",
    "36, NonPagedPoolCacheAlignedSession, false",
    "37, PagedPoolCacheAlignedSession, true",
    "38, NonPagedPoolCacheAlignedMustSSession, false",
    "512, NonPagedPoolNx, false",
    "516, NonPagedPoolNxCacheAligned, false",
    "544, NonPagedPoolSessionNx, false",
    "-1, 0xffffffff, false"
  })
  void namesPoolTypes(int type, String name, boolean paged) {
    assertThat(PoolType.format(type)).isEqualTo(name);
    assertThat(PoolType.isPaged(type)).isEqualTo(paged);
  }

  @Test
  void namesFlagsInBothReadings() {
    assertThat(KsFlags.OPTIONS.format(0)).isEqualTo("0");
    assertThat(KsFlags.OPTIONS.format(KsFlags.OPTIONF_VALID))
        .isEqualTo("KSALLOCATOR_OPTIONF_COMPATIBLE|KSALLOCATOR_OPTIONF_SYSTEM_MEMORY");
    assertThat(KsFlags.OPTIONS.format(0x80000006))
        .isEqualTo("KSALLOCATOR_OPTIONF_SYSTEM_MEMORY|0x80000004");
    assertThat(KsFlags.REQUIREMENTS.format(0x8000001F))
        .isEqualTo(
            "KSALLOCATOR_REQUIREMENTF_INPLACE_MODIFIER|KSALLOCATOR_REQUIREMENTF_SYSTEM_MEMORY"
                + "|KSALLOCATOR_REQUIREMENTF_FRAME_INTEGRITY"
                + "|KSALLOCATOR_REQUIREMENTF_MUST_ALLOCATE"
                + "|KSALLOCATOR_REQUIREMENTF_PREFERENCES_ONLY|0x10");
  }

  @Test
  void namesTheFlagsOfAFramingItemInAscendingOrder() {
    assertThat(KsFlags.FRAMING_ITEM.format(0xFFFFFFF0))
        .isEqualTo(
            names(
                    "KSALLOCATOR_FLAG_",
                    """
                    PARTIAL_READ_SUPPORT DEVICE_SPECIFIC CAN_ALLOCATE INSIST_ON_FRAMESIZE_RATIO
                    NO_FRAME_INTEGRITY MULTIPLE_OUTPUT CYCLE ALLOCATOR_EXISTS
                    INDEPENDENT_RANGES ATTENTION_STEPPING ENABLE_CACHED_MDL 2D_BUFFER_REQUIRED
                    """)
                + "|0xffff0000");
    assertThat(KsFlags.FRAMING_ITEM.format(KsFlags.FLAG_2D_BUFFER_REQUIRED))
        .isEqualTo("KSALLOCATOR_FLAG_2D_BUFFER_REQUIRED");
  }

  @Test
  void namesTheFlagsOfAPin() {
    String low =
        names(
            "KSPIN_FLAG_",
            """
            DISPATCH_LEVEL_PROCESSING CRITICAL_PROCESSING HYPERCRITICAL_PROCESSING
            ASYNCHRONOUS_PROCESSING DO_NOT_INITIATE_PROCESSING
            INITIATE_PROCESSING_ON_EVERY_ARRIVAL FRAMES_NOT_REQUIRED_FOR_PROCESSING ENFORCE_FIFO
            GENERATE_MAPPINGS DISTINCT_TRAILING_EDGE
            """);
    String high =
        names(
            "KSPIN_FLAG_",
            """
            PROCESS_IN_RUN_STATE_ONLY SPLITTER USE_STANDARD_TRANSPORT
            DO_NOT_USE_STANDARD_TRANSPORT FIXED_FORMAT GENERATE_EOS_EVENTS IMPLEMENT_CLOCK
            SOME_FRAMES_REQUIRED_FOR_PROCESSING PROCESS_IF_ANY_IN_RUN_STATE
            """);
    assertThat(KsFlags.PIN.format(0x3FF)).isEqualTo(low);
    assertThat(KsFlags.PIN.format(0x400)).isEqualTo("0x400");
    assertThat(KsFlags.PIN.format(0x1FF0000)).isEqualTo(high);
    assertThat(KsFlags.PIN.format(0x82000000))
        .isEqualTo("KSPIN_FLAG_DENY_USERMODE_ACCESS|0x2000000");
    for (int bit = 0; bit < 32; bit++) {
      String name = KsFlags.PIN.format(1 << bit);
      assertThat(name).as("one bit, one name").doesNotContain("|");
    }
    assertThat(KsFlags.PIN.format(1)).isEqualTo("KSPIN_FLAG_DISPATCH_LEVEL_PROCESSING");
    assertThat(KsFlags.PIN.format(0x80)).isEqualTo("KSPIN_FLAG_ENFORCE_FIFO");
    assertThat(KsFlags.PIN.format(KsFlags.PIN_USE_STANDARD_TRANSPORT))
        .isEqualTo("KSPIN_FLAG_USE_STANDARD_TRANSPORT");
    assertThat(KsFlags.PIN.format(KsFlags.PIN_DO_NOT_USE_STANDARD_TRANSPORT))
        .isEqualTo("KSPIN_FLAG_DO_NOT_USE_STANDARD_TRANSPORT");
    assertThat(KsFlags.PIN.format(0x01000000)).isEqualTo("KSPIN_FLAG_PROCESS_IF_ANY_IN_RUN_STATE");
  }

  private static String names(String prefix, String words) {
    return prefix + String.join("|" + prefix, java.util.List.of(words.strip().split("\\s+", -1)));
  }

  @ParameterizedTest
  @CsvSource({
    "0, PASSIVE_LEVEL",
    "1, APC_LEVEL",
    "2, DISPATCH_LEVEL",
    "3, DIRQL 3",
    "14, DIRQL 14",
    "15, HIGH_LEVEL",
    "16, IRQL 16",
    "255, IRQL 255"
  })
  void namesIrqls(int irql, String name) {
    assertThat(Irql.format(irql)).isEqualTo(name);
  }

  @Test
  void numbersPinStates() {
    assertThat(PinState.of(0)).isEqualTo(PinState.STOP);
    assertThat(PinState.of(1)).isEqualTo(PinState.ACQUIRE);
    assertThat(PinState.of(2)).isEqualTo(PinState.PAUSE);
    assertThat(PinState.of(3)).isEqualTo(PinState.RUN);
    assertThat(PinState.of(-1)).isNull();
    assertThat(PinState.of(4)).isNull();
    assertThat(PinState.of(1L << 32)).isNull();
    assertThat(PinState.RUN.code()).isEqualTo(3);
    assertThat(PinState.RUN.constantName()).isEqualTo("KSSTATE_RUN");
  }

  @Test
  void numbersOperationsAndLayers() {
    StringBuilder found = new StringBuilder();
    for (int code = -1; code < 300; code++) {
      Op op = code >= 0 && code < 256 ? Op.of(code) : null;
      if (op != null) {
        found.append(code).append('=').append(op.label()).append(' ');
        assertThat(op.code()).isEqualTo(code);
        assertThat(Op.ofLabel(op.label())).isEqualTo(op);
        assertThat(TraceText.opLabel(code)).isEqualTo(op.label());
      }
      Layer layer = Layer.of(code);
      if (layer != null) {
        found.append(code).append('=').append(layer.label()).append(' ');
        assertThat(layer.code()).isEqualTo(code);
        assertThat(Layer.ofLabel(layer.label())).isEqualTo(layer);
      }
    }
    assertThat(found.toString().strip())
        .isEqualTo(
            "0=none 1=initialize 1=callback 2=allocate 2=irp_method 3=free 3=function_table"
                + " 4=delete 16=pin_create 17=pin_close 18=pin_state 19=pin_reset"
                + " 32=driver_unload 33=mark 34=events_lost 35=trace_end");
    assertThat(Op.ofLabel("alloc")).isNull();
    assertThat(Layer.ofLabel("kernel")).isNull();
    assertThat(TraceText.opLabel(77)).isEqualTo("op#77");
    assertThat(TraceText.layerLabel(4)).isEqualTo("layer#4");
  }

  @Test
  void laysOutTheFramingAsTheStructureIs() {
    Framing framing = new Framing(0x01020304, 0x11, 0x21222324, 0x31323334, 0x3F, 0x80000000);
    byte[] bytes = {
      4,
      3,
      2,
      1,
      0x11,
      0,
      0,
      0,
      0x24,
      0x23,
      0x22,
      0x21,
      0x34,
      0x33,
      0x32,
      0x31,
      0x3F,
      0,
      0,
      0,
      0,
      0,
      0,
      (byte) 0x80
    };
    assertThat(framing.toBytes()).isEqualTo(bytes).hasSize(Framing.BYTES);
    ByteBuffer buffer = ByteBuffer.allocate(30).order(ByteOrder.BIG_ENDIAN);
    buffer.position(2).put(bytes).position(2);
    assertThat(Framing.fromBytes(buffer)).isEqualTo(framing);
    assertThat(buffer.position()).isEqualTo(26);
    assertThat(buffer.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
    assertThatThrownBy(() -> Framing.fromBytes(buffer))
        .isInstanceOf(BufferUnderflowException.class);
    assertThat(buffer.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
  }

  @Test
  void readsTheLimitsOfAFramingUnsigned() {
    Framing framing = new Framing(0, 0, -1, 0x80000000, 0, 0);
    assertThat(framing.frameLimit()).isEqualTo(4_294_967_295L);
    assertThat(framing.frameBytes()).isEqualTo(2_147_483_648L);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1",
    "1, 2",
    "3, 4",
    "0x7, 8",
    "0xF, 16",
    "0x1F, 32",
    "0x3F, 64",
    "0x7F, 128",
    "0xFF, 256",
    "0x1FF, 512",
    "0xFFF, 4096",
    "0x7FFFFFFF, 2147483648",
    "0xFFFFFFFF, 4294967296"
  })
  void takesAnAlignmentOfTheFormPowerOfTwoMinusOne(String mask, long bytes) {
    Framing framing = aligned(Long.decode(mask).intValue());
    assertThat(framing.hasAlignmentMask()).isTrue();
    assertThat(framing.alignmentBytes()).isEqualTo(bytes);
    assertThat(framing.isAligned(0)).isTrue();
    assertThat(framing.isAligned(3 * bytes)).isTrue();
    assertThat(framing.isAligned(-bytes)).isTrue();
    assertThat(framing.isAligned(3 * bytes + bytes / 2)).isEqualTo(bytes == 1);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4, 5, 64, 0x3E, 0xFFE, 0x80000000, -2})
  void judgesNothingByWhatIsNoAlignmentMask(int mask) {
    Framing framing = aligned(mask);
    assertThat(framing.hasAlignmentMask()).isFalse();
    assertThat(framing.isAligned(1)).isTrue();
    assertThatThrownBy(framing::alignmentBytes)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no alignment mask, fileAlignment=" + mask);
  }

  @Test
  void takesNoPitchForAnAlignment() {
    Framing framing = new Framing(KsFlags.FLAG_2D_BUFFER_REQUIRED | 1, 0, 1, 1, 0xFFF, 0);
    assertThat(framing.isTwoDimensional()).isTrue();
    assertThat(framing.hasAlignmentMask()).isFalse();
    assertThat(framing.isAligned(1)).isTrue();
    assertThat(framing.isSystemMemory()).isFalse();
    assertThat(new Framing(2, 0, 1, 1, 0, 0).isSystemMemory()).isTrue();
    assertThat(new Framing(2, 0, 1, 1, 0, 0).isTwoDimensional()).isFalse();
  }

  private static Framing aligned(int mask) {
    return new Framing(0, 0, 1, 1, mask, 0);
  }

  @Test
  void printsAddressesUnsigned() {
    assertThat(Hex.of(0)).isEqualTo("0x0");
    assertThat(Hex.of(-1)).isEqualTo("0xffffffffffffffff");
  }

  @Test
  void saysWhatTheMetadataPromise() {
    TraceMetadata bare = TraceMetadata.of(Map.of());
    assertThat(bare.completeStart()).isFalse();
    assertThat(bare.syntheticAddresses()).isFalse();
    TraceMetadata full =
        bare.with("kstrace.complete_start", "true").with("kstrace.synthetic_addresses", "true");
    assertThat(full.completeStart()).isTrue();
    assertThat(full.syntheticAddresses()).isTrue();
    assertThat(full.with("kstrace.complete_start", "TRUE").completeStart()).isFalse();
    assertThat(bare.values()).isEqualTo(Map.of("kstrace.version", "1.0"));
    assertThat(bare).isEqualTo(TraceMetadata.of(Map.of("kstrace.version", "1.0")));
    assertThat(bare).isNotEqualTo(full).hasToString("{kstrace.version=1.0}");
  }
}
