package dev.kstrace.capture.imports;

import org.jspecify.annotations.Nullable;

/**
 * How a field of a self-describing event lies in its payload: the inType of TraceLogging. Source:
 * microsoft/tracelogging, TlgIn constants.
 */
public enum InType {
  /** UTF-16LE, ended by a zero. */
  UTF16Z(1, 0),
  /** Eight-bit characters, ended by a zero. */
  ANSIZ(2, 0),
  /** Signed, 8 bits. */
  INT8(3, 1),
  /** Unsigned, 8 bits. */
  UINT8(4, 1),
  /** Signed, 16 bits. */
  INT16(5, 2),
  /** Unsigned, 16 bits. */
  UINT16(6, 2),
  /** Signed, 32 bits. */
  INT32(7, 4),
  /** Unsigned, 32 bits. */
  UINT32(8, 4),
  /** Signed, 64 bits. */
  INT64(9, 8),
  /** Unsigned, 64 bits. */
  UINT64(10, 8),
  /** IEEE single. */
  FLOAT(11, 4),
  /** IEEE double. */
  DOUBLE(12, 8),
  /** 32 bits, zero is false. */
  BOOL32(13, 4),
  /** Bytes behind a 16-bit length. */
  BINARY(14, 0),
  /** 16 bytes. */
  GUID(15, 16),
  /** 100 ns since 1601. */
  FILETIME(17, 8),
  /** Eight 16-bit numbers. */
  SYSTEMTIME(18, 16),
  /** A security identifier, its length inside. */
  SID(19, 0),
  /** 32 bits, shown as hex. */
  HEX32(20, 4),
  /** 64 bits, shown as hex. */
  HEX64(21, 8),
  /** UTF-16LE behind a 16-bit length in bytes. */
  COUNTED_UTF16(22, 0),
  /** Eight-bit characters behind a 16-bit length. */
  COUNTED_ANSI(23, 0),
  /** No bytes of its own; the next fields belong to it. */
  STRUCT(24, 0),
  /** Bytes behind a 16-bit length; differs from {@link #BINARY} for other tools only. */
  COUNTED_BINARY(25, 0);

  private static final @Nullable InType[] BY_CODE = new @Nullable InType[32];

  static {
    for (InType type : values()) {
      BY_CODE[type.code] = type;
    }
  }

  private final int code;
  private final int bytes;

  InType(int code, int bytes) {
    this.code = code;
    this.bytes = bytes;
  }

  /** The number in the event's metadata, 1 to 31. */
  public int code() {
    return code;
  }

  /** Bytes of a value; 0 = depends on the value. */
  public int bytes() {
    return bytes;
  }

  /** The type of a code, or null where there is none; other bits of {@code code} are ignored. */
  public static @Nullable InType of(int code) {
    return BY_CODE[code & 31];
  }
}
