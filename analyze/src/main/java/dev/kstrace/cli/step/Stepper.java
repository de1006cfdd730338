package dev.kstrace.cli.step;

import dev.kstrace.analyze.config.Names;
import dev.kstrace.analyze.explore.ReplayJudging;
import dev.kstrace.cli.shell.Lines;
import dev.kstrace.cli.text.Words;
import dev.kstrace.replay.Recording;
import dev.kstrace.replay.ReplaySession;
import dev.kstrace.replay.ReplayTarget;
import dev.kstrace.traces.Escapes;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Op;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Moves a replay as it is told, one command a line, and shows what is there. A command that cannot
 * be carried out says why and changes nothing. Not thread-safe.
 */
public final class Stepper {
  private final Path file;
  private final Recording recording;
  private final Supplier<ReplayTarget> targets;
  private final ReplaySession session;
  private final ReplayJudging judging;
  private final PrintStream out;
  private final StepView view;
  private final List<Break> breaks = new ArrayList<>();
  private @Nullable List<ReplayedFindings.Entry> findings;

  /** A command that cannot be carried out; the message says why. */
  private static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Refused(String message) {
      this(message, null);
    }

    Refused(String message, @Nullable Throwable cause) {
      super(message, cause, false, false);
    }
  }

  /**
   * A stepper in front of the first event.
   *
   * @param file where the recording was read from
   * @param targets makes fresh targets of one kind
   * @param session of the recording and such targets
   * @param judging what rules say of what a target does
   */
  public Stepper(
      Path file,
      Recording recording,
      Supplier<ReplayTarget> targets,
      ReplaySession session,
      ReplayJudging judging,
      PrintStream out) {
    this.file = file;
    this.recording = recording;
    this.targets = targets;
    this.session = session;
    this.judging = judging;
    this.out = out;
    this.view = new StepView(recording, session, out);
  }

  /** Goes behind an event and shows it; false, with a word of why, where there is none. */
  public boolean begin(String seq) throws IOException {
    try {
      move(place(seq));
      return true;
    } catch (Refused e) {
      out.println(Escapes.escape(String.valueOf(e.getMessage())));
      return false;
    }
  }

  /** Reads and answers to the end of the input, or {@code quit}. */
  public void run(Lines lines) throws IOException {
    for (String line = lines.read(); line != null; line = lines.read()) {
      List<String> words = Arrays.asList(line.strip().split("\\s+", -1));
      if (words.get(0).isEmpty() || words.get(0).startsWith("#")) {
        continue;
      }
      String word = StepCommand.of(words.get(0));
      if ("quit".equals(word)) {
        return;
      }
      try {
        answer(word, words);
      } catch (Refused e) {
        out.println(Escapes.escape(String.valueOf(e.getMessage())));
      }
      out.flush();
    }
  }

  private void answer(@Nullable String word, List<String> words) throws IOException {
    List<String> rest = words.subList(1, words.size());
    if (word == null) {
      throw new Refused("there is no " + words.get(0) + "; help lists all");
    }
    switch (word) {
      case "step" -> move((long) session.place() + count(rest, 1));
      case "back" -> move((long) session.place() - count(rest, 1));
      case "goto" -> move(place(one(rest, "goto SEQ, start or end")));
      case "mark" -> mark(String.join(" ", rest));
      case "continue" -> goOn();
      case "break" -> addBreak(rest);
      case "breaks" -> breaks();
      case "delete" -> delete(rest);
      case "where" -> view.where();
      case "list" -> view.list(count(rest, 5));
      case "frames" -> view.frames();
      case "allocators" -> view.allocators();
      case "pool" -> view.pool();
      case "findings" -> findings();
      default -> help();
    }
  }

  private void move(long wanted) throws IOException {
    session.moveTo((int) Math.max(0, Math.min(wanted, recording.rows())));
    view.where();
  }

  private static int count(List<String> words, int otherwise) {
    if (words.isEmpty()) {
      return otherwise;
    }
    boolean number = words.size() == 1 && words.get(0).matches("[0-9]{1,9}");
    if (!number) {
      throw new Refused(String.join(" ", words) + ": expected a number of events");
    }
    return Integer.parseInt(words.get(0));
  }

  private static String one(List<String> words, String usage) {
    if (words.size() != 1) {
      throw new Refused("expected " + usage);
    }
    return words.get(0);
  }

  /** The place behind an event. */
  private int place(String text) {
    if (text.equals("start")) {
      return 0;
    }
    if (text.equals("end")) {
      return recording.rows();
    }
    long seq;
    try {
      seq = Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      throw new Refused(text + ": expected a seq, start or end", e);
    }
    return row(seq) + 1;
  }

  private int row(long seq) {
    EventBatch events = recording.events();
    for (int row = 0; row < recording.rows(); row++) {
      if (events.seq(row) == seq) {
        return row;
      }
    }
    throw new Refused("the recording has no seq " + Long.toUnsignedString(seq));
  }

  private void mark(String text) throws IOException {
    EventBatch events = recording.events();
    for (int row = session.place(); row < recording.rows(); row++) {
      String detail = events.op(row) == Op.MARK.code() ? events.detail(row) : null;
      if (events.op(row) == Op.MARK.code()
          && (text.isEmpty() || (detail != null && detail.contains(text)))) {
        move(row + 1L);
        return;
      }
    }
    throw new Refused("no mark" + (text.isEmpty() ? "" : " with " + text) + " comes behind here");
  }

  private void goOn() throws IOException {
    int end = recording.rows();
    String why = "end of the recording";
    for (int row = session.place(); row < end; row++) {
      for (Break each : breaks) {
        if (each.hits().test(row)) {
          end = row + 1;
          why = "break " + each.text();
          break;
        }
      }
    }
    boolean watched = breaks.stream().anyMatch(Break::divergence);
    if (watched && session.moveToDivergence(end)) {
      why = "break divergence";
    } else {
      session.moveTo(end);
    }
    if (session.death() == null) {
      out.println(Escapes.escape(why));
    }
    view.where();
  }

  private void addBreak(List<String> words) throws IOException {
    String usage = "break rule ID, context ADDRESS, frame ADDRESS, seq SEQ or divergence";
    String kind = words.isEmpty() ? "" : words.get(0);
    EventBatch events = recording.events();
    String text = String.join(" ", words);
    if (kind.equals("divergence") && words.size() == 1) {
      breaks.add(new Break(text, row -> false, true));
    } else if (words.size() != 2) {
      throw new Refused("expected " + usage);
    } else {
      String value = words.get(1);
      switch (kind) {
        case "rule" -> breaks.add(ofRule(value));
        case "context" -> {
          long wanted = address(value);
          int bit = EventBatch.CONTEXT;
          breaks.add(
              new Break(text, r -> events.has(r, bit) && events.context(r) == wanted, false));
        }
        case "frame" -> {
          long wanted = address(value);
          int bit = EventBatch.FRAME;
          breaks.add(new Break(text, r -> events.has(r, bit) && events.frame(r) == wanted, false));
        }
        case "seq" -> {
          int wanted = place(value) - 1;
          breaks.add(new Break(text, row -> row == wanted, false));
        }
        default -> throw new Refused("expected " + usage);
      }
    }
    out.println("break " + breaks.size() + ": " + Escapes.escape(text));
  }

  private Break ofRule(String id) throws IOException {
    List<String> ids = judging.rules();
    if (!ids.contains(id)) {
      String near = Names.nearest(id, ids);
      throw new Refused(
          "there is no rule " + id + (near == null ? "" : "; did you mean " + near + "?"));
    }
    Set<Long> blamed = new HashSet<>();
    for (ReplayedFindings.Entry entry : replayedFindings()) {
      if (entry.finding().rule().equals(id)) {
        blamed.add(entry.recordedSeq());
      }
    }
    out.println("blamed by it: " + Words.count(blamed.size(), "event"));
    return new Break("rule " + id, r -> blamed.contains(recording.events().seq(r)), false);
  }

  private static long address(String text) {
    try {
      return text.startsWith("0x") || text.startsWith("0X")
          ? Long.parseUnsignedLong(text.substring(2), 16)
          : Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      throw new Refused(text + ": expected an address as the recording has it, such as 0x5000", e);
    }
  }

  private void breaks() {
    for (int i = 0; i < breaks.size(); i++) {
      out.println((i + 1) + ": " + Escapes.escape(breaks.get(i).text()));
    }
    if (breaks.isEmpty()) {
      out.println("no breaks");
    }
  }

  private void delete(List<String> words) {
    int number = count(words, 0);
    if (number < 1 || number > breaks.size()) {
      throw new Refused("expected the number of a break, 1 to " + breaks.size());
    }
    breaks.remove(number - 1);
    breaks();
  }

  private void findings() throws IOException {
    List<ReplayedFindings.Entry> all = replayedFindings();
    out.println(Words.count(all.size(), "finding"));
    for (ReplayedFindings.Entry entry : all.subList(0, Math.min(StepView.LISTED, all.size()))) {
      out.println(
          "  seq "
              + Long.toUnsignedString(entry.recordedSeq())
              + " "
              + entry.finding().severity().label()
              + " "
              + entry.finding().rule()
              + ": "
              + Escapes.escape(entry.finding().message()));
    }
    view.rest(all.size());
  }

  private List<ReplayedFindings.Entry> replayedFindings() throws IOException {
    List<ReplayedFindings.Entry> known = findings;
    if (known == null) {
      known = ReplayedFindings.of(file, targets, judging);
      findings = known;
    }
    return known;
  }

  private void help() {
    out.println(
        StepCommand.ALL.stream()
            .map(each -> String.format(Locale.ROOT, "%-23s %s", each.usage(), each.doc()))
            .collect(Collectors.joining(System.lineSeparator())));
  }
}
