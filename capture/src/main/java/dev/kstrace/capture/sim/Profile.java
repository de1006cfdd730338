package dev.kstrace.capture.sim;

import dev.kstrace.traces.Framing;
import dev.kstrace.traces.FramingEx;
import dev.kstrace.traces.KsFlags;
import dev.kstrace.traces.PoolType;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A kind of device to simulate: what its pins ask of an allocator and how it uses it.
 *
 * <p>Numbers: avshws, avssamp and avscamera of microsoft/Windows-driver-samples where the id names
 * them, else constructed; ks-reference section 7.3.
 */
public enum Profile {
  /** The avshws sample, RGB24 320x240. */
  AVSHWS_RGB24_QVGA("RGB24 320x240", 2, 230_400, 0x000, 333_667, Shape.CIRCUIT, Kind.CAMERA),
  /** The avshws sample, YUY2 320x240. */
  AVSHWS_YUY2_QVGA("YUY2 320x240", 2, 153_600, 0x000, 333_667, Shape.CIRCUIT, Kind.CAMERA),
  /** A still pin after avscamera's photo pin. */
  CAM_PHOTO_YUY2_VGA("YUY2 640x480", 4, 614_400, 0x000, 333_333, Shape.CIRCUIT, Kind.CAMERA),
  /** A VGA camera that wants 64-byte alignment. */
  CAM_RGB24_VGA("RGB24 640x480", 4, 921_600, 0x03F, 333_333, Shape.CIRCUIT, Kind.CAMERA),
  /** A 720p camera. */
  CAM_NV12_720P("NV12 1280x720", 6, 1_382_400, 0x03F, 333_333, Shape.CIRCUIT, Kind.CAMERA),
  /** A 1080p camera at 60 frames/s. */
  CAM_NV12_1080P60("NV12 1920x1080", 8, 3_110_400, 0x0FF, 166_667, Shape.CIRCUIT, Kind.CAMERA),
  /** A 4K camera with page-aligned frames. */
  CAM_NV12_2160P("NV12 3840x2160", 10, 12_441_600, 0xFFF, 333_333, Shape.CIRCUIT, Kind.CAMERA),
  /** A USB camera with compressed frames of varying payload. */
  UVC_MJPG_1080P("MJPG 1920x1080", 8, 4_147_200, 0x00F, 333_333, Shape.PER_FRAME, Kind.CAMERA),
  /** The avssamp sample's audio pin, with that sample's own size formula. */
  AVSSAMP_PCM_44K1("PCM 44.1 kHz", 25, 47_040, 0x000, 333_333, Shape.CIRCUIT, Kind.AUDIO),
  /** A microphone with 10 ms frames. */
  MIC_PCM_48K_10MS("PCM 48 kHz, 10 ms", 10, 1_920, 0x003, 100_000, Shape.PER_FRAME, Kind.AUDIO),
  /** An in-place audio effect on paged memory. */
  GFX_INPLACE_PCM("PCM in place", 3, 8_192, 0xFFF, 464_399, Shape.PER_FRAME, Kind.EFFECT),
  /** A tuner with transport streams of 50 packets. */
  BDA_TS_50("MPEG-TS, 50 packets", 8, 9_400, 0x000, 26_000, Shape.PER_FRAME, Kind.TUNER),
  /** A tuner with transport streams of 312 packets. */
  BDA_TS_312("MPEG-TS, 312 packets", 8, 58_656, 0x003, 161_800, Shape.PER_FRAME, Kind.TUNER),
  /** A TV capture card whose frames are cut out of a common buffer. */
  TVCAP_UYVY_NTSC("UYVY 720x480", 5, 691_200, 0xFFF, 333_667, Shape.CIRCUIT, Kind.TV_CARD);

  /** How frames go through the allocator. */
  enum Shape {
    /** Allocated when streaming starts, recycled, freed at the end. */
    CIRCUIT,
    /** Allocated and freed all the time. */
    PER_FRAME
  }

  /** What the device is, which gives its pins their names. */
  enum Kind {
    CAMERA("capture", "preview"),
    AUDIO("capture", "loopback"),
    EFFECT("effect", "monitor"),
    TUNER("transport", "recorder"),
    TV_CARD("capture", "preview");

