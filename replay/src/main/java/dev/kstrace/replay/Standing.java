package dev.kstrace.replay;

import dev.kstrace.traces.Framing;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What there is at one point of a replay. */
public final class Standing {
  private Standing() {}

  /**
   * A frame that is out. Immutable.
   *
   * @param seq place of the allocate, unsigned
   * @param allocator its allocator's number; -1 = unknown
   * @param recorded its address in the recording
   * @param target its address in the target; 0 = the target gave none
   * @param bytes usable bytes in the target; -1 = unknown
   */
  public record Frame(long seq, int allocator, long recorded, long target, long bytes) {}

  /**
   * An allocator that was made and not deleted. Immutable.
   *
   * @param number its number, ascending from 0
   * @param recorded its context in the recording
   * @param target its context in the target; null = the target did not make it
   * @param framing what it was asked for; null = not recorded
   * @param framesOut recorded frames that are out
   */
  public record Allocator(
      int number,
      long recorded,
      @Nullable Long target,
      @Nullable Framing framing,
      long framesOut) {}

  /**
   * Pool of one tag. Immutable.
   *
   * @param tag its four characters; empty for the most there was of all tags
   * @param blocks how many
   * @param bytes their bytes
   */
  public record Pool(String tag, long blocks, long bytes) {}

  static List<Pool> pool(List<TargetNote> notes) {
    return notes.stream().map(note -> new Pool(note.tagText(), note.a(), note.b())).toList();
  }
}
