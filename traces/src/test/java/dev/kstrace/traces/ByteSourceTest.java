package dev.kstrace.traces;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.apache.arrow.vector.compression.CompressionUtil.CodecType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a compressed body may ask for: a bounded window, a bounded size, what it promised. */
class ByteSourceTest {
  @TempDir private Path folder;

  /** A frame of unknown length, whose head says the window. */
  private static byte[] frame(int windowLog, byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZstdOutputStreamNoFinalizer out = new ZstdOutputStreamNoFinalizer(bytes, 1)) {
      out.setLong(windowLog);
      out.write(content);
      out.flush();
    }
    return bytes.toByteArray();
  }

  private static byte[] read(byte[] frame, int promised, int asked) throws IOException {
    ByteSource compressed = new ByteSource.OfMemory(ByteBuffer.wrap(frame), 0, frame.length);
    ByteBuffer target = ByteBuffer.allocate(asked);
    try (ByteSource source = new ByteSource.OfZstd(compressed, frame.length, promised)) {
      source.read(target);
    }
    return target.array();
  }

  @Test
  void aWindowHasAtMostEightMebibytes() throws IOException {
    byte[] content = {1, 2, 3, 4};
    assertThat(read(frame(23, content), 4, 4)).isEqualTo(content);
    byte[] greedy = frame(24, content);
    assertThatThrownBy(() -> read(greedy, 4, 4))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("too much memory");
  }

  @Test
  void aFrameGivesWhatItPromisedAndNoMore() throws IOException {
    byte[] frame = frame(20, new byte[100]);
    assertThat(read(frame, 100, 100)).isEqualTo(new byte[100]);
    assertThatThrownBy(() -> read(frame, 99, 100)).isInstanceOf(EOFException.class);
    assertThatThrownBy(() -> read(frame, 101, 101)).isInstanceOf(EOFException.class);
  }

  @Test
  void aBodyGrowsByAThousandAtMost() throws IOException {
    TraceEvent event = TraceEvent.of(0, Op.MARK, Layer.NONE, 0).build();
    List<TraceEvent> equal = Collections.nCopies(300_000, event);
    ArrowTrace trace = new ArrowTrace();
    trace.codec = CodecType.ZSTD;
    Path file = trace.write(folder.resolve("equal.arrow"), equal, equal.size());
    assertThatThrownBy(() -> TraceFiles.read(file))
        .isInstanceOf(MalformedTraceException.class)
        .hasMessageFindingMatch(
            "claims \\d+ bytes uncompressed, expected at most 1000 times the \\d+ bytes of the whole"
                + " body");
    Path fewer = trace.write(folder.resolve("fewer.arrow"), equal.subList(0, 5_000), 5_000);
    assertThat(TraceFiles.read(fewer)).hasSize(5_000);
  }
}
