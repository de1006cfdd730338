package dev.kstrace.capture.ftrace;

import org.jspecify.annotations.Nullable;

/** What a line means for the buffers of videobuf2. */
enum Vb2Event {
  /** A buffer's allocate function was entered. */
  ALLOCATE_ENTRY,
  /** It returned. */
  ALLOCATE_RETURN,
  /** A reference to a buffer was dropped. */
  PUT,
  /** Buffers move between application and driver. */
  CIRCULATION,
  /** Anything else. */
  OTHER;

  /** Return values from here on are negative error numbers. */
  private static final long FIRST_ERROR = -4095;

  /** Goes by the probed function, since the names of probes are their user's. */
  static Vb2Event of(FtraceLine line) {
    String function = line.function();
    if (function.startsWith("vb2_") && function.endsWith("_alloc")) {
      return line.isReturn() ? ALLOCATE_RETURN : ALLOCATE_ENTRY;
    }
    if (function.startsWith("vb2_") && function.endsWith("_put") && !line.isReturn()) {
      return PUT;
    }
    return switch (line.event()) {
      case "vb2_qbuf", "vb2_dqbuf", "vb2_buf_queue", "vb2_buf_done", "v4l2_qbuf", "v4l2_dqbuf" ->
          CIRCULATION;
      default -> OTHER;
    };
  }

  /** The buffer of a {@link #ALLOCATE_RETURN} or {@link #PUT}: 0 = failed, null = not recorded. */
  static @Nullable Long buffer(FtraceLine line) {
    Long mem = line.number("mem");
    if (mem == null && line.values().size() == 1) {
      mem = line.number(line.values().keySet().iterator().next());
    }
    return mem != null && mem >= FIRST_ERROR && mem < 0 ? Long.valueOf(0) : mem;
  }
}
