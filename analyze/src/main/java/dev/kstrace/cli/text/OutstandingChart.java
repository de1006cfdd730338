package dev.kstrace.cli.text;

import dev.kstrace.analyze.OutstandingCurve;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/**
 * Frames outstanding over time, one line an allocator, for a terminal. What is above the limit of
 * the framing is red where there are colours, and said in words in any case. Immutable.
 */
public final class OutstandingChart {
  private static final int MOST_NAME = 24;
  private static final int LEAST_DRAWN = 8;
  private static final int MOST_DRAWN = 60;
  private static final String INDENT = "    ";

  private final int width;
  private final Sparkline sparkline;
  private final Paint paint;

  /**
   * A chart for a terminal.
   *
   * @param width columns of the terminal
   * @param unicode whether it shows block elements; else ASCII is used
   */
  public OutstandingChart(int width, boolean unicode, Paint paint) {
    this.width = width;
    this.sparkline = new Sparkline(unicode);
    this.paint = paint;
  }

  /**
   * Prints the first curves; nothing where none has a frame.
   *
   * @param most how many at most; how many there are besides is said
   */
  public void print(PrintStream out, List<OutstandingCurve> curves, int most) {
    List<OutstandingCurve> shown =
        curves.stream().filter(curve -> curve.peak() > 0).limit(most).toList();
    if (shown.isEmpty()) {
      return;
    }
    out.println("  frames outstanding");
    int name = shown.stream().mapToInt(curve -> name(curve).length()).max().orElse(0);
    int words = shown.stream().mapToInt(curve -> words(curve).length()).max().orElse(0);
    int room = width - INDENT.length() - name - words - 5;
    int columns = Math.min(room, MOST_DRAWN);
    for (OutstandingCurve curve : shown) {
      String drawn = columns < LEAST_DRAWN ? "" : drawn(curve, columns) + "  ";
      String padding = " ".repeat(name - name(curve).length() + 2);
      out.println(INDENT + name(curve) + padding + drawn + words(curve));
    }
    long others = curves.stream().filter(curve -> curve.peak() > 0).count() - shown.size();
    if (others > 0) {
      out.println(INDENT + "and " + others + " more");
    }
  }

  private String drawn(OutstandingCurve curve, int columns) {
    StringBuilder line = new StringBuilder();
    long highest = Math.max(curve.limit(), curve.peak());
    StringBuilder over = new StringBuilder();
    for (int number : curve.most(columns)) {
      boolean isOver = curve.limit() > 0 && number > curve.limit();
      if (!isOver && !over.isEmpty()) {
        line.append(paint.bad(over.toString()));
        over.setLength(0);
      }
      (isOver ? over : line).append(sparkline.of(number, highest));
    }
    return line.append(over.isEmpty() ? "" : paint.bad(over.toString())).toString();
  }

  private static String name(OutstandingCurve curve) {
    return Described.shortly(curve.allocator(), MOST_NAME);
  }

  private static String words(OutstandingCurve curve) {
    String limit = curve.limit() == 0 ? "" : String.format(Locale.ROOT, " of %,d", curve.limit());
    String text = String.format(Locale.ROOT, "peak %,d", curve.peak()) + limit;
    if (curve.isOverLimit()) {
      text += ", over the limit";
    }
    return curve.left() == 0 ? text : text + String.format(Locale.ROOT, ", %,d left", curve.left());
  }
}
