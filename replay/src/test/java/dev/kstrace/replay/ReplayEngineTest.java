package dev.kstrace.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceReader;
import dev.kstrace.traces.TraceText;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayEngineTest {
  private static final String RECORDING =
      """
      @kstrace.complete_start=true
      @kstrace.origin=simulated
      @kstrace.producer=kstrace 1
      @kstrace.seed=7
      1 pin_create pin=0x10
      2 initialize irql=0 pin=0x10 context=0xA status=STATUS_SUCCESS framing={frames=2 size=64}
      3 allocate irql=0 context=0xA frame=0x5000 size=64
      4 allocate irql=0 context=0xA frame=0x5000 size=64
      5 allocate irql=0 context=0xA frame=0
      6 free irql=0 context=0xA frame=0x5000
      7 delete irql=0 context=0xA
      8 trace_end
      """;

  @TempDir Path dir;

  private final ReplayEngine engine = new ReplayEngine(ReplayOptions.DEFAULTS);

  @Test
  void writesTheSameBytesEachTime() throws IOException {
    Path recording = Replays.write(dir.resolve("a.arrow"), RECORDING);
    engine.run(recording, new ScriptedTarget(), dir.resolve("b.arrow"), false);
    engine.run(recording, new ScriptedTarget(), dir.resolve("c.arrow"), false);
    assertThat(dir.resolve("c.arrow")).hasSameBinaryContentAs(dir.resolve("b.arrow"));
  }

  @Test
  void replaysItsOwnReplayToTheSameBytes() throws IOException {
    Path recording = Replays.write(dir.resolve("a.arrow"), RECORDING);
    engine.run(recording, new ScriptedTarget(), dir.resolve("b.arrow"), false);
    ReplayReport again =
        engine.run(dir.resolve("b.arrow"), new ScriptedTarget(), dir.resolve("c.arrow"), false);
    assertThat(again.divergences()).isEmpty();
    assertThat(again.extraCalls()).isZero();
    assertThat(dir.resolve("c.arrow")).hasSameBinaryContentAs(dir.resolve("b.arrow"));
  }

  @Test
  void saysInTheMetadataWhatWasReplayedOnWhat() throws IOException {
    Path recording = Replays.write(dir.resolve("a.arrow"), RECORDING);
    engine.run(recording, new ScriptedTarget(), dir.resolve("b.arrow"), false);
    try (TraceReader reader = TraceReader.open(dir.resolve("b.arrow"))) {
      TraceMetadata metadata = reader.metadata();
      assertThat(metadata.get(TraceMetadata.ORIGIN)).isEqualTo("replayed");
      assertThat(metadata.get(ReplayEngine.TARGET_KEY)).isEqualTo("test:scripted");
      assertThat(metadata.get(ReplayEngine.OF_KEY)).isEqualTo("simulated, kstrace 1, seed 7");
      assertThat(metadata.get(ReplayEngine.SERIALISED_KEY)).isNull();
      assertThat(metadata.syntheticAddresses()).isTrue();
      assertThat(metadata.completeStart()).isTrue();
    }
  }

  @Test
  void saysThatOverlappingCallsWereSerialised() throws IOException {
    Path recording =
        Replays.write(
            dir.resolve("a.arrow"),
            """
            1 initialize t=0..10 pin=0x10 context=0xA status=STATUS_SUCCESS
            2 allocate t=20..40 thread=1 context=0xA frame=0x5000
            3 allocate t=30..50 thread=2 context=0xA frame=0x6000
            """);
    ReplayReport report =
        engine.run(recording, new ScriptedTarget(), dir.resolve("b.arrow"), false);
    assertThat(report.serialised()).isTrue();
    try (TraceReader reader = TraceReader.open(dir.resolve("b.arrow"))) {
      assertThat(reader.metadata().get(ReplayEngine.SERIALISED_KEY)).isEqualTo("true");
    }
  }

  @Test
  void refusesAnExistingFileUnlessToldToReplaceIt() throws IOException {
    Path recording = Replays.write(dir.resolve("a.arrow"), RECORDING);
    Path there = Files.writeString(dir.resolve("b.arrow"), "mine");
    assertThatThrownBy(() -> engine.run(recording, new ScriptedTarget(), there, false))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(there).hasContent("mine");
    engine.run(recording, new ScriptedTarget(), there, true);
    assertThat(Files.size(there)).isGreaterThan(100);
  }

  @Test
  void keepsTheTraceUpToTheCallInWhichTheTargetDied() throws IOException {
    Path recording = Replays.write(dir.resolve("a.arrow"), RECORDING);
    ReplayReport report =
        engine.run(recording, new ScriptedTarget().dyingAfter(2), dir.resolve("b.arrow"), false);
    TargetDeath death = report.death();
    assertThat(death).isNotNull();
    assertThat(death.text())
        .isEqualTo("target died at seq 4: java.lang.IllegalStateException: the pool is corrupt");
    assertThat(death.event()).startsWith("4 allocate callback");
    StringBuilder text = new StringBuilder();
    try (TraceReader reader = TraceReader.open(dir.resolve("b.arrow"))) {
      TraceText.write(reader, text);
    }
    assertThat(text).contains("\n3 allocate ").doesNotContain("\n4 ").doesNotContain("trace_end");
  }

  @Test
  void survivesATargetThatRunsOutOfStack() {
    ReplayTarget endless = new DispatchTarget("test:endless", new EndlessAllocator(), () -> {});
    ReplayReport report = Replays.run(RECORDING, endless).report();
    assertThat(report.death()).isNotNull();
    assertThat(report.death().exception()).isEqualTo("java.lang.StackOverflowError");
  }

  @Test
  void saysWhereTheRecordingStopsBeingSound() {
    ReplayReport sound = Replays.run(RECORDING, new ScriptedTarget()).report();
    assertThat(sound.caveats()).isEmpty();
    ReplayReport weak =
        Replays.run("5 mark\n6 mark\n9 mark\n10 events_lost\n", new ScriptedTarget()).report();
    assertThat(weak.firstLoss()).isEqualTo(9);
    assertThat(weak.missingStart()).isTrue();
    assertThat(weak.cut()).isTrue();
    assertThat(weak.caveats()).hasSize(3);
    assertThat(weak.caveats().get(1)).startsWith("Events were lost before seq 9");
  }

  @Test
  void replaysAFileWithoutFooterAsFarAsItGoes() throws IOException {
    Path recording = Replays.write(dir.resolve("a.arrow"), RECORDING);
    byte[] bytes = Files.readAllBytes(recording);
    Path torn =
        Files.write(dir.resolve("t.arrow"), java.util.Arrays.copyOf(bytes, bytes.length - 9));
    assertThat(engine.run(torn, new ScriptedTarget(), null, false).events()).isEqualTo(8);
  }
}
