package dev.kstrace.capture.etl;

import dev.kstrace.traces.Detail;
import dev.kstrace.traces.Hex;

/** Puts plain fields into a detail, which is flat; members of structs and arrays are left out. */
final class DetailVisitor implements FieldVisitor {
  private final Detail.Builder detail;
  private int depth;

  DetailVisitor(Detail.Builder detail) {
    this.detail = detail;
  }

  @Override
  public void number(String name, long value) {
    if (depth == 0) {
      detail.put(name, value);
    }
  }

  @Override
  public void wide(String name, long value, boolean unsigned) {
    text(name, unsigned ? Long.toUnsignedString(value) : Long.toString(value));
  }

  @Override
  public void hex(String name, long value) {
    text(name, Hex.of(value));
  }

  @Override
  public void real(String name, double value) {
    text(name, Double.toString(value));
  }

  @Override
  public void flag(String name, boolean value) {
    if (depth == 0) {
      detail.put(name, value);
    }
  }

  @Override
  public void text(String name, String value) {
    if (depth == 0) {
      detail.put(name, value);
    }
  }

  @Override
  public void bytes(String name, byte[] value) {
    text(name, java.util.HexFormat.of().formatHex(value));
  }

  @Override
  public void begin(String name, boolean array) {
    depth++;
  }

  @Override
  public void end(boolean array) {
    depth--;
  }
}
