package dev.kstrace.analyze.minimize;

import dev.kstrace.traces.Framing;
import dev.kstrace.traces.TraceEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the smallest trace that still shows something: leaves out whole allocators, pins,
 * threads, frame lifetimes and single events, makes the numbers of the framings small, and begins
 * again until a whole round changes nothing. The result is 1-minimal: none of these parts can be
 * left out alone. Deterministic; not thread-safe.
 */
public final class Minimizer {
  private final Trial trial;
  private final Progress progress;
  private final BooleanSupplier goOn;
  private List<TraceEvent> best;
  private final int original;
  private long tries;

  /** Is told after each try. */
  @FunctionalInterface
  public interface Progress {
    /**
     * A try is over.
     *
     * @param original events at the beginning
     * @param best events of the smallest trace so far
     * @param tries so far
     */
    void tried(int original, int best, long tries);
  }

  private Minimizer(List<TraceEvent> events, Trial trial, BooleanSupplier goOn, Progress progress) {
    this.best = renumbered(events);
    this.original = events.size();
    this.trial = trial;
    this.goOn = goOn;
    this.progress = progress;
  }

  /**
   * The result.
   *
   * @param events what is left, {@code seq} from 1 on
   * @param tries how often the trial was asked
   * @param finished false where the search was ended before it was minimal
   */
  public record Result(List<TraceEvent> events, long tries, boolean finished) {}

  /**
   * Minimizes.
   *
   * @param events what to begin with
   * @param trial what must remain true
   * @param goOn asked before each try; false ends the search with the best so far
   * @return null where the events do not show it in the first place
   * @throws IOException if the trial fails
   */
  public static @Nullable Result minimize(
      List<TraceEvent> events, Trial trial, BooleanSupplier goOn, Progress progress)
      throws IOException {
    Minimizer minimizer = new Minimizer(events, trial, goOn, progress);
    minimizer.tries++;
    if (!trial.shows(minimizer.best)) {
      return null;
    }
    boolean finished = minimizer.search();
    return new Result(minimizer.best, minimizer.tries, finished);
  }

  private boolean search() throws IOException {
    List<TraceEvent> before;
    do {
      before = best;
      for (Units.Step step : Units.Step.values()) {
        leaveOut(step);
      }
      simplifyFramings(); // fewer Frames may need fewer events
    } while (best != before && goOn.getAsBoolean());
    return goOn.getAsBoolean();
  }

  private void leaveOut(Units.Step step) throws IOException {
    List<TraceEvent> whole = best;
    List<List<Integer>> units = new Units(whole).of(step);
    Ddmin.minimize(units, kept -> accept(without(whole, units, kept)));
  }

  /** The events but for those of the units that are not kept. */
  private static List<TraceEvent> without(
      List<TraceEvent> whole, List<List<Integer>> units, List<List<Integer>> kept) {
    BitSet dropped = new BitSet(whole.size());
    units.forEach(unit -> unit.forEach(dropped::set));
    kept.forEach(unit -> unit.forEach(dropped::clear));
    List<TraceEvent> left = new ArrayList<>(whole.size() - dropped.cardinality());
    for (int i = dropped.nextClearBit(0); i < whole.size(); i = dropped.nextClearBit(i + 1)) {
      left.add(whole.get(i));
    }
    return left;
  }

  /** Tries a candidate and keeps it if it still shows what is looked for. */
  private boolean accept(List<TraceEvent> candidate) throws IOException {
    if (!goOn.getAsBoolean()) {
      return false;
    }
    List<TraceEvent> events = renumbered(candidate);
    tries++;
    boolean shows = trial.shows(events);
    if (shows) {
      best = events;
    }
    progress.tried(original, best.size(), tries);
    return shows;
  }

  /** A hole in {@code seq} would read as lost events. */
  private static List<TraceEvent> renumbered(List<TraceEvent> events) {
    List<TraceEvent> renumbered = new ArrayList<>(events.size());
    for (TraceEvent event : events) {
      renumbered.add(event.withSeq(renumbered.size() + 1L));
    }
    return List.copyOf(renumbered);
  }

  private void simplifyFramings() throws IOException {
    for (int i = 0; i < best.size(); i++) {
      for (Member member : Member.values()) {
        simplify(i, member);
      }
    }
  }

  /** The numbers of a framing. */
  private enum Member {
    OPTIONS_FLAGS,
    POOL_TYPE,
    FRAMES,
    FRAME_SIZE,
    FILE_ALIGNMENT,
    RESERVED;

    /** The simplest value: no FrameSize at all would be a finding of its own. */
    int least() {
      return this == FRAME_SIZE ? 1 : 0;
    }

    int of(Framing f) {
      return switch (this) {
        case OPTIONS_FLAGS -> f.optionsFlags();
        case POOL_TYPE -> f.poolType();
        case FRAMES -> f.frames();
        case FRAME_SIZE -> f.frameSize();
        case FILE_ALIGNMENT -> f.fileAlignment();
        case RESERVED -> f.reserved();
      };
    }

    Framing with(Framing f, int value) {
      return new Framing(
          this == OPTIONS_FLAGS ? value : f.optionsFlags(),
          this == POOL_TYPE ? value : f.poolType(),
          this == FRAMES ? value : f.frames(),
          this == FRAME_SIZE ? value : f.frameSize(),
          this == FILE_ALIGNMENT ? value : f.fileAlignment(),
          this == RESERVED ? value : f.reserved());
    }
  }

  private void simplify(int event, Member member) throws IOException {
    Framing framing = best.get(event).framing();
    int least = member.least();
    if (framing == null
        || Integer.compareUnsigned(member.of(framing), least) <= 0
        || accept(with(event, member, least))) {
      return;
    }
    IntUnaryOperator half = value -> value >>> 1;
    int value = half.applyAsInt(member.of(framing));
    while (value != 0 && accept(with(event, member, value))) {
      value = half.applyAsInt(value);
    }
  }

  private List<TraceEvent> with(int event, Member member, int value) {
    List<TraceEvent> changed = new ArrayList<>(best);
    TraceEvent old = best.get(event);
    changed.set(
        event,
        old.withFraming(member.with(java.util.Objects.requireNonNull(old.framing()), value)));
    return changed;
  }
}
