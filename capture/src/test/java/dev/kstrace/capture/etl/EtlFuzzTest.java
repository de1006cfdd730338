package dev.kstrace.capture.etl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kstrace.capture.etl.EtlWriter.Descriptor;
import dev.kstrace.capture.etl.EtlWriter.Settings;
import dev.kstrace.capture.imports.LossLedger;
import dev.kstrace.traces.MalformedTraceException;
import dev.kstrace.traces.TraceReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged files are imported as far as they go, or refused by name: never another exception. Each
 * run is one seed; the long form is
 *
 * <pre>
 *   mvn -pl capture -am test -Dtest=EtlFuzzTest -Dsurefire.failIfNoSpecifiedTests=false \
 *     -Dkstrace.fuzz.runs=100000 -Dkstrace.fuzz.seed=1
 * </pre>
 */
class EtlFuzzTest {
  private static final int RUNS = Integer.getInteger("kstrace.fuzz.runs", 500);
  private static final long FIRST = Long.getLong("kstrace.fuzz.seed", 1);

  @TempDir Path folder;

  @Test
  void anyDamageIsCountedOrRefused() throws IOException {
    List<byte[]> originals = originals();
    Path etl = folder.resolve("fuzz.etl");
    Path trace = folder.resolve("fuzz.arrow");
    int imported = 0;
    int refused = 0;
    int decoded = 0;
    for (long seed = FIRST; seed < FIRST + RUNS; seed++) {
      Random random = new Random(seed);
      byte[] file = damage(originals.get(random.nextInt(originals.size())).clone(), random);
      Files.write(etl, file);
      try {
        if (random.nextInt(4) == 0) {
          Session.runPool(etl, trace, random.nextBoolean(), "AVSh");
        } else {
          Session.run(etl, trace);
        }
        try (TraceReader reader = TraceReader.open(trace)) {
          assertThat(reader.hasFooter()).isTrue();
        }
        imported++;
      } catch (MalformedTraceException e) {
        assertThat(e).as("seed %d", seed).hasMessageStartingWith(etl + ": ");
        refused++;
      } catch (IOException | RuntimeException | StackOverflowError | OutOfMemoryError e) {
        throw new AssertionError("seed " + seed, e);
      }
      decoded += decodeAll(etl, seed);
    }
    System.out.printf(
        "EtlFuzzTest: seeds %d to %d: %d imported, %d refused, %d decoded to their end%n",
        FIRST, FIRST + RUNS - 1, imported, refused, decoded);
    assertThat(imported).isGreaterThan(RUNS / 20);
    assertThat(refused).isGreaterThan(RUNS / 20);
  }

  /** Decodes all records as etl-info does; 1 where the file could be read. */
  private static int decodeAll(Path etl, long seed) {
    EventDecoder decoder = new EventDecoder();
    List<String> lines = new ArrayList<>();
    try (EtlReader reader = EtlReader.open(etl, new LossLedger())) {
      while (reader.next()) {
        EtlRecord record = reader.record();
        lines.clear();
        lines.add(decoder.providerName(record) + decoder.eventName(record));
        decoder.fields(record);
        decoder.visit(record, new TextVisitor(lines));
        Times.ofFileTime(reader.clock().fileTime(record.ticks()));
      }
      return 1;
    } catch (MalformedTraceException e) {
      return 0;
    } catch (IOException | RuntimeException | StackOverflowError | OutOfMemoryError e) {
      throw new AssertionError("seed " + seed, e);
    }
  }

  private static List<byte[]> originals() {
    List<byte[]> originals = new ArrayList<>();
    for (int form = 0; form < 6; form++) {
      Settings settings = new Settings();
      settings.bufferBytes = 1024;
      settings.compressed = form % 2 == 1;
      settings.pointerBytes = form < 2 ? 4 : 8;
      settings.windows7 = form == 2;
      originals.add(EtlWriter.join(EtlWriter.buffers(settings, EtlFuzzTest::content)));
    }
    return originals;
  }

  private static void content(EtlWriter to) {
    Session.whole(to);
    byte[] data = new byte[24];
    data[4] = 'A';
    data[5] = 'V';
    data[6] = 'S';
    data[7] = 'h';
    to.kernel(0, Session.us(80), 0x11, 0x0E, 32, 2, data);
    to.kernel(1, Session.us(81), 0x02, 0x0E, 34, 2, data);
    byte[] nested =
        EtlWriter.schema(
            "Nested",
            new byte[] {
              's', 0, (byte) (0x80 | 0x40 | 24), 2, 'x', 0, 1, 'y', 0, 0x40 | 8, 'z', 0, 25
            });
    Descriptor descriptor = new Descriptor(203, 0, 11, 4, 0, 1);
    byte[] payload = {1, 0, 'h', 0, 0, 0, 1, 0, 1, 2, 3, 4, 2, 0, 9, 9};
    to.event(
        1,
        Session.us(82),
        8,
        ContextEvents.KS_PROXY,
        descriptor,
        nested,
        EtlWriter.traits("Name"),
        payload,
        payload.length);
    to.event(
        0, Session.us(83), 8, ContextEvents.KERNEL_STREAMING, descriptor, null, null, payload, 16);
    to.classic(0, Session.us(84), 0x14, ContextEvents.KS_PROXY, 6, payload);
    to.message(0, Session.us(85), ContextEvents.KS_PROXY, 6, payload);
  }

  private static byte[] damage(byte[] file, Random random) {
    int edits = 1 + random.nextInt(random.nextBoolean() ? 2 : 20);
    for (int i = 0; i < edits; i++) {
      // Half of the damage goes where structure is dense: heads of buffers and of records.
      int block = 1024 * random.nextInt(Math.max(1, file.length / 1024));
      int at =
          random.nextBoolean()
              ? random.nextInt(file.length)
              : Math.min(file.length - 1, block + random.nextInt(160));
      switch (random.nextInt(4)) {
        case 0 -> file[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> file[at] = (byte) random.nextInt();
        case 2 -> file[at] = (byte) (random.nextBoolean() ? 0 : 0xFF);
        default -> {
          for (int b = at; b < Math.min(file.length, at + 4); b++) {
            file[b] = (byte) random.nextInt();
          }
        }
      }
    }
    if (random.nextInt(8) == 0) {
      return java.util.Arrays.copyOf(file, random.nextInt(file.length));
    }
    return file;
  }
}
