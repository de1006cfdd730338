package dev.kstrace.capture.imports;

import static dev.kstrace.capture.imports.InType.COUNTED_ANSI;
import static dev.kstrace.capture.imports.InType.HEX32;
import static dev.kstrace.capture.imports.InType.HEX64;
import static dev.kstrace.capture.imports.InType.INT32;
import static dev.kstrace.capture.imports.InType.INT64;
import static dev.kstrace.capture.imports.InType.UINT16;
import static dev.kstrace.capture.imports.InType.UINT32;
import static dev.kstrace.capture.imports.InType.UINT64;
import static dev.kstrace.capture.imports.InType.UINT8;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The events of the probe in a minidriver, version 1: provider {@code KsAllocTrace},
 * self-describing (TraceLogging), channel 11, level 4, opcode 0. A payload is the fields of its
 * event in this order, packed, little-endian. Pointers are 64-bit on every platform.
 *
 * <pre>
 *   ProbeStart          Seq u64, Schema u16, PointerSize u8, ProbeVersion u32, QpcFreq i64,
 *                       Driver counted ansi
 *   AllocatorInitialize Seq u64, Context hex64, Pin hex64, PinId u32, Kind u8, OptionsFlags hex32,
 *                       PoolType u32, Frames u32, FrameSize u32, FileAlignment hex32, Status hex32,
 *                       BeginQpc i64, Irql u8                                            62 bytes
 *   FrameAllocate       Seq u64, Context hex64, Frame hex64, BeginQpc i64, Irql u8       33 bytes
 *   FrameFree           Seq u64, Context hex64, Frame hex64, Irql u8                     25 bytes
 *   AllocatorDelete     Seq u64, Context hex64, Outstanding i32, Irql u8                 21 bytes
 *   ProbeCounters       LastSeq u64, Emitted u64, WriteFailed u64                        24 bytes
 *   AllocatorRundown    as AllocatorInitialize, then Outstanding i32                     66 bytes
 * </pre>
 *
 * {@code Seq} is taken after Allocate and InitializeAllocator return and before Free and
 * DeleteAllocator are called, so that the free of an address sorts before its next use. A reader
 * goes by the names of events and fields: unknown further fields are skipped, unknown events kept
 * as marks. A change of meaning needs another {@code Schema}.
 */
public final class KsAllocTraceSchema {
  /** Name of the provider. */
  public static final String PROVIDER = "KsAllocTrace";

  /** GUID of the provider, the one that follows from its name. */
  public static final Guid GUID = new Guid(0x5888_6989_ce25_0ee2L, 0xc730_d77f_60f2_fafcL);

  /** The value of {@code Schema} that this version understands. */
  public static final int VERSION = 1;

  /** Keyword of all events that carry {@code Seq}, so that no session sees artificial holes. */
  public static final long KEYWORD_CORE = 0x1;

  /** Keyword of {@code ProbeCounters}. */
  public static final long KEYWORD_COUNTERS = 0x2;

  /** Keyword of {@code AllocatorRundown}. */
  public static final long KEYWORD_RUNDOWN = 0x4;

  /** A field by its name, in whichever event it occurs. */
  public enum Field {
    /** Place in the total order of one loading of the driver, from 1 on. */
    SEQ("Seq", 0),
    /** Version of this schema. */
    SCHEMA("Schema", 1),
    /** Bytes of a pointer of the machine, 4 or 8. */
    POINTER_SIZE("PointerSize", 2),
    /** Version of the probe's source. */
    PROBE_VERSION("ProbeVersion", 3),
    /** Ticks of the performance counter in a second. */
    QPC_FREQ("QpcFreq", 4),
    /** Name of the driver. */
    DRIVER("Driver", 5),
    /** Allocator context; undefined where Status is no success. */
    CONTEXT("Context", 6),
    /** KSPIN address; 0 where the allocator is not a pin's. */
    PIN("Pin", 7),
    /** The pin's factory id. */
    PIN_ID("PinId", 8),
    /** 0 = KSALLOCATOR_DISPATCH of a pin, 1 = functions of KsCreateDefaultAllocatorEx. */
    KIND("Kind", 9),
    /** KSALLOCATOR_FRAMING.OptionsFlags. */
    OPTIONS_FLAGS("OptionsFlags", 10),
    /** KSALLOCATOR_FRAMING.PoolType. */
    POOL_TYPE("PoolType", 11),
    /** KSALLOCATOR_FRAMING.Frames. */
    FRAMES("Frames", 12),
    /** KSALLOCATOR_FRAMING.FrameSize, bytes. */
    FRAME_SIZE("FrameSize", 13),
    /** KSALLOCATOR_FRAMING.FileAlignment. */
    FILE_ALIGNMENT("FileAlignment", 14),
    /** NTSTATUS of InitializeAllocator. */
    STATUS("Status", 15),
    /** Performance counter when the call was entered. */
    BEGIN_QPC("BeginQpc", 16),
    /** IRQL at the call. */
    IRQL("Irql", 17),
    /** Frame address; 0 = the allocate failed. */
    FRAME("Frame", 18),
    /** Frames that the probe counts as not freed; -1 = not counted. */
    OUTSTANDING("Outstanding", 19),
    /** The last Seq that was given out. */
    LAST_SEQ("LastSeq", 20),
    /** Events handed to the system. */
    EMITTED("Emitted", 21),
    /** Events that the system did not take; each has used up its Seq. */
    WRITE_FAILED("WriteFailed", 22);

