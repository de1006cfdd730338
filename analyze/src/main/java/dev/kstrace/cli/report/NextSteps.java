package dev.kstrace.cli.report;

import dev.kstrace.analyze.Finding;
import dev.kstrace.capture.sim.Fault;
import dev.kstrace.capture.sim.Profile;
import dev.kstrace.replay.ReplayEngine;
import dev.kstrace.traces.Escapes;
import dev.kstrace.traces.TraceMetadata;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Command lines that lead on from a finding, for the shell of a folder in which the trace lies.
 * Immutable.
 */
final class NextSteps {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_.][A-Za-z0-9_.+-]*");

  private final String file;
  private final String target;

  NextSteps(Path trace, TraceMetadata metadata) {
    file = quoted(String.valueOf(trace.getFileName()));
    target = target(metadata);
  }

  /** The whole story of the blamed event. */
  String explain(Finding finding) {
    return "kstrace explain " + file + " " + Long.toUnsignedString(finding.seq());
  }

  /** The statement whose rows are what happened around a finding. */
  String sql(Finding finding) {
    String columns =
        "SELECT seq, op, ms(t_entry) AS ms, thread, irql_entry, hex(frame) AS frame,"
            + " frame_state, related_seq, live_after\nFROM calls\nWHERE ";
    if (finding.frame() != null && finding.frame() != 0) {
      String frame = Long.toUnsignedString(finding.frame());
      return columns + "frame = " + frame + "\nORDER BY seq";
    }
    if (finding.allocId() != null) {
      return columns + "alloc_id = " + finding.allocId() + "\nORDER BY seq";
    }
    String seq = Long.toUnsignedString(finding.seq());
    return "SELECT seq, op, ms(t_entry) AS ms, thread, hex(pin) AS pin, detail\nFROM events\n"
        + ("WHERE seq <= " + seq + "\nORDER BY seq DESC\nLIMIT 20");
  }

  /** The command that runs {@link #sql}. */
  String query(Finding finding) {
    return "kstrace query " + file + " \"" + sql(finding) + "\"";
  }

  /** Drives the allocator through the recorded calls again. */
  String replay() {
    return "kstrace replay " + file + " --target " + target + " -o again.arrow";
  }

  /** Makes the smallest trace that still shows a finding. */
  String minimize(Finding finding) {
    return "kstrace minimize "
        + file
        + " --rule "
        + finding.rule()
        + " --fingerprint "
        + finding.fingerprint()
        + " -o small.arrow";
  }

  /** A name as a shell takes it; a stand-in for one that cannot be typed. */
  private static String quoted(String name) {
    if (PLAIN.matcher(name).matches()) {
      return name;
    }
    boolean typable = Escapes.escape(name).equals(name) && !name.startsWith("-");
    return typable && !name.contains("'") ? "'" + name + "'" : "FILE";
  }

  private static String target(TraceMetadata metadata) {
    String known = metadata.get(ReplayEngine.TARGET_KEY);
    if (known != null && known.startsWith("sim:") && PLAIN.matcher(known.substring(4)).matches()) {
      return known;
    }
    String profile = metadata.get("kstrace.profile");
    boolean simulated = Arrays.stream(Profile.values()).anyMatch(p -> p.id().equals(profile));
    return simulated
        ? "sim:" + profile + faults(metadata.get("kstrace.fault"))
        : "native:YOUR_DRIVER.so";
  }

  /** The recorded faults that are the allocator's own. */
  private static String faults(@Nullable String recorded) {
    StringBuilder faults = new StringBuilder();
    for (Fault fault : Fault.values()) {
      boolean own = fault.side() == Fault.Side.ALLOCATOR;
      if (own && recorded != null && ("," + recorded + ",").contains("," + fault.id() + ",")) {
        faults.append('+').append(fault.id());
      }
    }
    return faults.toString();
  }
}
