package dev.kstrace.cli.export;

import dev.kstrace.traces.Hex;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a viewer shows beside a slice or an instant when it is selected. Not thread-safe. */
final class Args {
  /**
   * One of them.
   *
   * @param value Long or String
   */
  record Arg(String name, Object value) {}

  private final List<Arg> all = new ArrayList<>();

  List<Arg> all() {
    return all;
  }

  /** Makes it empty, for the next slice. */
  Args clear() {
    all.clear();
    return this;
  }

  /** Adds a number; null adds nothing. */
  Args number(String name, @Nullable Long value) {
    return add(name, value);
  }

  /**
   * Adds an address, as a text: some viewers keep only half of the pointers of their own format.
   * Null adds nothing.
   */
  Args address(String name, @Nullable Long value) {
    return add(name, value == null ? null : Hex.of(value));
  }

  /** Adds a text; null adds nothing. */
  Args text(String name, @Nullable String value) {
    return add(name, value);
  }

  private Args add(String name, @Nullable Object value) {
    if (value != null) {
      all.add(new Arg(name, value));
    }
    return this;
  }
}
