package dev.kstrace.analyze;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.duckdb.DuckDBColumnType;
import org.duckdb.DuckDBWritableVector;
import org.jspecify.annotations.Nullable;

/**
 * One column of the chunk that DuckDB wants filled.
 *
 * <p>The driver's public setters check and mark every single value, and take an object for an
 * unsigned 64-bit number. This class writes into the vector's two buffers where it can reach them
 * and uses the setters where it cannot. Not thread-safe.
 */
final class VectorSink {
  private static final @Nullable MethodHandle DATA = getter("data");
  private static final @Nullable MethodHandle VALIDITY = getter("validity");
  private static final byte[] ALL_VALID = new byte[2048 / 8];

  static {
    Arrays.fill(ALL_VALID, (byte) 0xFF);
  }

  private final DuckDBWritableVector vector;
  private final DuckDBColumnType type;
  private final @Nullable ByteBuffer data;
  private final @Nullable ByteBuffer validity;

  VectorSink(DuckDBWritableVector vector, int rows) {
    this.vector = vector;
    this.type = vector.getType();
    ByteBuffer values = buffer(DATA, vector);
    ByteBuffer bits = buffer(VALIDITY, vector);
    boolean direct =
        type != DuckDBColumnType.VARCHAR
            && values != null
            && bits != null
            && bits.capacity() * 8 >= rows;
    this.data = direct ? values : null;
    this.validity = direct ? bits : null;
    if (validity != null) {
      validity.put(0, ALL_VALID, 0, Math.min(ALL_VALID.length, validity.capacity()));
    }
  }

  private static @Nullable MethodHandle getter(String field) {
    try {
      return MethodHandles.privateLookupIn(DuckDBWritableVector.class, MethodHandles.lookup())
          .findGetter(DuckDBWritableVector.class, field, ByteBuffer.class);
    } catch (ReflectiveOperationException e) {
      return null;
    }
  }

  private static @Nullable ByteBuffer buffer(
      @Nullable MethodHandle handle, DuckDBWritableVector vector) {
    try {
      return handle == null ? null : (ByteBuffer) handle.invokeExact(vector);
    } catch (Throwable e) {
      return null;
    }
  }

  /**
   * Where the numbers of the column lie, each as wide as its type, to be filled at once; null where
   * they cannot be reached, and have to be put one by one.
   */
  @Nullable ByteBuffer values() {
    return data;
  }

  /** Stores a whole number in a BIGINT, UBIGINT, INTEGER or UTINYINT column. */
  void put(int row, long value) {
    ByteBuffer target = data;
    if (target == null) {
      putChecked(row, value);
      return;
    }
    switch (type) {
      case BIGINT, UBIGINT -> target.putLong(row * Long.BYTES, value);
      case INTEGER, UINTEGER -> target.putInt(row * Integer.BYTES, (int) value);
      default -> target.put(row, (byte) value);
    }
  }

  private void putChecked(int row, long value) {
    switch (type) {
      case BIGINT -> vector.setLong(row, value);
      case UBIGINT -> vector.setUint64(row, new BigInteger(Long.toUnsignedString(value)));
      case INTEGER -> vector.setInt(row, (int) value);
      case UINTEGER -> vector.setUint32(row, value & 0xFFFFFFFFL);
      case UTINYINT -> vector.setUint8(row, (int) value);
      case BOOLEAN -> vector.setBoolean(row, value != 0);
      default -> throw new IllegalStateException("no number column, type=" + type);
    }
  }

  /** Stores a truth value in a BOOLEAN column. */
  void put(int row, boolean value) {
    put(row, value ? 1 : 0);
  }

  /** Stores a text in a VARCHAR column; null is NULL. */
  void put(int row, @Nullable String value) {
    if (value == null) {
      vector.setNull(row);
    } else {
      vector.setString(row, value);
    }
  }

  /** Stores NULL. */
  void putNull(int row) {
    ByteBuffer bits = validity;
    if (bits == null) {
      vector.setNull(row);
    } else {
      int at = row >> 3;
      bits.put(at, (byte) (bits.get(at) & ~(1 << (row & 7))));
    }
  }
}
