package dev.kstrace.capture.etl;

/** Takes the fields of a decoded payload. Names are empty inside arrays. */
public interface FieldVisitor {
  /** A number of at most 32 bits. */
  void number(String name, long value);

  /** A number of 64 bits. */
  void wide(String name, long value, boolean unsigned);

  /** A pointer or a word of flags. */
  void hex(String name, long value);

  /** A floating-point number. */
  void real(String name, double value);

  /** A boolean. */
  void flag(String name, boolean value);

  /** A text, or what is shown as one: a GUID, a time, a security identifier. */
  void text(String name, String value);

  /** Bytes without a meaning. */
  void bytes(String name, byte[] value);

  /** A struct or an array begins. */
  void begin(String name, boolean array);

  /** It ends. */
  void end(boolean array);
}