    final String firstPin;
    final String secondPin;

    Kind(String firstPin, String secondPin) {
      this.firstPin = firstPin;
      this.secondPin = secondPin;
    }
  }

  private final String id;
  private final String format;
  private final int frames;
  private final int frameSize;
  private final int fileAlignment;
  private final long periodNanos;
  private final Shape shape;
  private final Kind kind;

  Profile(
      String format,
      int frames,
      int frameSize,
      int fileAlignment,
      long period,
      Shape shape,
      Kind kind) {
    this.id = name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    this.format = format;
    this.frames = frames;
    this.frameSize = frameSize;
    this.fileAlignment = fileAlignment;
    this.periodNanos = 100 * period;
    this.shape = shape;
    this.kind = kind;
  }

  /** The name on the command line, such as {@code cam-nv12-720p}. */
  public String id() {
    return id;
  }

  /** The media format, for people. */
  public String format() {
    return format;
  }

  /** Frames that may be outstanding at once. */
  public int frames() {
    return frames;
  }

  /** Bytes of one frame. */
  public int frameSize() {
    return frameSize;
  }

  /** Alignment mask of a frame's address. */
  public int fileAlignment() {
    return fileAlignment;
  }

  /** Time from one frame to the next in ns. */
  public long periodNanos() {
    return periodNanos;
  }

  /** POOL_TYPE that the pins ask for. */
  public int poolType() {
    return kind == Kind.EFFECT ? PoolType.PAGED_POOL : PoolType.NON_PAGED_POOL;
  }

  /** Whether frames come from the system pool rather than from a common buffer. */
  public boolean isSystemMemory() {
    return kind != Kind.TV_CARD;
  }

  Shape shape() {
    return shape;
  }

  Kind kind() {
    return kind;
  }

  /**
   * What a pin answers when the graph manager asks for its framing: the requirements reading. The
   * samples all set PREFERENCES_ONLY. Source: ddi/ks/ns-ks-ksallocator_framing.
   */
  Framing sourceFraming(int bytes) {
    int requirements = KsFlags.REQUIREMENTF_PREFERENCES_ONLY;
    if (isSystemMemory()) {
      requirements |= GraphManager.REQUIREMENTF_SYSTEM_MEMORY;
    }
    if (kind == Kind.EFFECT) {
      requirements |= GraphManager.REQUIREMENTF_INPLACE_MODIFIER;
    }
    return new Framing(requirements, poolType(), frames, bytes, fileAlignment, 0);
  }

  /**
   * What a pin's descriptor says, as the samples write it: one item, any size that the hardware can
   * do, and the whole and the half format as the sizes wished for.
   */
  FramingEx pinFraming() {
    String memory =
        !isSystemMemory()
            ? "KSMEMORY_TYPE_DEVICE_UNKNOWN"
            : kind == Kind.EFFECT ? "KSMEMORY_TYPE_KERNEL_PAGED" : "KSMEMORY_TYPE_KERNEL_NONPAGED";
    FramingEx.Item item =
        new FramingEx.Item(
            memory,
            Integer.toUnsignedLong(sourceFraming(frameSize).optionsFlags()),
            (long) frames,
            (long) fileAlignment,
            FramingEx.Range.ANY,
            new FramingEx.Range(frameSize / 2L, (long) frameSize, 1L),
            0L,
            0L);
    return new FramingEx(0L, 0L, 1L, 1L, 0L, List.of(item));
  }

  /** What the peer answers: content with one frame of any alignment. */
  Framing sinkFraming(int bytes) {
    int requirements = sourceFraming(bytes).optionsFlags();
    return new Framing(
        requirements & ~GraphManager.REQUIREMENTF_INPLACE_MODIFIER, poolType(), 1, bytes, 0, 0);
  }

  /**
   * The profile of an id.
   *
   * @throws IllegalArgumentException if there is none; the message lists those there are
   */
  public static Profile ofId(String id) {
    for (Profile profile : values()) {
      if (profile.id.equals(id)) {
        return profile;
      }
    }
    throw new IllegalArgumentException(
        "unknown profile="
            + id
            + ", expected one of "
            + Arrays.stream(values()).map(Profile::id).collect(Collectors.joining(",")));
  }
}
