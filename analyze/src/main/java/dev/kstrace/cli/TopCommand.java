package dev.kstrace.cli;

import dev.kstrace.analyze.TraceWatch;
import dev.kstrace.cli.text.Paint;
import dev.kstrace.cli.text.Words;
import dev.kstrace.traces.Escapes;
import dev.kstrace.traces.ReadProgress;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code kstrace top}: the allocators of a trace now, also while it is being written. */
final class TopCommand extends Command {
  private static final double DEFAULT_INTERVAL = 1;

  private final PositionalParamSpec files = arguments("1", "FILE", "A trace.");
  private final OptionSpec follow =
      flag("Go on while the trace is being written, until it ends.", "--follow");
  private final OptionSpec interval =
      option(Double.class, "SECONDS", "With --follow, how often to look (1).", "--interval");

  TopCommand(Console console) {
    super(
        console,
        "top",
        "Show what each allocator has outstanding, also while a trace is being written.",
        "On a terminal a table that is drawn anew; else a line whenever an allocator has changed.",
        "Frames, limit and failures are those of the last event in the file, the rate counts",
        "allocates per second since the last look, oldest is how long the oldest frame is held.");
    footer(
        "",
        "Ends by itself where the trace ends; Ctrl-C ends it with exit code 130.",
        "Examples: kstrace top mic.arrow",
        "          kstrace top mic.arrow --follow --interval 0.5");
  }

  @Override
  public Integer call() {
    double seconds = valueOr(interval, DEFAULT_INTERVAL);
    if (!(seconds >= 0.05 && seconds <= 3600)) {
      throw UserError.usage("--interval " + seconds + ": expected seconds from 0.05 to 3600");
    }
    Path file = paths(files).get(0);
    try {
      if (isSet(follow)) {
        awaitBeginning(file, seconds);
      }
      try (TraceWatch watch = TraceWatch.open(file)) {
        show(watch, file, seconds);
      }
    } catch (IOException e) {
      throw Failure.input(file, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ExitCode.INTERRUPTED;
    }
    return ExitCode.OK;
  }

  /** A recorder makes its file a moment before it writes the first bytes. */
  private static void awaitBeginning(Path file, double seconds)
      throws IOException, InterruptedException {
    while (Files.size(file) == 0) {
      pause(seconds);
    }
  }

  private static void pause(double seconds) throws InterruptedException {
    Thread.sleep((long) (seconds * 1000));
  }

  private void show(TraceWatch watch, Path file, double seconds)
      throws IOException, InterruptedException {
    boolean drawn = console.terminal() && isSet(follow);
    TopTable table = new TopTable(new Paint(colour()));
    Screen screen = new Screen(console);
    if (!drawn) {
      console.out().println(TopTable.title());
    }
    while (true) {
      boolean caughtUp = advance(watch, seconds);
      boolean over = !isSet(follow) || watch.isComplete();
      if (drawn) {
        screen.draw(heading(watch, file, over, caughtUp), table.all(watch));
      } else {
        print(isSet(follow) ? table.changed(watch) : table.all(watch));
      }
      if (over) {
        return;
      }
      if (caughtUp) {
        pause(seconds);
      }
    }
  }

  /** Reads on, with --follow only so long as nobody waits for the next look; else to the end. */
  private boolean advance(TraceWatch watch, double seconds) throws IOException {
    if (!isSet(follow)) {
      try (Progress progress = progress()) {
        return watch.advance(() -> true, progress);
      }
    }
    long until = console.clock().getAsLong() + (long) (seconds * 1e9);
    return watch.advance(() -> console.clock().getAsLong() - until < 0, ReadProgress.NONE);
  }

  private void print(List<String> lines) {
    PrintStream out = console.out();
    lines.forEach(out::println);
    out.flush();
  }

  private static String heading(TraceWatch watch, Path file, boolean over, boolean caughtUp) {
    return Escapes.escape(file.toString())
        + ": "
        + Words.count(watch.events(), "event")
        + (over ? ", ended" : caughtUp ? ", being written" : ", more to read")
        + (over ? "" : "; Ctrl-C ends");
  }

  /** A table that is drawn over the one before; it stays when the command ends. */
  private static final class Screen {
    /** Heading, title and a line for what is left out; a message and a prompt at the end. */
    private static final int OTHER_LINES = 6;

    private final Console console;
    private Terminal.Size size = Terminal.USUAL;
    private int drawn;

    Screen(Console console) {
      this.console = console;
    }

    void draw(String heading, List<String> rows) {
      size = Terminal.size(console.environment(), size);
      int room = Math.max(1, size.rows() - OTHER_LINES);
      StringBuilder text = new StringBuilder();
      if (drawn > 0) {
        text.append("\u001b[").append(drawn).append("F"); // to the first line of the last table
      }
      drawn = 0;
      line(text, heading);
      line(text, TopTable.title());
      for (String row : rows.subList(0, Math.min(room, rows.size()))) {
        line(text, row);
      }
      if (rows.size() > room) {
        line(text, "and " + (rows.size() - room) + " more");
      }
      text.append("\u001b[J");
      console.out().print(text);
      console.out().flush();
    }

    private void line(StringBuilder text, String line) {
      text.append(cut(line, size.columns() - 1)).append("\u001b[K\n");
      drawn++;
    }

    /** So much of a line as fits; colours take no room. */
    private static String cut(String line, int columns) {
      StringBuilder cut = new StringBuilder();
      int used = 0;
      for (int i = 0; i < line.length(); i++) {
        char c = line.charAt(i);
        if (c == '\u001b') {
          int end = line.indexOf('m', i);
          cut.append(line, i, end + 1);
          i = end;
        } else if (used < columns) {
          cut.append(c);
          used++;
        }
      }
      return cut.toString();
    }
  }
}
