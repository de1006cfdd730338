package dev.kstrace.cli.shell;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.jline.reader.Candidate;
import org.jline.reader.CompletingParsedLine;
import org.jline.reader.EOFError;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.ParsedLine;
import org.jline.reader.Parser;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Lines that a person types: with history, completion and several lines a statement. Nothing but
 * the history is written, and that by its owner only. Not thread-safe.
 */
public final class TerminalLines implements Lines {
  private static final int HISTORY_SIZE = 1000;

  private final Terminal terminal;
  private final LineReader reader;
  private final Dialect dialect;

  private TerminalLines(Terminal terminal, LineReader reader, Dialect dialect) {
    this.terminal = terminal;
    this.reader = reader;
    this.dialect = dialect;
  }

  /**
   * Takes the terminal of the process.
   *
   * @param environment says where the history is kept
   * @param dialect what is typed
   * @throws IOException if there is no terminal
   */
  public static TerminalLines open(Map<String, String> environment, Dialect dialect)
      throws IOException {
    boolean windows = System.getProperty("os.name", "").startsWith("Windows");
    Terminal terminal =
        TerminalBuilder.builder()
            .system(true)
            .dumb(false)
            .jni(windows) // elsewhere it would unpack a library at every start
            .exec(!windows)
            .build();
    LineReaderBuilder builder =
        LineReaderBuilder.builder()
            .terminal(terminal)
            .appName("kstrace")
            .parser((line, cursor, context) -> parse(dialect, line, cursor, context))
            .completer((lines, line, candidates) -> complete(dialect, line, candidates))
            .option(LineReader.Option.CASE_INSENSITIVE, true)
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
            .option(LineReader.Option.HISTORY_IGNORE_SPACE, true)
            .option(LineReader.Option.HISTORY_TIMESTAMPED, false)
            .option(LineReader.Option.BRACKETED_PASTE, false)
            .variable(LineReader.SECONDARY_PROMPT_PATTERN, "    ...> ")
            .variable(LineReader.HISTORY_SIZE, HISTORY_SIZE)
            .variable(LineReader.HISTORY_FILE_SIZE, HISTORY_SIZE);
    Path history = HistoryFile.of(environment, dialect.historyName());
    if (history != null && prepared(history)) {
      builder.variable(LineReader.HISTORY_FILE, history);
    }
    return new TerminalLines(terminal, builder.build(), dialect);
  }

  /** Makes the file where it is missing; a shell without a history is better than none. */
  private static boolean prepared(Path history) {
    try {
      Files.createDirectories(history.getParent());
      if (!Files.exists(history)) {
        if (history.getFileSystem().supportedFileAttributeViews().contains("posix")) {
          Files.createFile(
              history,
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } else {
          Files.createFile(history);
        }
      }
      return Files.isWritable(history);
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public @Nullable String read() {
    try {
      return reader.readLine(dialect.prompt());
    } catch (UserInterruptException e) {
      return TAKEN_BACK;
    } catch (EndOfFileException e) {
      return null;
    }
  }

  @Override
  public int width() {
    return terminal.getWidth() > 0 ? terminal.getWidth() : Integer.MAX_VALUE;
  }

  @Override
  public void onInterrupt(Runnable action) {
    terminal.handle(Terminal.Signal.INT, signal -> action.run());
  }

  private static ParsedLine parse(
      Dialect dialect, String line, int cursor, Parser.ParseContext context) {
    boolean accepting = context == Parser.ParseContext.ACCEPT_LINE;
    if (accepting && !dialect.isComplete(line)) {
      throw new EOFError(-1, cursor, "the statement goes on");
    }
    return new Typed(line, cursor, dialect);
  }

  private static void complete(Dialect dialect, ParsedLine line, List<Candidate> candidates) {
    Typed typed = (Typed) line;
    for (String text : dialect.complete(typed.before(), typed.word())) {
      boolean complete = !text.endsWith("(");
      candidates.add(new Candidate(text, text, null, null, null, null, complete));
    }
  }

  /** A line with the word that ends at the cursor. */
  private record Typed(String line, int cursor, Dialect dialect) implements CompletingParsedLine {
    private int start() {
      int start = cursor;
      while (start > 0 && dialect.isWordPart(line.charAt(start - 1))) {
        start--;
      }
      boolean dotCommand = start > 0 && line.substring(0, start).isBlank();
      boolean dot = start > 0 && line.charAt(start - 1) == '.';
      return dot && (dotCommand || line.substring(0, start - 1).isBlank()) ? start - 1 : start;
    }

    String before() {
      return line.substring(0, start());
    }

    @Override
    public String word() {
      return line.substring(start(), cursor);
    }

    @Override
    public int wordCursor() {
      return word().length();
    }

    @Override
    public CharSequence escape(CharSequence candidate, boolean complete) {
      return candidate;
    }

    @Override
    public int rawWordCursor() {
      return wordCursor();
    }

    @Override
    public int rawWordLength() {
      return wordCursor();
    }

    @Override
    public int wordIndex() {
      return 0;
    }

    @Override
    public List<String> words() {
      return List.of(word());
    }
  }

  @Override
  public void close() {
    try {
      terminal.close();
    } catch (IOException e) {
      return; // it was there to be read from, and that is over
    }
  }
}
