package dev.kstrace.capture.etl;

import dev.kstrace.capture.imports.Guid;
import dev.kstrace.capture.imports.InType;
import dev.kstrace.capture.imports.KsAllocTraceSchema;
import dev.kstrace.capture.imports.KsAllocTraceSchema.Column;
import dev.kstrace.capture.imports.KsAllocTraceSchema.Event;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Writes .etl files as a session would, and as a broken one would: one buffer a processor, written
 * when it is full, so that the file is out of order.
 */
public final class EtlWriter {
  /** 27 November 2025, 100 ns since 1601. */
  static final long START_FILE_TIME = 134_087_616_000_000_000L;

  private static final byte[] TRAITS = traits(KsAllocTraceSchema.PROVIDER);

  private final Settings settings;
  private final Consumer<byte[]> sink;
  private final Map<Integer, Open> open = new TreeMap<>();
  private final Map<Event, byte[]> schemas = new EnumMap<>(Event.class);
  private final byte[] payloadBytes = new byte[1 << 16];
  private final ByteBuffer payload = ByteBuffer.wrap(payloadBytes).order(ByteOrder.LITTLE_ENDIAN);
  private long sequence = 1;

  /** What the session is like. */
  public static final class Settings {
    int bufferBytes = 4096;
    int pointerBytes = 8;
    boolean windows7;
    boolean compressed;
    long frequency = 10_000_000;
    int clock = LogHeader.CLOCK_QPC;
    long startTicks = 1_000_000;
    int logFileMode = 1;
    int eventsLost;
    int buffersLost;
  }

  private static final class Open {
    final byte[] content;
    final ByteBuffer bytes;
    final long sequence;

