package dev.kstrace.cli.step;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What can be typed.
 *
 * @param usage how it is typed
 * @param doc what it does
 */
record StepCommand(String usage, String doc) {
  /** All, in the order of the help. */
  static final List<StepCommand> ALL =
      List.of(
          new StepCommand("step [N]", "do the next event, or N"),
          new StepCommand("back [N]", "undo the last event, or N"),
          new StepCommand("goto SEQ", "go behind an event; start and end are places, too"),
          new StepCommand("mark [TEXT]", "go to the next mark, that with a text in it"),
          new StepCommand("continue", "go on to the next break or the end"),
          new StepCommand("break rule ID", "stop at events that a finding of a rule blames"),
          new StepCommand("break context ADDRESS", "stop at events of an allocator's context"),
          new StepCommand("break frame ADDRESS", "stop at events of a frame's address"),
          new StepCommand("break seq SEQ", "stop at an event"),
          new StepCommand("break divergence", "stop where the target differs in its contract"),
          new StepCommand("breaks", "list them"),
          new StepCommand("delete N", "take one away"),
          new StepCommand("where", "the last event, and what the target did"),
          new StepCommand("list [N]", "the events around here"),
          new StepCommand("frames", "frames that are out, recorded and the target's"),
          new StepCommand("allocators", "allocators that are there, with their framing"),
          new StepCommand("pool", "pool by tag, of a target built with build-target"),
          new StepCommand("findings", "what the rules say of the whole replay"),
          new StepCommand("help", "this list"),
          new StepCommand("quit", "leave"));

  /** The word that it begins with. */
  String word() {
    int blank = usage.indexOf(' ');
    return blank < 0 ? usage : usage.substring(0, blank);
  }

  /** The one word that a beginning means; null = none. Of several the first, as help lists them. */
  static @Nullable String of(String beginning) {
    if (beginning.isEmpty()) {
      return null;
    }
    for (StepCommand command : ALL) {
      if (command.word().equals(beginning)) {
        return beginning;
      }
    }
    return ALL.stream()
        .map(StepCommand::word)
        .filter(word -> word.startsWith(beginning))
        .findFirst()
        .orElse(null);
  }
}