    private static final Map<String, Field> BY_LABEL = new HashMap<>();

    static {
      for (Field field : values()) {
        BY_LABEL.put(field.label, field);
      }
    }

    /** How many there are. */
    static final int COUNT = BY_LABEL.size();

    private final String label;
    private final int index;

    Field(String label, int index) {
      this.label = label;
      this.index = index;
    }

    /** A number of its own from 0 on. */
    int index() {
      return index;
    }

    /** The name in the event's metadata. */
    public String label() {
      return label;
    }

    /** A bit of its own in a set of fields. */
    int bit() {
      return 1 << index;
    }

    /** The field of a name, or null where this version knows none. */
    public static @Nullable Field ofLabel(String label) {
      return BY_LABEL.get(label);
    }
  }

  /**
   * A field at its place in an event.
   *
   * @param field which
   * @param type how it lies in the payload
   */
  public record Column(Field field, InType type) {}

  /** The events. */
  public enum Event {
    /** The provider was enabled. */
    PROBE_START(
        "ProbeStart",
        KEYWORD_CORE,
        column(Field.SEQ, UINT64),
        column(Field.SCHEMA, UINT16),
        column(Field.POINTER_SIZE, UINT8),
        column(Field.PROBE_VERSION, UINT32),
        column(Field.QPC_FREQ, INT64),
        column(Field.DRIVER, COUNTED_ANSI)),
    /** InitializeAllocator returned. */
    ALLOCATOR_INITIALIZE("AllocatorInitialize", KEYWORD_CORE, initialize()),
    /** Allocate returned. */
    FRAME_ALLOCATE(
        "FrameAllocate",
        KEYWORD_CORE,
        column(Field.SEQ, UINT64),
        column(Field.CONTEXT, HEX64),
        column(Field.FRAME, HEX64),
        column(Field.BEGIN_QPC, INT64),
        column(Field.IRQL, UINT8)),
    /** Free is about to be called. */
    FRAME_FREE(
        "FrameFree",
        KEYWORD_CORE,
        column(Field.SEQ, UINT64),
        column(Field.CONTEXT, HEX64),
        column(Field.FRAME, HEX64),
        column(Field.IRQL, UINT8)),
    /** DeleteAllocator is about to be called. */
    ALLOCATOR_DELETE(
        "AllocatorDelete",
        KEYWORD_CORE,
        column(Field.SEQ, UINT64),
        column(Field.CONTEXT, HEX64),
        column(Field.OUTSTANDING, INT32),
        column(Field.IRQL, UINT8)),
    /** Every 4096 events, and when the driver is unloaded. */
    PROBE_COUNTERS(
        "ProbeCounters",
        KEYWORD_COUNTERS,
        column(Field.LAST_SEQ, UINT64),
        column(Field.EMITTED, UINT64),
        column(Field.WRITE_FAILED, UINT64)),
    /** An allocator that was there before the session. */
    ALLOCATOR_RUNDOWN("AllocatorRundown", KEYWORD_RUNDOWN, rundown());

    private static final Map<String, Event> BY_LABEL = new HashMap<>();

    static {
      for (Event event : values()) {
        BY_LABEL.put(event.label, event);
      }
    }

    private final String label;
    private final long keyword;

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<Column> columns;

    private final int numbers;

    Event(String label, long keyword, Column... columns) {
      this.label = label;
      this.keyword = keyword;
      this.columns = List.of(columns);
      int bits = 0;
      for (Column column : columns) {
        bits |= column.type().bytes() == 0 ? 0 : column.field().bit();
      }
      numbers = bits;
    }

    /** {@link Field#bit} of all fields that are numbers. */
    int numbers() {
      return numbers;
    }

    /** The name in the event's metadata. */
    public String label() {
      return label;
    }

    /** The keyword's bits. */
    public long keyword() {
      return keyword;
    }

    /** The fields in their order. */
    public List<Column> columns() {
      return columns;
    }

    /** Bytes of a payload without strings. */
    public int fixedBytes() {
      return columns.stream().mapToInt(column -> column.type().bytes()).sum();
    }

    /** The event of a name, or null where this version knows none. */
    public static @Nullable Event ofLabel(String label) {
      return BY_LABEL.get(label);
    }
  }

  private KsAllocTraceSchema() {}

  private static Column column(Field field, InType type) {
    return new Column(field, type);
  }

  private static Column[] initialize() {
    return new Column[] {
      column(Field.SEQ, UINT64),
      column(Field.CONTEXT, HEX64),
      column(Field.PIN, HEX64),
      column(Field.PIN_ID, UINT32),
      column(Field.KIND, UINT8),
      column(Field.OPTIONS_FLAGS, HEX32),
      column(Field.POOL_TYPE, UINT32),
      column(Field.FRAMES, UINT32),
      column(Field.FRAME_SIZE, UINT32),
      column(Field.FILE_ALIGNMENT, HEX32),
      column(Field.STATUS, HEX32),
      column(Field.BEGIN_QPC, INT64),
      column(Field.IRQL, UINT8)
    };
  }

  private static Column[] rundown() {
    Column[] initialize = initialize();
    Column[] all = java.util.Arrays.copyOf(initialize, initialize.length + 1);
    all[initialize.length] = column(Field.OUTSTANDING, INT32);
    return all;
  }
}
