package dev.kstrace.analyze;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.kstrace.analyze.triage.Judging;
import dev.kstrace.traces.MalformedTraceException;
import dev.kstrace.traces.ReadProgress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class QueryTest {
  @TempDir Path folder;
  private Path trace;

  @BeforeEach
  void writeTrace() throws IOException {
    trace =
        Traces.write(
            folder.resolve("t.arrow"),
            """
            @kstrace.complete_start=true
            1 initialize pin=0x10 context=0x20 status=STATUS_SUCCESS \
            framing={pool=NonPagedPool frames=4 size=4096 align=0x3f}
            2 allocate context=0x20 frame=0x10000
            3 free context=0x20 frame=0x10000
            4 free context=0x20 frame=0x10000
            5 delete context=0x20
            6 trace_end
            """);
  }

  private static @Nullable Object first(ResultSet result) throws SQLException {
    assertThat(result.next()).isTrue();
    return result.getObject(1);
  }

  /** A second pass over the file shows: the file is gone before it could be read again. */
  @ParameterizedTest
  @ValueSource(strings = {"metadata", "(SELECT 1)"})
  void readsOnlyTheHeadWhereNothingElseIsAsked(String table) throws Exception {
    try (Query query = Query.open(List.of(trace))) {
      Files.delete(trace);
      query.run("SELECT count(*) > 0 FROM " + table, Map.of(), r -> assertTrue(first(r)));
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> query.run("FROM allocators", Map.of(), QueryTest::first));
    }
  }

  @Test
  void judgesOnlyWhereFindingsAreAsked() throws Exception {
    TraceSource source = TraceSource.open(trace, Judging.BUILT_IN, ReadProgress.NONE);
    try (TraceDatabase database = TraceDatabase.streaming(List.of(source), null, false)) {
      assertThat(database.value("SELECT count(*) FROM events")).isEqualTo("6");
      assertThat(database.value("SELECT count(*) FROM calls, frames")).isEqualTo("5");
      assertThat(source.isRead()).isFalse();
      assertThat(database.value("SELECT count(*) FROM allocators")).isEqualTo("1");
      assertThat(source.isRead()).isTrue();
      assertThat(source.isJudged()).isFalse();
      assertThat(database.value("SELECT rule FROM findings")).isEqualTo("double-free");
      assertThat(source.isJudged()).isTrue();
    }
  }

  private static void assertTrue(@Nullable Object value) {
    assertThat(value).isEqualTo(true);
  }

  @Test
  void tellsOfATraceThatIsDamagedWhereItIsRead() throws Exception {
    byte[] bytes = Files.readAllBytes(trace);
    bytes[bytes.length / 2] ^= 1;
    Files.write(trace, bytes);

    try (Query query = Query.open(List.of(trace))) {
      assertThatExceptionOfType(MalformedTraceException.class)
          .isThrownBy(() -> query.run("FROM frames", Map.of(), QueryTest::first));
      query.run("SELECT 7", Map.of(), result -> assertThat(first(result)).isEqualTo(7));
    }
  }

  @Test
  void keepsTheMessageOfWhatFailsBeforeTheFirstRow() throws Exception {
    try (Query query = Query.open(List.of(trace))) {
      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(
              () ->
                  query.run(
                      "CREATE TEMP TABLE mine AS SELECT 'x' AS a;\n\nSELECT a::INT + $n FROM mine",
                      Map.of("n", 1L),
                      QueryTest::first))
          .withMessage(
              """
              Conversion Error: Could not convert string 'x' to INT32 when casting from source\
               column a

              LINE 3: SELECT a::INT + $n FROM mine
                              ^^^^^""");
      query.run("SELECT 7", Map.of(), result -> assertThat(first(result)).isEqualTo(7));
    }
  }

  @Test
  void runsEveryStatementAndGivesTheLastResult() throws Exception {
    try (Query query = Query.open(List.of(trace))) {
      query.run(
          "CREATE TABLE t (i INT); INSERT INTO t VALUES (1), ($n); SELECT sum(i) FROM t",
          Map.of("n", 41L),
          result -> assertThat(first(result)).hasToString("42"));
    }
  }

  @Test
  @Timeout(60)
  void stopsWhenCancelled() throws Exception {
    try (Query query = Query.open(List.of(trace))) {
      Thread canceller =
          new Thread(
              () -> {
                while (!query.isCancelled()) {
                  query.cancel();
                }
                for (int i = 0; i < 50; i++) {
                  sleep();
                  query.cancel();
                }
              });
      canceller.start();
      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(
              () ->
                  query.run(
                      "SELECT count(*) FROM range(1000000000000) t(a) WHERE a % 7 = 3",
                      Map.of(), QueryTest::first));
      canceller.join();
      query.run("SELECT 7", Map.of(), result -> assertThat(first(result)).isEqualTo(7));
    }
  }

  private static void sleep() {
    try {
      Thread.sleep(20);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void handsOverRowsWhileTheyComeAbout() throws Exception {
    try (Query query = Query.open(List.of(trace))) {
      // A result of this size could not be kept.
      query.run(
          "SELECT repeat('x', 1000) || range FROM range(1000000000000)",
          Map.of(),
          result -> assertThat(first(result)).asString().hasSize(1001));
    }
  }

  @Test
  void closesTheFilesOfScansThatEndEarly() throws Exception {
    Path self = Path.of("/proc/self/fd");
    org.assertj.core.api.Assumptions.assumeThat(self).exists();
    try (Query query = Query.open(List.of(trace))) {
      for (int i = 0; i < 50; i++) {
        query.run("SELECT seq FROM events", Map.of(), QueryTest::first);
      }
      try (var open = Files.list(self)) {
        assertThat(open.filter(this::isTrace).count()).isZero();
      }
    }
  }

  private boolean isTrace(Path descriptor) {
    try {
      return Files.isSameFile(descriptor, trace);
    } catch (IOException e) {
      return false;
    }
  }
}
