package dev.kstrace.capture.etl;

import java.util.HexFormat;
import java.util.List;

/** Collects fields as text. */
record TextVisitor(List<String> lines) implements FieldVisitor {
  @Override
  public void number(String name, long value) {
    lines.add(name + "=" + value);
  }

  @Override
  public void wide(String name, long value, boolean unsigned) {
    lines.add(name + "=" + (unsigned ? Long.toUnsignedString(value) : Long.toString(value)) + "L");
  }

  @Override
  public void hex(String name, long value) {
    lines.add(name + "=0x" + Long.toHexString(value));
  }

  @Override
  public void real(String name, double value) {
    lines.add(name + "=" + value);
  }

  @Override
  public void flag(String name, boolean value) {
    lines.add(name + "=" + value);
  }

  @Override
  public void text(String name, String value) {
    lines.add(name + "=" + value);
  }

  @Override
  public void bytes(String name, byte[] value) {
    lines.add(name + "=" + HexFormat.of().formatHex(value));
  }

  @Override
  public void begin(String name, boolean array) {
    lines.add(name + (array ? " [" : " {"));
  }

  @Override
  public void end(boolean array) {
    lines.add(array ? "]" : "}");
  }
}
