package dev.kstrace.capture.etl;

import static dev.kstrace.capture.etl.Session.CONTEXT;
import static dev.kstrace.capture.etl.Session.FRAME;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.capture.etl.EtlWriter.Descriptor;
import dev.kstrace.capture.etl.EtlWriter.Settings;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Ladder level T3: the stored files that tests of the command line import. They are what {@link
 * EtlWriter} makes here; {@code -Dgolden.update=true} writes them anew, and fails.
 */
class T3FixtureTest {
  /**
   * Five processors, buffers out of order, compressed, losses of every kind. In it: a double free
   * before anything is lost; then a hole of two, behind which a free and an allocate look wrong and
   * may be explained by it.
   */
  private static void lossy(EtlWriter to) {
    Session.start(to, 0, 1, 10);
    Session.initialize(to, 1, 2, 20, CONTEXT);
    Session.allocate(to, 2, 3, 30, FRAME);
    Session.allocate(to, 3, 4, 31, FRAME + 0x1000);
    Descriptor lock = new Descriptor(211, 0, 16, 4, 1, 0);
    byte[] data = EtlWriter.buffer(8).putInt(1).putInt(0x1000).array();
    to.event(3, Session.us(32), 8, ContextEvents.KERNEL_STREAMING, lock, null, null, data, 8);
    Session.free(to, 0, 5, 40, FRAME);
    Session.free(to, 1, 6, 41, FRAME);
    Session.allocate(to, 2, 7, 50, FRAME);
    Session.allocate(to, 3, 10, 60, FRAME);
    Session.free(to, 0, 11, 62, FRAME + 0x2000);
    Session.free(to, 1, 12, 61, FRAME);
    Session.free(to, 2, 13, 63, FRAME + 0x1000);
    Session.delete(to, 3, 14, 70, CONTEXT);
    to.loseBuffers(2);
    Session.counters(to, 4, 80, 14, 1);
    to.garbage(4, new byte[] {9, 9, 9, 9, 9, 9, 9, 9});
  }

  private static byte[] lossyFile() {
    Settings settings = new Settings();
    settings.bufferBytes = 1024;
    settings.compressed = true;
    settings.logFileMode = 0x0400_0001;
    settings.eventsLost = 3;
    settings.buffersLost = 1;
    List<byte[]> buffers = EtlWriter.buffers(settings, T3FixtureTest::lossy);
    Collections.reverse(buffers.subList(1, buffers.size()));
    return EtlWriter.join(buffers);
  }

  /** Pool events of one tag; one block is freed twice. */
  private static byte[] poolFile() {
    Settings settings = new Settings();
    settings.bufferBytes = 1024;
    return EtlWriter.join(
        EtlWriter.buffers(
            settings,
            to -> {
              pool(to, 32, 10, 0x1000);
              pool(to, 32, 20, 0x3000);
              pool(to, 34, 30, 0x1000);
              pool(to, 34, 40, 0x1000);
            }));
  }

  private static void pool(EtlWriter to, int opcode, long us, long address) {
    byte[] data =
        EtlWriter.buffer(24)
            .putInt(512)
            .put("AVSh".getBytes(StandardCharsets.US_ASCII))
            .putLong(0x800)
            .putLong(address)
            .array();
    to.kernel(0, Session.us(us), 0x11, PoolEvents.GROUP, opcode, 2, data);
  }

  @Test
  void theStoredFilesAreWhatTheWriterMakes() throws IOException, URISyntaxException {
    compare("lossy.etl", lossyFile());
    compare("pool.etl", poolFile());
    assertThat(Boolean.getBoolean("golden.update")).as("files were written anew").isFalse();
  }

  private static void compare(String name, byte[] made) throws IOException, URISyntaxException {
    if (Boolean.getBoolean("golden.update")) {
      Files.write(Path.of("src", "test", "resources", "etl", name), made);
    } else {
      Path stored = Path.of(T3FixtureTest.class.getResource("/etl/" + name).toURI());
      assertThat(stored).hasBinaryContent(made);
    }
  }
}