    Open(int size, long sequence) {
      content = new byte[size];
      bytes = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).position(BufferHead.BYTES);
      this.sequence = sequence;
    }
  }

  /** A file whose buffers go to a sink as they become full; the header at once. */
  public EtlWriter(Settings settings, Consumer<byte[]> sink) {
    this.settings = settings;
    this.sink = sink;
    for (Event event : Event.values()) {
      schemas.put(event, schemaOf(event));
    }
    sink.accept(headerBuffer());
  }

  static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** All buffers in a row, as a file. */
  static byte[] join(List<byte[]> buffers) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    buffers.forEach(file::writeBytes);
    return file.toByteArray();
  }

  /** Writes buffers as a file. */
  static Path write(Path file, List<byte[]> buffers) {
    try {
      return Files.write(file, join(buffers));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Schema bytes of one of the probe's events, made of {@link KsAllocTraceSchema}. */
  static byte[] schemaOf(Event event) {
    ByteArrayOutputStream fields = new ByteArrayOutputStream();
    for (Column column : event.columns()) {
      text(fields, column.field().label());
      fields.write(column.type().code());
    }
    return schema(event.label(), fields.toByteArray());
  }

  /** Schema bytes of any event: its name and its encoded fields. */
  static byte[] schema(String name, byte[] fields) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.write(0);
    text(body, name);
    body.writeBytes(fields);
    return sized(body.toByteArray());
  }

  static byte[] traits(String provider) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    text(body, provider);
    return sized(body.toByteArray());
  }

  static void text(ByteArrayOutputStream to, String text) {
    to.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    to.write(0);
  }

  private static byte[] sized(byte[] body) {
    return buffer(2 + body.length).putShort((short) (2 + body.length)).put(body).array();
  }

  /**
   * Writes an event of the probe.
   *
   * @param values its numbers in their order; a driver's name is always test.sys
   */
  public void probe(int processor, long ticks, int thread, Event event, long... values) {
    payload.clear();
    int next = 0;
    for (Column column : event.columns()) {
      if (column.type() == InType.COUNTED_ANSI) {
        byte[] driver = "test.sys".getBytes(StandardCharsets.US_ASCII);
        payload.putShort((short) driver.length).put(driver);
      } else {
        put(column.type(), values[next++]);
      }
    }
    if (next != values.length) {
      throw new IllegalArgumentException(event + " has " + next + " numbers");
    }
    event(
        processor,
        ticks,
        thread,
        KsAllocTraceSchema.GUID,
        new Descriptor(0, 0, 11, 4, 0, event.keyword()),
        schemas.get(event),
        TRAITS,
        payloadBytes,
        payload.position());
  }

  private void put(InType type, long value) {
    switch (type.bytes()) {
      case 1 -> payload.put((byte) value);
      case 2 -> payload.putShort((short) value);
      case 4 -> payload.putInt((int) value);
      default -> payload.putLong(value);
    }
  }

  /** The descriptor of an event. */
  record Descriptor(int id, int version, int channel, int level, int opcode, long keyword) {}

  /** Writes an event with an EVENT_HEADER; schema and traits may be null. */
  void event(
      int processor,
      long ticks,
      int thread,
      Guid provider,
      Descriptor descriptor,
      byte[] schema,
      byte[] traits,
      byte[] data,
      int dataBytes) {
    int items = item(traits) + item(schema);
    int size = 80 + items + dataBytes;
    ByteBuffer to = place(processor, size);
    int at = to.position();
    to.putShort((short) size);
    to.put((byte) (settings.pointerBytes == 8 ? 0x13 : 0x12)).put((byte) 0xC0);
    to.putShort((short) ((items > 0 ? 1 : 0) | (settings.pointerBytes == 8 ? 0x40 : 0x20)));
    to.putShort((short) 0).putInt(thread).putInt(4).putLong(ticks);
    to.putLong(provider.low()).putLong(provider.high());
    to.putShort((short) descriptor.id()).put((byte) descriptor.version());
    to.put((byte) descriptor.channel()).put((byte) descriptor.level());
    to.put((byte) descriptor.opcode()).putShort((short) 0).putLong(descriptor.keyword());
    to.position(at + 80);
    putItem(to, 12, traits, schema != null);
    putItem(to, 11, schema, false);
    to.put(data, 0, dataBytes);
    pad(to);
  }

  private static int item(byte[] data) {
    return data == null ? 0 : 8 + ((data.length + 7) & ~7);
  }

  private static void putItem(ByteBuffer to, int type, byte[] data, boolean more) {
    if (data != null) {
      to.putShort((short) item(data)).putShort((short) type);
      to.putShort((short) (more ? 1 : 0)).putShort((short) data.length).put(data);
      pad(to);
    }
  }

  /** Writes an event with extended items as they are given. */
  void eventWithItems(int processor, long ticks, Guid provider, byte[] items, byte[] data) {
    int size = 80 + items.length + data.length;
    ByteBuffer to = place(processor, size);
    int at = to.position();
    to.putShort((short) size).put((byte) 0x13).put((byte) 0xC0).putShort((short) 0x41);
    to.putShort((short) 0).putInt(1).putInt(4).putLong(ticks);
    to.putLong(provider.low()).putLong(provider.high());
    to.position(at + 80);
    to.put(items).put(data);
    pad(to);
  }

  /** Writes a kernel event: type 1 to 4, 0x10 or 0x11. */
  void kernel(
      int processor, long ticks, int type, int group, int opcode, int version, byte[] data) {
    boolean perfInfo = type >= 0x10;
    int words = (version >>> 15 & 1) + (version >>> 8 & 7);
    int header = (perfInfo ? 16 : type <= 2 ? 32 : 24) + 8 * words;
    ByteBuffer to = place(processor, header + data.length);
    int at = to.position();
    to.putShort((short) version).put((byte) type).put((byte) 0xC0);
    to.putShort((short) (header + data.length)).put((byte) opcode).put((byte) group);
    if (!perfInfo) {
      to.putInt(77).putInt(4);
    }
    to.putLong(ticks).position(at + header);
    to.put(data);
    pad(to);
  }

  /** Writes a classic event: type 0x0A, 0x14, 0x0B or 0x15. */
  void classic(int processor, long ticks, int type, Guid provider, int opcode, byte[] data) {
    int header = type == 0x0B ? 56 : type == 0x15 ? 72 : 48;
    ByteBuffer to = place(processor, header + data.length);
    int at = to.position();
    to.putShort((short) (header + data.length)).put((byte) type).put((byte) 0xC0);
    to.put((byte) opcode).put((byte) 0).putShort((short) 2).putInt(77).putInt(4).putLong(ticks);
    to.putLong(provider.low()).putLong(provider.high()).position(at + header);
    to.put(data);
    pad(to);
  }

  /** Writes a WPP message with GUID, time and thread. */
  void message(int processor, long ticks, Guid provider, int number, byte[] data) {
    int size = 8 + 16 + 8 + 8 + data.length;
    ByteBuffer to = place(processor, size);
    to.putShort((short) size).put((byte) 0).put((byte) 0x90);
    to.putShort((short) number).putShort((short) (2 | 8 | 0x20));
    to.putLong(provider.low()).putLong(provider.high()).putLong(ticks).putInt(77).putInt(4);
    to.put(data);
    pad(to);
  }

  /** Puts bytes where a record should be. */
  void garbage(int processor, byte[] data) {
    ByteBuffer to = place(processor, data.length);
    to.put(data);
    pad(to);
  }

  private static void pad(ByteBuffer to) {
    to.position((to.position() + 7) & ~7);
  }

  private ByteBuffer place(int processor, int size) {
    Open current = open.get(processor);
    if (current != null && current.bytes.remaining() < size + 8) {
      close(processor);
      current = null;
    }
    if (current == null) {
      current = new Open(settings.bufferBytes, sequence++);
      open.put(processor, current);
    }
    return current.bytes;
  }

  /** Hands out the buffer of a processor before it is full. */
  public void close(int processor) {
    Open full = open.remove(processor);
    if (full != null) {
      sink.accept(finish(full, processor, 0));
    }
  }

  /** Hands out all buffers. */
  public void close() {
    List.copyOf(open.keySet()).forEach(this::close);
  }

  /** Loses the next buffers: their numbers are used up. */
  void loseBuffers(int count) {
    sequence += count;
  }

  private byte[] finish(Open buffer, int processor, int type) {
    int filled = buffer.bytes.position();
    byte[] content = buffer.content;
    int size = settings.bufferBytes;
    int flags = settings.windows7 ? 0 : 0x20;
    if (settings.compressed && type == 0) {
      byte[] packed = XpressPacker.pack(content, BufferHead.BYTES, filled);
      content = new byte[BufferHead.BYTES + packed.length];
      System.arraycopy(packed, 0, content, BufferHead.BYTES, packed.length);
      size = content.length;
      flags |= 0x40;
    } else {
      java.util.Arrays.fill(content, filled, content.length, (byte) 0xFF);
    }
    ByteBuffer head = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    head.putInt(0x00, size);
    head.putInt(0x04, settings.windows7 ? 0 : filled);
    head.putLong(0x18, buffer.sequence);
    head.putShort(0x28, (short) (settings.windows7 ? 0x0800 | processor : processor));
    head.putInt(0x30, filled);
    head.putShort(0x34, (short) flags);
    head.putShort(0x36, (short) type);
    return content;
  }

  private byte[] headerBuffer() {
    boolean wide = settings.pointerBytes == 8;
    int fixed = wide ? 0x118 : 0x110;
    byte[] names = "test session\0test.etl\0".getBytes(StandardCharsets.UTF_16LE);
    Open buffer = new Open(settings.bufferBytes, 0);
    ByteBuffer to = buffer.bytes;
    int at = BufferHead.BYTES;
    to.putShort((short) 2).put((byte) (wide ? 2 : 1)).put((byte) 0xC0);
    to.putShort((short) (32 + fixed + names.length)).put((byte) 0).put((byte) 0);
    to.putInt(77).putInt(4).putLong(settings.startTicks);
    int header = at + 32;
    to.putInt(header, settings.bufferBytes).put(header + 4, (byte) 10);
    to.putInt(header + 8, 19045).putInt(header + 12, 4);
    to.putInt(header + 32, settings.logFileMode).putInt(header + 44, settings.pointerBytes);
    to.putInt(header + 48, settings.eventsLost).putInt(header + 52, 2_400);
    int times = header + (wide ? 256 : 248);
    to.putLong(times, settings.frequency).putLong(times + 8, START_FILE_TIME);
    to.putInt(times + 16, settings.clock).putInt(times + 20, settings.buffersLost);
    to.position(header + fixed);
    to.put(names);
    pad(to);
    return finish(buffer, 0, 4);
  }

  /** A file in memory: the buffers in the order in which they became full. */
  static List<byte[]> buffers(Settings settings, Consumer<EtlWriter> content) {
    List<byte[]> buffers = new ArrayList<>();
    EtlWriter writer = new EtlWriter(settings, buffers::add);
    content.accept(writer);
    writer.close();
    return buffers;
  }
}
