package dev.kstrace.cli.export;

import java.io.PrintStream;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Perfetto's own format: a {@code Trace} of packets with {@code TrackDescriptor} and {@code
 * TrackEvent}. Numbers below are those of the fields in Perfetto's published schema.
 *
 * <p>Texts that come again and again are written once and then referred to by number; numbers are
 * given in the order of appearance, so that the same timeline gives the same bytes.
 */
final class PerfettoTimeline implements Timeline {
  private static final int PROCESS_ID = 1;
  private static final long ROOT = Long.MAX_VALUE;
  private static final long SEQUENCE = 1;

  /** Texts beyond this number are written each time, so that memory stays bounded. */
  private static final int MOST_INTERNED = 4096;

  /** InternedData: which list a text is in. */
  private static final int CATEGORIES = 1;

  private static final int NAMES = 2;
  private static final int ARGUMENTS = 3;

  private static final int SLICE_BEGIN = 1;
  private static final int SLICE_END = 2;
  private static final int INSTANT = 3;
  private static final int COUNTER = 4;

  private static final int STATE_CLEARED = 1;
  private static final int NEEDS_STATE = 2;

  private final PrintStream out;
  private final Map<String, Long> categories = new HashMap<>();
  private final Map<String, Long> names = new HashMap<>();
  private final Map<String, Long> arguments = new HashMap<>();
  private final ProtoMessage interned = new ProtoMessage();
  private boolean hasInterned;
  private boolean begun;
  private final ProtoMessage packet = new ProtoMessage();
  private final ProtoMessage event = new ProtoMessage();
  private final ProtoMessage inner = new ProtoMessage();
  private final ProtoMessage file = new ProtoMessage();

  /**
   * Begins a trace.
   *
   * @param process what the tracks stand under
   */
  PerfettoTimeline(PrintStream out, String process) {
    this.out = out;
    inner.clear().number(1, PROCESS_ID).text(6, process);
    write(packet().message(60, event.clear().number(1, ROOT).message(3, inner)));
  }

  @Override
  public void track(Track track) {
    ProtoMessage descriptor = event.clear().number(1, track.id());
    switch (track.kind()) {
      case THREAD -> {
        // The viewer puts the number behind the name.
        inner.clear().number(1, PROCESS_ID).number(2, track.thread()).text(5, "thread");
        descriptor.message(4, inner);
      }
      case COUNTER -> descriptor.text(2, track.name()).message(8, inner.clear().number(3, 2));
      case PLAIN -> descriptor.text(2, track.name());
    }
    Track parent = track.parent();
    descriptor.number(5, parent == null ? ROOT : parent.id());
    write(packet().message(60, descriptor));
  }

  @Override
  public void slice(
      Track track,
      String category,
      String name,
      long begin,
      @Nullable Long end,
      long flow,
      Args args) {
    described(track, SLICE_BEGIN, category, name, begin, flow, args);
    if (end != null) {
      event.clear().number(9, SLICE_END).number(11, track.id());
      write(packet().number(8, end).message(11, event));
    }
  }

  @Override
  public void instant(Track track, String category, String name, long time, long flow, Args args) {
    described(track, INSTANT, category, name, time, flow, args);
  }

  private void described(
      Track track, int type, String category, String name, long time, long flow, Args args) {
    event.clear().number(9, type).number(11, track.id());
    put(event, CATEGORIES, categories, 3, 22, category);
    put(event, NAMES, names, 10, 23, name);
    if (flow != 0) {
      event.number(36, flow);
    }
    for (Args.Arg arg : args.all()) {
      inner.clear();
      put(inner, ARGUMENTS, arguments, 1, 10, arg.name());
      if (arg.value() instanceof Long number) {
        inner.number(4, number);
      } else {
        inner.text(6, (String) arg.value());
      }
      event.message(4, inner);
    }
    write(packet().number(8, time).message(11, event));
  }

  @Override
  public void counter(Track track, long time, long value) {
    event.clear().number(9, COUNTER).number(11, track.id()).number(30, value);
    write(packet().number(8, time).message(11, event));
  }

  @Override
  public void finish() {}

  /** Puts a text, as its number where it has one. */
  private void put(
      ProtoMessage target,
      int list,
      Map<String, Long> known,
      int numberField,
      int textField,
      String text) {
    Long number = known.get(text);
    if (number == null && known.size() < MOST_INTERNED) {
      number = known.size() + 1L;
      known.put(text, number);
      interned.message(list, new ProtoMessage().number(1, number).text(2, text));
      hasInterned = true;
    }
    if (number == null) {
      target.text(textField, text);
    } else {
      target.number(numberField, number);
    }
  }

  private ProtoMessage packet() {
    return packet.clear();
  }

  /** Writes a packet with the texts that it is the first to refer to. */
  private void write(ProtoMessage content) {
    content.number(10, SEQUENCE).number(13, begun ? NEEDS_STATE : STATE_CLEARED);
    begun = true;
    if (hasInterned) {
      content.message(12, interned);
      interned.clear();
      hasInterned = false;
    }
    file.clear().message(1, content).writeTo(out);
  }
}
