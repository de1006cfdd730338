package dev.kstrace.capture.etl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.capture.imports.Guid;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Self-describing payloads of every type, nested and in arrays. */
class PayloadTest {
  private final ByteArrayOutputStream fields = new ByteArrayOutputStream();
  private final ByteBuffer data = EtlWriter.buffer(4096);

  private PayloadTest field(String name, int... type) {
    EtlWriter.text(fields, name);
    for (int b : type) {
      fields.write(b);
    }
    return this;
  }

  private List<String> decoded(boolean expected) {
    EtlRecord record = new EtlRecord();
    byte[] schema = EtlWriter.schema("Event", fields.toByteArray());
    byte[] bytes = new byte[data.position()];
    data.flip().get(bytes);
    record.bytes = bytes;
    record.payloadBytes = bytes.length;
    EventSchema parsed = EventSchema.parse(schema, 0, schema.length);
    assertThat(parsed).isNotNull();
    List<String> lines = new ArrayList<>();
    assertThat(Payload.visit(record, parsed, new TextVisitor(lines))).isEqualTo(expected);
    return lines;
  }

  @Test
  void decodesNumbers() {
    field("i8", 3).field("u8", 4).field("i16", 5).field("u16", 6).field("i32", 7).field("u32", 8);
    field("i64", 9).field("u64", 10).field("f", 11).field("d", 12).field("b", 13);
    field("h32", 20).field("h64", 21).field("asHex", 0x80 | 6, 4).field("asBool", 0x80 | 4, 3);
    data.put((byte) -1).put((byte) -1).putShort((short) -1).putShort((short) -1);
    data.putInt(-1).putInt(-1).putLong(-1).putLong(-1).putFloat(1.5f).putDouble(-2.5).putInt(7);
    data.putInt(-1).putLong(-1).putShort((short) -1).put((byte) 0);
    assertThat(decoded(true))
        .containsExactly(
            "i8=-1",
            "u8=255",
            "i16=-1",
            "u16=65535",
            "i32=-1",
            "u32=4294967295",
            "i64=-1L",
            "u64=18446744073709551615L",
            "f=1.5",
            "d=-2.5",
            "b=true",
            "h32=0xffffffff",
            "h64=0xffffffffffffffff",
            "asHex=0xffff",
            "asBool=false");
  }

  @Test
  void decodesTextsTimesAndIdentifiers() {
    field("w", 1).field("a", 2).field("u", 0x80 | 2, 35).field("cw", 22).field("ca", 23);
    field("bin", 14).field("cbin", 25).field("g", 15).field("ft", 17).field("st", 18);
    field("sid", 19);
    data.put("hé\0".getBytes(StandardCharsets.UTF_16LE));
    data.put("h\u00e9\0".getBytes(StandardCharsets.ISO_8859_1));
    data.put("h\u00e9\0".getBytes(StandardCharsets.UTF_8));
    data.putShort((short) 2).put("x".getBytes(StandardCharsets.UTF_16LE));
    data.putShort((short) 1).put((byte) 'y');
    data.putShort((short) 2).put((byte) 1).put((byte) 0xAB);
    data.putShort((short) 0);
    Guid guid = Guid.ofProviderName("MySource");
    data.putLong(guid.low()).putLong(guid.high());
    data.putLong(116_444_736_000_000_000L + 15_000_000);
    for (int part : new int[] {2025, 11, 4, 27, 1, 2, 3, 4}) {
      data.putShort((short) part);
    }
    data.put((byte) 1).put((byte) 2).put(new byte[] {0, 0, 0, 0, 0, 5}).putInt(32).putInt(544);
    assertThat(decoded(true))
        .containsExactly(
            "w=hé",
            "a=hé",
            "u=hé",
            "cw=x",
            "ca=y",
            "bin=01ab",
            "cbin=",
            "g=a61ea624-4944-55fc-c2a8-37838829438d",
            "ft=1970-01-01T00:00:01.500Z",
            "st=2025-11-27T01:02:03.004",
            "sid=S-1-5-32-544");
  }

  @Test
  void decodesStructsInArraysInStructs() {
    field("s", 0x80 | 24, 2).field("inner", 0x80 | 0x40 | 24, 2).field("x", 4);
    field("twice", 0x20 | 6, 2, 0).field("y", 4).field("none", 0x40 | 0x80 | 24, 1);
    field("never", 8).field("z", 4);
    data.putShort((short) 2);
    data.put((byte) 1).putShort((short) 10).putShort((short) 11);
    data.put((byte) 2).putShort((short) 20).putShort((short) 21);
    data.put((byte) 3).putShort((short) 0).put((byte) 4);
    assertThat(String.join(" ", decoded(true)))
        .isEqualTo(
            "s { inner [  { x=1 twice [ =10 =11 ] }  { x=2 twice [ =20 =21 ] } ] y=3 }"
                + " none [ ] z=4");
  }

  @Test
  void stopsWhereThePayloadEnds() {
    field("a", 4).field("b", 8);
    data.put((byte) 9).put((byte) 1);
    assertThat(decoded(false)).containsExactly("a=9");
  }

  @Test
  void emptyStructsInArraysDoNotMultiplyWithoutEnd() {
    for (int depth = 0; depth < 20; depth++) {
      field("s" + depth, 0x80 | 0x20 | 24, 1, 0xFF, 0xFF);
    }
    field("end", 0x80 | 24, 0);
    assertThat(decoded(false)).hasSizeLessThan(10_000);
  }

  @Test
  void brokenSchemasAreNone() {
    byte[] good = EtlWriter.schema("Event", new byte[] {'a', 0, 8});
    assertThat(EventSchema.parse(good, 0, good.length)).isNotNull();
    for (int length = 0; length < good.length; length++) {
      assertThat(EventSchema.parse(good, 0, length)).isNull();
    }
    byte[] unknownType = EtlWriter.schema("Event", new byte[] {'a', 0, 31});
    assertThat(EventSchema.parse(unknownType, 0, unknownType.length)).isNull();
  }
}
