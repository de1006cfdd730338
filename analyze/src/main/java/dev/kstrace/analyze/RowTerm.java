package dev.kstrace.analyze;

import dev.kstrace.analyze.TableDef.ColumnDef;
import dev.kstrace.analyze.TableDef.SqlType;
import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An expression over one row of a table, as far as it can be told without the database.
 *
 * <p>A value is a BigInteger, a String, a Boolean, null for NULL, or {@link #UNKNOWN}, which may
 * stand for any of them. What is told is what DuckDB would say; in doubt it is UNKNOWN.
 */
interface RowTerm {
  /** A value that only the database knows. */
  Object UNKNOWN = new Object();

  /** The value for a row as {@link TraceFacts#rows} gives it. */
  @Nullable Object in(@Nullable Object[] row);

  /** Whether a row with these values could pass the term as a condition. */
  default boolean mayHold(@Nullable Object[] row) {
    Object value = in(row);
    return value != null && !Boolean.FALSE.equals(value);
  }

  /** Whether a row could pass all of some conditions. */
  static boolean allMayHold(List<RowTerm> conditions, @Nullable Object[] row) {
    for (RowTerm condition : conditions) {
      if (!condition.mayHold(row)) {
        return false;
      }
    }
    return true;
  }

  /** A value that is the same for all rows. */
  record Constant(@Nullable Object value) implements RowTerm {
    @Override
    public @Nullable Object in(@Nullable Object[] row) {
      return value;
    }
  }

  /** A column of the table. */
  record Column(int index, ColumnDef column) implements RowTerm {
    @Override
    public @Nullable Object in(@Nullable Object[] row) {
      Object value = row[index];
      if (!(value instanceof Long number)) {
        return value;
      }
      if (!Labels.of(column.type()).isEmpty()) {
        String label = Labels.of(column.type()).get(number);
        return label == null ? UNKNOWN : label;
      }
      return column.type() == SqlType.UBIGINT
          ? new BigInteger(Long.toUnsignedString(number))
          : BigInteger.valueOf(number);
    }
  }

  /** Two terms and a sign between them: a comparison, {@code +}, {@code -} or {@code &}. */
  record Binary(String sign, RowTerm left, RowTerm right) implements RowTerm {
    @Override
    public @Nullable Object in(@Nullable Object[] row) {
      Object a = left.in(row);
      Object b = right.in(row);
      if (a == null || b == null) {
        return null;
      }
      if (a instanceof BigInteger x && b instanceof BigInteger y) {
        return numbers(x, y);
      }
      boolean alike = a instanceof String && b instanceof String;
      if (alike || (a instanceof Boolean && b instanceof Boolean)) {
        return switch (sign) {
          case "=" -> a.equals(b);
          case "<>", "!=" -> !a.equals(b);
          default -> UNKNOWN;
        };
      }
      return UNKNOWN;
    }

    private Object numbers(BigInteger x, BigInteger y) {
      int order = x.compareTo(y);
      return switch (sign) {
        case "=" -> order == 0;
        case "<>", "!=" -> order != 0;
        case "<" -> order < 0;
        case "<=" -> order <= 0;
        case ">" -> order > 0;
        case ">=" -> order >= 0;
        case "+" -> x.add(y);
        case "-" -> x.subtract(y);
        case "&" -> x.signum() < 0 || y.signum() < 0 ? UNKNOWN : x.and(y);
        default -> UNKNOWN;
      };
    }
  }

  /** {@code IS NULL}. */
  record IsNull(RowTerm term) implements RowTerm {
    @Override
    public Object in(@Nullable Object[] row) {
      Object value = term.in(row);
      return value == UNKNOWN ? UNKNOWN : value == null;
    }
  }

  /** {@code NOT}. */
  record Not(RowTerm term) implements RowTerm {
    @Override
    public @Nullable Object in(@Nullable Object[] row) {
      Object value = term.in(row);
      return value instanceof Boolean truth
          ? Boolean.valueOf(!truth)
          : value == null ? null : UNKNOWN;
    }
  }

  /** Several conditions joined by AND, or by OR. */
  record Joined(boolean and, List<RowTerm> terms) implements RowTerm {
    @Override
    public @Nullable Object in(@Nullable Object[] row) {
      boolean known = true;
      boolean none = false;
      for (RowTerm term : terms) {
        Object value = term.in(row);
        if (value instanceof Boolean truth) {
          if (truth != and) {
            return truth;
          }
        } else {
          none |= value == null;
          known &= value == null;
        }
      }
      return !known ? UNKNOWN : none ? null : (Object) and;
    }

    @Override
    public boolean mayHold(@Nullable Object[] row) {
      if (and) {
        return allMayHold(terms, row);
      }
      for (RowTerm term : terms) {
        if (term.mayHold(row)) {
          return true;
        }
      }
      return false;
    }
  }
}
