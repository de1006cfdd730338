package dev.kstrace.cli.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** How JSON is written: all escapes in ASCII, the same line ends on every system. */
public final class Json {
  /** As usual, and DEL, which JSON allows and terminals obey. */
  private static class Escapes extends CharacterEscapes {
    private static final long serialVersionUID = 1L;

    @Override
    public int[] getEscapeCodesForAscii() {
      int[] codes = CharacterEscapes.standardAsciiEscapesForJSON();
      codes[0x7F] = CharacterEscapes.ESCAPE_STANDARD;
      return codes;
    }

    @Override
    public @Nullable SerializableString getEscapeSequence(int c) {
      return null;
    }
  }

  /** As above, and what begins or ends a tag. */
  private static final class MarkupEscapes extends Escapes {
    private static final long serialVersionUID = 1L;

    @Override
    public int[] getEscapeCodesForAscii() {
      int[] codes = super.getEscapeCodesForAscii();
      for (char c : new char[] {'<', '>', '&', '\''}) {
        codes[c] = CharacterEscapes.ESCAPE_STANDARD;
      }
      return codes;
    }
  }

  private Json() {}

  /** A generator of indented JSON, which leaves the stream open. */
  public static JsonGenerator indented(OutputStream out) throws IOException {
    DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter(
            Separators.createDefaultInstance()
                .withObjectFieldValueSpacing(Separators.Spacing.AFTER)
                .withRootSeparator("\n"));
    printer.indentArraysWith(indenter);
    printer.indentObjectsWith(indenter);
    return plain(out).setPrettyPrinter(printer);
  }

  /** A generator of one value a line; its user ends the lines. It leaves the stream open. */
  public static JsonGenerator lines(OutputStream out) throws IOException {
    return plain(out).setPrettyPrinter(new MinimalPrettyPrinter(""));
  }

  /** A generator of JSON that may stand between the tags of a page. It leaves the stream open. */
  public static JsonGenerator embedded(OutputStream out) throws IOException {
    return lines(out).setCharacterEscapes(new MarkupEscapes());
  }

  private static JsonGenerator plain(OutputStream out) throws IOException {
    return JsonFactory.builder()
        .enable(JsonWriteFeature.ESCAPE_NON_ASCII) // a name may hold marks that turn text round
        .build()
        .createGenerator(out)
        .setCharacterEscapes(new Escapes())
        .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
  }
}
