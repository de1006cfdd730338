package dev.kstrace.capture.etl;

import dev.kstrace.capture.imports.ImportOptions;
import dev.kstrace.capture.imports.LossLedger;
import dev.kstrace.traces.ReadProgress;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Reading and importing a large file, against reading its bytes and nothing else. The file is made
 * for the run and deleted after it; its size and number of events are printed. The heap is small on
 * purpose: memory must not grow with the file.
 *
 * <pre>
 *   mvn -q -Pbench test-compile
 *   java @capture/target/bench.args EtlBenchmark -p megabytes=500
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2)
@Measurement(iterations = 5)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx256m", "-XX:+UseSerialGC"})
public class EtlBenchmark {
  private static final int PROCESSORS = 8;
  private static final int FRAMES = 64;

  /** Size of the file. */
  @Param("500")
  public int megabytes;

  private Path folder;
  private Path etl;
  private Path trace;

  /** Makes the file: allocates and frees on eight processors, a hole here and there. */
  @Setup(Level.Trial)
  public void write() throws IOException {
    folder = Files.createTempDirectory("kstrace-etl-benchmark");
    etl = folder.resolve("large.etl");
    trace = folder.resolve("large.arrow");
    EtlWriter.Settings settings = new EtlWriter.Settings();
    settings.bufferBytes = 64 << 10;
    long events = 0;
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(etl), 1 << 20)) {
      long[] written = {0};
      EtlWriter writer =
          new EtlWriter(
              settings,
              buffer -> {
                try {
                  out.write(buffer);
                  written[0] += buffer.length;
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      Session.start(writer, 0, 1, 1);
      Session.initialize(writer, 0, 2, 2, Session.CONTEXT);
      long seq = 3;
      while (written[0] < (long) megabytes * 1_000_000) {
        int processor = (int) (seq * 7 % 31 % PROCESSORS);
        long frame = Session.FRAME + seq / 2 % FRAMES * 0x1000;
        if (seq % 2 == 1) {
          Session.allocate(writer, processor, seq, seq, frame);
        } else {
          Session.free(writer, processor, seq, seq, frame);
        }
        seq += seq % 100_000 == 0 ? 3 : 1;
        events++;
      }
      writer.close();
    }
    System.out.printf("%n%,d bytes, %,d events%n", Files.size(etl), events + 2);
  }

  /** Takes the files away. */
  @TearDown(Level.Trial)
  public void delete() throws IOException {
    Files.deleteIfExists(etl);
    Files.deleteIfExists(trace);
    Files.deleteIfExists(folder);
  }

  /** The bytes of the file and nothing else. */
  @Benchmark
  public long plainRead() throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(new byte[64 << 10]);
    long bytes = 0;
    try (FileChannel channel = FileChannel.open(etl)) {
      for (int n = 0; n >= 0; n = channel.read(buffer.clear())) {
        bytes += n;
      }
    }
    return bytes;
  }

  /** Every record found and merged by time. */
  @Benchmark
  public long records() throws IOException {
    try (EtlReader reader = EtlReader.open(etl, new LossLedger())) {
      while (reader.next()) {
        // the reader counts
      }
      return reader.records();
    }
  }

  /** The whole import: records decoded, put in the order of Seq, written as a trace. */
  @Benchmark
  public long imported() throws IOException {
    return EtlImport.run(etl, trace, new ImportOptions(true, false, "benchmark"), ReadProgress.NONE)
        .events();
  }
}
