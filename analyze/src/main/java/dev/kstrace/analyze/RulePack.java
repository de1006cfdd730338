package dev.kstrace.analyze;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.jspecify.annotations.Nullable;

/** The rules that come with the tool, each one a .sql file in {@code dev/kstrace/rules}. */
public final class RulePack {
  /** Ids of the built-in rules: the order of the documentation, by subject. */
  public static final List<String> IDS =
      List.of(
          "callback-without-initialize",
          "use-after-delete",
          "double-delete",
          "allocator-not-deleted",
          "delete-after-failed-initialize",
          "null-context",
          "shared-context",
          "illegal-initialize-status",
          "incomplete-dispatch-table",
          "initialize-without-dispatch",
          "initialize-on-closed-pin",
          "callback-after-pin-close",
          "frames-outstanding-at-delete",
          "double-free",
          "free-of-unknown-frame",
          "free-through-wrong-allocator",
          "free-null",
          "frame-leak",
          "interior-free",
          "duplicate-live-address",
          "overlapping-frames",
          "outstanding-exceeds-frames",
          "allocate-beyond-failure",
          "repeated-allocation-failure",
          "outstanding-growth",
          "frames-outstanding-at-stop",
          "frame-held-too-long",
          "user-address-from-kernel-allocator",
          "allocation-churn",
          "frame-smaller-than-framing",
          "frame-misaligned",
          "alignment-not-a-mask",
          "alignment-too-large",
          "zero-frame-size-on-create",
          "reserved-not-zero",
          "unknown-option-bits",
          "pool-type-outside-contract",
          "system-memory-flag-missing",
          "memory-type-pool-mismatch",
          "size-outside-pin-range",
          "frames-below-pin-request",
          "invalid-range",
          "invalid-compression-ratio",
          "framing-inconsistent",
          "irql-not-restored",
          "paged-pool-at-high-irql",
          "irql-above-dispatch",
          "lifecycle-not-at-passive",
          "slow-callback",
          "delete-overlaps-use",
          "concurrent-calls",
          "kernel-allocator-on-user-connection",
          "illegal-state-step",
          "allocate-in-stop",
          "allocator-traffic-on-nonstandard-pin",
          "starvation",
          "pending-allocation-lost",
          "waiter-not-served",
          "allocator-never-used",
          "sequence-gap",
          "events-lost",
          "inconsistent-result",
          "unresolved-alloc-id",
          "allocator-pool-leak",
          "kernel-routine-misuse");

  private static final String FOLDER = "/dev/kstrace/rules/";

  private RulePack() {}

  /** All built-in rules. */
  public static List<Rule> builtIn() {
    List<Rule> rules = new ArrayList<>();
    try {
      JarFile jar = jar();
      for (String id : IDS) {
        String name = FOLDER + id + ".sql";
        rules.add(RuleFile.parse(null, id, jar == null ? resource(name) : entry(jar, name)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the built-in rules", e);
    }
    return List.copyOf(rules);
  }

  /** The jar with the rules, which is not ours to close; null where they lie in a folder. */
  private static @Nullable JarFile jar() throws IOException {
    URL first = RulePack.class.getResource(FOLDER + IDS.get(0) + ".sql");
    return first != null && first.openConnection() instanceof JarURLConnection connection
        ? connection.getJarFile()
        : null;
  }

  /** Reads what a jar holds without looking for the jar again: there are many rules. */
  private static String entry(JarFile jar, String name) throws IOException {
    ZipEntry entry = jar.getEntry(name.substring(1));
    if (entry == null) {
      throw new IllegalStateException("not in the jar, resource=" + name);
    }
    try (InputStream in = jar.getInputStream(entry)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** The ids of the built-in rules. */
  public static List<String> ids() {
    return IDS;
  }

  /** The rule that a finding names; one of the rules that were run. */
  public static Rule named(String id, List<Rule> rules) {
    return rules.stream().filter(rule -> rule.id().equals(id)).findFirst().orElseThrow();
  }

  static String resource(String name) {
    try (InputStream in = RulePack.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("not on the class path, resource=" + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read resource=" + name, e);
    }
  }
}
