package dev.kstrace.cli;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** Values of {@code --param}: {@code name=value}, typed by how the value is written. */
final class SqlParameters {
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
  private static final Pattern WHOLE = Pattern.compile("[+-]?\\d{1,38}");
  private static final Pattern HEX = Pattern.compile("0[xX][0-9a-fA-F]{1,16}");
  private static final Pattern EXACT = Pattern.compile("[+-]?\\d{1,19}\\.\\d{1,18}");
  private static final Pattern ROUGH = Pattern.compile("[+-]?\\d+(\\.\\d+)?[eE][+-]?\\d+");

  private SqlParameters() {}

  /**
   * The values by name.
   *
   * @throws UserError if one has no name, or two have the same
   */
  static Map<String, Object> parse(List<String> arguments) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      String name = equals < 0 ? "" : argument.substring(0, equals);
      if (!NAME.matcher(name).matches()) {
        throw UserError.usage(
            "--param "
                + argument
                + " is not name=value; expected a name of letters, digits and _, such as seq=57");
      }
      if (values.put(name, value(argument.substring(equals + 1))) != null) {
        throw UserError.usage("--param " + name + " is given twice");
      }
    }
    return values;
  }

  /** Long, BigInteger, BigDecimal, Double or Boolean where it looks like one, else the text. */
  static Object value(String text) {
    if (text.length() >= 2 && text.startsWith("'") && text.endsWith("'")) {
      return text.substring(1, text.length() - 1).replace("''", "'");
    }
    if (WHOLE.matcher(text).matches()) {
      return narrowed(new BigInteger(text.startsWith("+") ? text.substring(1) : text));
    }
    if (HEX.matcher(text).matches()) {
      return narrowed(new BigInteger(text.substring(2), 16));
    }
    if (EXACT.matcher(text).matches()) {
      return new BigDecimal(text);
    }
    if (ROUGH.matcher(text).matches()) {
      return Double.valueOf(text);
    }
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> text;
    };
  }

  private static Object narrowed(BigInteger number) {
    return number.bitLength() < Long.SIZE ? (Object) number.longValue() : number;
  }
}
