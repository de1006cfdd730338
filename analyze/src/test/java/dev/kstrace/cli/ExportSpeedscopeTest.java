package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Frames live at a moment as {@code export --format speedscope} tells them. */
final class ExportSpeedscopeTest {
  private static final String STORY =
      """
      @kstrace.complete_start=true
      1 pin_create t=1000 pin=0x10 detail={"name":"capture"}
      2 initialize t=1010..1020 thread=7 pin=0x10 context=0x20 status=STATUS_SUCCESS \
      framing={frames=4 size=4096}
      3 initialize t=1030..1040 thread=7 pin=0x10 context=0x30 status=STATUS_SUCCESS \
      framing={frames=4 size=100000}
      4 allocate t=1100..1110 thread=7 context=0x20 frame=0x10000
      5 allocate t=1200..1210 thread=8 context=0x20 frame=0x20000
      6 allocate t=1300..1310 thread=8 context=0x20 frame=0x30000
      7 free t=1400 thread=9 context=0x20 frame=0x10000
      8 mark t=1450 detail={"text":"phase 2"}
      9 free t=1500 thread=9 context=0x20 frame=0x20000
      10 allocate t=1600..1610 thread=8 context=0x30 frame=0x90000
      11 free t=1700 thread=9 context=0x20 frame=0x30000
      12 free t=1800 thread=9 context=0x30 frame=0x90000
      13 trace_end t=2000
      """;

  @TempDir Path folder;
  private Cli cli;

  @BeforeEach
  void makeTrace() throws IOException {
    cli = new Cli(folder);
    Samples.write(cli.file("t.arrow"), STORY);
  }

  private JsonNode export(String... options) throws IOException {
    List<String> line =
        new ArrayList<>(List.of("export", "@t.arrow", "--format", "speedscope", "-f", "-o", "@o"));
    line.addAll(List.of(options));
    assertThat(cli.run(line.toArray(String[]::new)).all()).isEqualTo("exit 0\n");
    return new ObjectMapper().readTree(Files.readString(cli.file("o")));
  }

  private static List<String> stacks(JsonNode file) {
    List<String> stacks = new ArrayList<>();
    JsonNode profile = file.at("/profiles/0");
    for (int i = 0; i < profile.get("samples").size(); i++) {
      List<String> names = new ArrayList<>();
      for (JsonNode index : profile.get("samples").get(i)) {
        names.add(file.at("/shared/frames/" + index.asInt() + "/name").asText());
      }
      stacks.add(String.join(" > ", names) + ": " + profile.get("weights").get(i).asLong());
    }
    return stacks;
  }

  @Test
  void groupsWhatIsLiveAtThePeak() throws IOException {
    JsonNode file = export();

    assertThat(stacks(file))
        .containsExactly(
            "pin #1 capture > allocator #1 > thread 7: 1",
            "pin #1 capture > allocator #1 > thread 8: 2");
    assertThat(file.at("/name").asText()).isEqualTo("live frames, peak (seq 6)");
    assertThat(file.at("/profiles/0/endValue").asLong()).isEqualTo(3);
  }

  @Test
  void weighsByBytesOnDemand() throws IOException {
    JsonNode file = export("--weight", "bytes");

    assertThat(stacks(file))
        .containsExactly(
            "pin #1 capture > allocator #1 > thread 8: 4096",
            "pin #1 capture > allocator #2 > thread 8: 100000");
    assertThat(file.at("/name").asText()).isEqualTo("live bytes, peak (seq 10)");
    assertThat(file.at("/profiles/0/unit").asText()).isEqualTo("bytes");
  }

  @ParameterizedTest
  @CsvSource({
    "4, 1",
    "7, 2",
    "450ns, 2",
    "'mark:phase 2', 2",
    "500ns, 1",
    "99999, 0",
    "3, 0",
  })
  void looksAtAnyMoment(String place, int live) throws IOException {
    assertThat(export("--at", place).at("/profiles/0/endValue").asInt()).isEqualTo(live);
  }

  @Test
  void isWhatThePublishedSchemaDescribes() throws IOException {
    Path published =
        TestReaders.modules().resolve("speedscope/dist/release/file-format-schema.json");
    JsonSchema schema =
        JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7)
            .getSchema(new ObjectMapper().readTree(Files.readString(published)));

    assertThat(schema.validate(export())).isEmpty();
    assertThat(schema.validate(export("--weight", "bytes", "--at", "3"))).isEmpty();
    String broken = Files.readString(cli.file("o")).replace("\"sampled\"", "\"no-such\"");
    assertThat(schema.validate(new ObjectMapper().readTree(broken))).isNotEmpty();
  }

  @Test
  void saysWhereThereIsNothing() {
    assertThat(
            cli.run("export", "@t.arrow", "--format", "speedscope", "--at", "mark:no", "-o", "@o")
                .all())
        .isEqualTo("exit 2\nkstrace: t.arrow has no event at or before mark:no\n");
    assertThat(cli.file("o")).doesNotExist();
  }
}
