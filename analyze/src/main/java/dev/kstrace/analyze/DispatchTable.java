package dev.kstrace.analyze;

import dev.kstrace.traces.Detail;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The KSALLOCATOR_DISPATCH of a pin as a pin_create may record it: key {@code dispatch}, an object
 * of the four pointers, each a text such as "0x0" or a number; 0 = NULL.
 */
final class DispatchTable {
  private static final List<String> MEMBERS =
      List.of("initialize_allocator", "delete_allocator", "allocate", "free");

  private DispatchTable() {}

  /** The members that are NULL, by name; empty = none is, null = no table was recorded. */
  static @Nullable String missing(Detail pinCreate) {
    Detail table = pinCreate.object("dispatch");
    if (table == null) {
      return null;
    }
    List<String> missing = new ArrayList<>();
    for (String member : MEMBERS) {
      String pointer = table.text(member);
      Long number = table.number(member);
      boolean isNull =
          pointer == null ? number != null && number == 0 : pointer.matches("0[xX]0+|0+");
      if (isNull) {
        missing.add(member);
      }
    }
    return String.join(", ", missing);
  }
}
