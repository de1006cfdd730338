package dev.kstrace.capture.etl;

import java.nio.charset.StandardCharsets;

/**
 * The first record of the file (TRACE_LOGFILE_HEADER): the session as a whole. Immutable. Source:
 * learn.microsoft.com, TRACE_LOGFILE_HEADER; the layout of the file differs from that page in its
 * two pointers and in what follows them.
 *
 * @param bufferSize bytes of a buffer of the session
 * @param osMajor major version of the system
 * @param osMinor minor version
 * @param build build of the system
 * @param processors processors of the machine
 * @param endFileTime when the session ended, 100 ns since 1601; 0 = not closed in order
 * @param logFileMode EVENT_TRACE_FILE_MODE_* bits
 * @param buffersWritten buffers that the session wrote
 * @param pointerBytes bytes of a pointer of the machine, 4 or 8
 * @param eventsLost events that found no buffer, of all providers
 * @param cpuMhz clock rate of the processors
 * @param startFileTime when the session began
 * @param performanceFrequency ticks of the performance counter in a second
 * @param clock 1 = performance counter, 2 = system time, 3 = processor cycles
 * @param buffersLost buffers that were not written
 * @param startTicks time stamp of this record, the same moment as {@code startFileTime}
 * @param session name of the session; empty where the file has none
 */
public record LogHeader(
    int bufferSize,
    int osMajor,
    int osMinor,
    int build,
    int processors,
    long endFileTime,
    int logFileMode,
    long buffersWritten,
    int pointerBytes,
    long eventsLost,
    int cpuMhz,
    long startFileTime,
    long performanceFrequency,
    int clock,
    long buffersLost,
    long startTicks,
    String session) {
  /** Time stamps are of the performance counter. */
  public static final int CLOCK_QPC = 1;

  /** Time stamps are system time. */
  public static final int CLOCK_SYSTEM_TIME = 2;

  /** Time stamps are processor cycles. */
  public static final int CLOCK_CYCLES = 3;

  private static final int MODE_CIRCULAR = 0x2;
  private static final int MODE_NEW_FILE = 0x8;
  private static final int POINTER_SIZE_AT = 44;
  private static final int POINTERS_AT = 56;
  private static final int TIME_ZONE_BYTES = 172;
  private static final int AFTER_BOOT_TIME = 8;

  /** Whether the beginning may be overwritten (circular) or lie in another file (new file). */
  public boolean mayLackBeginning() {
    return (logFileMode & (MODE_CIRCULAR | MODE_NEW_FILE)) != 0;
  }

  /** Bytes of the payload without its strings, or 0 where it is too short to know. */
  static int fixedBytes(byte[] bytes, int at, int length) {
    if (length < POINTERS_AT) {
      return 0;
    }
    int pointer = LittleEndian.i32(bytes, at + POINTER_SIZE_AT);
    return pointer == 4 ? 0x110 : pointer == 8 ? 0x118 : 0;
  }

  /** The header in a payload of at least {@link #fixedBytes}. */
  static LogHeader parse(EtlRecord header) {
    byte[] bytes = header.bytes;
    int at = header.payload;
    int pointerBytes = LittleEndian.i32(bytes, at + POINTER_SIZE_AT);
    int rest = at + POINTERS_AT + 2 * pointerBytes + TIME_ZONE_BYTES;
    int times = at + ((rest - at + 7) & ~7) + AFTER_BOOT_TIME;
    int end = at + header.payloadBytes;
    return new LogHeader(
        LittleEndian.i32(bytes, at),
        LittleEndian.u8(bytes, at + 4),
        LittleEndian.u8(bytes, at + 5),
        LittleEndian.i32(bytes, at + 8),
        LittleEndian.i32(bytes, at + 12),
        LittleEndian.i64(bytes, at + 16),
        LittleEndian.i32(bytes, at + 32),
        LittleEndian.u32(bytes, at + 36),
        pointerBytes,
        LittleEndian.u32(bytes, at + 48),
        LittleEndian.i32(bytes, at + 52),
        LittleEndian.i64(bytes, times + 8),
        LittleEndian.i64(bytes, times),
        LittleEndian.i32(bytes, times + 16),
        LittleEndian.u32(bytes, times + 20),
        header.ticks,
        text(bytes, times + 24, end));
  }

  private static String text(byte[] bytes, int from, int to) {
    int end = from;
    while (end + 1 < to && LittleEndian.u16(bytes, end) != 0) {
      end += 2;
    }
    return new String(bytes, from, Math.max(0, end - from), StandardCharsets.UTF_16LE);
  }
}
