package dev.kstrace.capture.etl;

import dev.kstrace.capture.imports.Guid;

/**
 * One record of a file, in place: it shows bytes of a buffer and is good until the reader moves on.
 * Not thread-safe.
 */
public final class EtlRecord {
  /** Which header a record has. */
  public enum Kind {
    /** SYSTEM_TRACE_HEADER: kernel events with thread, process and processor times. */
    SYSTEM,
    /** The same without processor times. */
    COMPACT,
    /** PERFINFO_TRACE_HEADER: kernel events with a time only. */
    PERFINFO,
    /** EVENT_TRACE_HEADER: classic events. */
    CLASSIC,
    /** EVENT_INSTANCE_HEADER: classic events of an instance. */
    INSTANCE,
    /** EVENT_HEADER: manifest and self-describing events. */
    EVENT,
    /** A WPP message. */
    MESSAGE
  }

  static final int NONE = -1;

  byte[] bytes = new byte[0];
  Kind kind = Kind.SYSTEM;
  int start;
  int size;
  int payload;
  int payloadBytes;
  long ticks;
  int thread;
  int process;
  boolean hasThread;
  int group;
  int opcode;
  int id;
  int version;
  int channel;
  int level;
  int task;
  long keyword;
  long guidLow;
  long guidHigh;
  int pointerBytes;
  int schema = NONE;
  int schemaBytes;
  int traits = NONE;
  int traitsBytes;
  int processor;
  long bufferOffset;

  EtlRecord() {}

  /** Which header it has. */
  public Kind kind() {
    return kind;
  }

  /** Its time stamp in ticks of the file's clock, see {@link EtlReader#clock}. */
  public long ticks() {
    return ticks;
  }

  /** Thread that wrote it; meaningless without {@link #hasThread}. */
  public int thread() {
    return thread;
  }

  /** Process that wrote it; meaningless without {@link #hasThread}. */
  public int process() {
    return process;
  }

  /** Whether it says which thread and process wrote it. */
  public boolean hasThread() {
    return hasThread;
  }

  /** Processor whose buffer it lay in. */
  public int processor() {
    return processor;
  }

  /** Whether it is of the kernel logger: {@link #group} and {@link #opcode} then name it. */
  public boolean isKernel() {
    return kind == Kind.SYSTEM || kind == Kind.COMPACT || kind == Kind.PERFINFO;
  }

  /** Group of a kernel event. */
  public int group() {
    return group;
  }

  /** Opcode of a kernel or other event; of a classic event its type. */
  public int opcode() {
    return opcode;
  }

  /** Id of a manifest event or number of a WPP message. */
  public int id() {
    return id;
  }

  /** Version of the event. */
  public int version() {
    return version;
  }

  /** Channel; 11 for self-describing events. */
  public int channel() {
    return channel;
  }

  /** Level, 0 to 255. */
  public int level() {
    return level;
  }

  /** Task. */
  public int task() {
    return task;
  }

  /** Keyword bits. */
  public long keyword() {
    return keyword;
  }

  /** GUID of the provider, or of a classic event's class; all zeros where there is none. */
  public Guid provider() {
    return new Guid(guidLow, guidHigh);
  }

  /** Whether it comes from this provider, without making a GUID. */
  public boolean isOf(Guid provider) {
    return guidLow == provider.low() && guidHigh == provider.high();
  }

  /** Whether it carries the schema of its payload. */
  public boolean hasSchema() {
    return schema != NONE;
  }

  /** Bytes of a pointer in its payload, 4 or 8. */
  public int pointerBytes() {
    return pointerBytes;
  }

  /** A copy of the payload. */
  public byte[] payload() {
    return java.util.Arrays.copyOfRange(bytes, payload, payload + payloadBytes);
  }

  /** Name of the provider where the record itself says it, or an empty text. */
  public String providerName() {
    if (traits == NONE) {
      return "";
    }
    int from = traits + 2;
    int to = traits + traitsBytes;
    int end = from;
    while (end < to && bytes[end] != 0) {
      end++;
    }
    return new String(
        bytes, from, Math.max(0, end - from), java.nio.charset.StandardCharsets.UTF_8);
  }
}
