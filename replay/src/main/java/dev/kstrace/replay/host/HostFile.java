package dev.kstrace.replay.host;

import dev.kstrace.replay.BatchTarget;
import dev.kstrace.replay.CallBatch;
import dev.kstrace.traces.NewFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The file that the tool and the host have mapped, laid out as {@code kst_abi.h} says. Not
 * thread-safe, except that any thread may look at {@link #progress}.
 */
final class HostFile {
  static final int ABI = 3;
  static final int CALLS = 16_384;
  static final int NOTES = 256;
  static final int HEADER_BYTES = 4_096;
  static final int SLOT_BYTES = CALLS * CallBatch.CALL_BYTES + NOTES * CallBatch.NOTE_BYTES;
  static final int BYTES = HEADER_BYTES + BatchTarget.BATCHES * SLOT_BYTES;

  static final int OPTIONS_AT = 4;
  static final int COUNT_AT = 8;
  static final int EPOCH_AT = 16;
  static final int BASE_AT = 24;
  static final int READY_AT = 64;
  static final int DONE_AT = 72;
  static final int NOTES_AT = 80;
  static final int SHIM_AT = 88;
  static final int FIXED_AT = 92;
  static final int INDEX_AT = 132;
  static final int PROGRESS_AT = 136;
  static final int LATE_AT = 144;
  static final int DEATH_AT = 192;
  static final int SIGNAL_AT = 196;
  static final int FAULT_AT = 200;
  static final int DEATH_CALL_AT = 208;
  static final int HAS_FAULT_AT = 216;
  static final int DEATH_LENGTH_AT = 220;
  static final int DEATH_TEXT_AT = 224;
  static final int DEATH_TEXT_BYTES = 992;

  static final int TOUCH = 1;
  static final int OS_THREADS = 2;
  static final int MEASURE = 4;

  private static final int STOPPED = 0x8000_0000;
  private static final Path MEMORY = Path.of("/dev/shm");

  private final Path path;
  private final MappedByteBuffer map;
  private final CallBatch[] batches = new CallBatch[BatchTarget.BATCHES];

  private HostFile(Path path, MappedByteBuffer map) {
    this.path = path;
    this.map = map;
    for (int i = 0; i < batches.length; i++) {
      int at = HEADER_BYTES + i * SLOT_BYTES;
      ByteBuffer calls = map.duplicate().position(at).limit(at + CALLS * CallBatch.CALL_BYTES);
      ByteBuffer notes =
          map.duplicate().position(at + CALLS * CallBatch.CALL_BYTES).limit(at + SLOT_BYTES);
      batches[i] = new CallBatch(calls, notes);
    }
  }

  /** A new file, in memory where the system has a place for that. */
  static HostFile create(int options) throws IOException {
    Path path =
        Files.isWritable(MEMORY)
            ? Files.createTempFile(MEMORY, "kstrace", ".host")
            : Files.createTempFile("kstrace", ".host");
    NewFile.deleteAtEnd(path);
    try (FileChannel channel =
        FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      MappedByteBuffer map = channel.map(FileChannel.MapMode.READ_WRITE, 0, BYTES);
      map.order(ByteOrder.LITTLE_ENDIAN);
      map.putInt(0, ABI);
      map.putInt(OPTIONS_AT, options);
      map.putLong(LATE_AT, -1);
      return new HostFile(path, map);
    } catch (IOException | RuntimeException e) {
      NewFile.delete(path);
      throw e;
    }
  }

  Path path() {
    return path;
  }

  /** Takes the file's name away; who has mapped it keeps it. */
  void unlink() throws IOException {
    NewFile.delete(path);
  }

  CallBatch batch(int which) {
    return batches[which];
  }

  /** Whether the host has loaded the target. */
  boolean isReady() {
    return map.getInt(READY_AT) == ABI;
  }

  /** Whether addresses are the same in each run. */
  boolean hasFixedAddresses() {
    return map.getInt(FIXED_AT) != 0;
  }

  void submit(int which, int epoch) {
    map.putInt(COUNT_AT + 4 * which, batches[which].count());
    map.putInt(EPOCH_AT + 4 * which, epoch);
    map.putLong(BASE_AT + 8 * which, batches[which].base());
  }

  /** Takes over the answer to a batch; how many of its calls were run. */
  int answer(int which) {
    int done = map.getInt(DONE_AT + 4 * which);
    batches[which].setNotes(map.getInt(NOTES_AT + 4 * which));
    if ((done & STOPPED) != 0) {
      batches[which].setStopped();
    }
    return done & ~STOPPED;
  }

  /** Takes over what is there of the answer of a host that died; how many calls were run. */
  int doneBeforeDeath(int which) {
    batches[which].setNotes(map.getInt(NOTES_AT + 4 * which));
    return batches[which].leadingOutcomes();
  }

  /** Changes with every call. */
  long progress() {
    return map.getLong(PROGRESS_AT) << 32 | Integer.toUnsignedLong(map.getInt(INDEX_AT));
  }

  int death() {
    return map.getInt(DEATH_AT);
  }

  int signal() {
    return map.getInt(SIGNAL_AT);
  }

  boolean hasFault() {
    return map.getInt(HAS_FAULT_AT) != 0;
  }

  long fault() {
    return map.getLong(FAULT_AT);
  }

  long deathCall() {
    return map.getLong(DEATH_CALL_AT);
  }

  /** Number of a blocked call that went on when the host died; -1 = none. */
  long late() {
    return map.getLong(LATE_AT);
  }

  String deathText() {
    int length = Math.max(0, Math.min(map.getInt(DEATH_LENGTH_AT), DEATH_TEXT_BYTES));
    byte[] text = new byte[length];
    map.get(DEATH_TEXT_AT, text);
    return new String(text, StandardCharsets.UTF_8);
  }
}
