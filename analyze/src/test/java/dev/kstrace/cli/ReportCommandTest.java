package dev.kstrace.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kstrace.cli.report.ReportPage;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.Layer;
import dev.kstrace.traces.Op;
import dev.kstrace.traces.TraceEvent;
import dev.kstrace.traces.TraceMetadata;
import dev.kstrace.traces.TraceWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code kstrace report}: the file that it writes. */
final class ReportCommandTest {
  @TempDir Path folder;
  private Cli cli;

  @BeforeEach
  void makeCli() throws IOException {
    cli = new Cli(folder);
    Samples.write(cli.file("bad.arrow"), Samples.DOUBLE_FREE);
    Samples.write(cli.file("good.arrow"), Samples.CLEAN);
  }

  private JsonNode trace(String file) throws IOException {
    assertThat(cli.run("report", "@" + file, "-f", "-o", "@page.html").all()).isEqualTo("exit 0\n");
    return ReportText.data(cli.file("page.html")).get("traces").get(0);
  }

  private JsonNode traceOf(String text) throws IOException {
    Samples.write(cli.file("t.arrow"), text);
    return trace("t.arrow");
  }

  @Test
  void givesTheSameBytesAgain() throws IOException {
    cli.run("report", "@bad.arrow", "@good.arrow", "-o", "@a.html");
    cli.run("report", "@bad.arrow", "@good.arrow", "-o", "@b.html");

    assertThat(cli.file("a.html")).hasSameBinaryContentAs(cli.file("b.html"));
    assertThat(ReportText.dataText(Files.readString(cli.file("a.html"))))
        .startsWith("{\"schema\":\"kstrace.report/1\",\"tool\":\"kstrace development\"");
  }

  @Test
  void leavesOutWhatIsKnownAndSaysSo() throws IOException {
    cli.run("check", "@bad.arrow", "-q", "--write-baseline", "@known.json");

    assertThat(cli.run("report", "@bad.arrow", "--baseline", "@known.json", "-o", "@k.html").all())
        .isEqualTo("exit 0\n");
    JsonNode known = ReportText.data(cli.file("k.html")).get("traces").get(0);
    assertThat(known.get("headline").asText()).isEqualTo("No new findings");
    assertThat(known.get("lead").asText())
        .isEqualTo("8 events, nothing new. Left out: 1 finding that the baseline has.");
    assertThat(known.get("groups")).isEmpty();
    Files.writeString(
        cli.file("kstrace.toml"), "[[suppress]]\nrule = \"double-free\"\nreason = \"x\"\n");
    assertThat(trace("bad.arrow").get("lead").asText())
        .isEqualTo("8 events, nothing new. Left out: 1 suppressed finding.");
    assertThat(cli.run("report", "@bad.arrow", "--baseline", "@bad.arrow", "-o", "@n.html").code())
        .isEqualTo(ExitCode.USAGE);
    assertThat(cli.file("n.html")).doesNotExist();
  }

  @Test
  void saysTheVerdictInASentence() throws IOException {
    JsonNode bad = trace("bad.arrow");
    JsonNode good = trace("good.arrow");

    assertThat(bad.get("headline").asText()).isEqualTo("1 error: double-free");
    assertThat(bad.get("lead").asText())
        .isEqualTo(
            "Frame 0x10000 is freed again; it was freed at seq 4. It happened on pin capture.");
    assertThat(good.get("headline").asText()).isEqualTo("No findings");
    assertThat(good.get("lead").asText()).isEqualTo("8 events keep the contract.");
  }

  @Test
  void saysWhatIsMissing() throws IOException {
    JsonNode trace =
        traceOf(
            """
            @kstrace.complete_start=false
            10 pin_create t=5 pin=0x10
            20 mark t=1000 detail={"text":"begin"}
            """);

    assertThat(trace.get("headline").asText()).startsWith("1 note: events-lost");
    assertThat(trace.get("completeStart").asBoolean()).isFalse();
    assertThat(trace.get("cleanEnd").asBoolean()).isFalse();
    assertThat(trace.get("lost").asLong()).isEqualTo(9);
    assertThat(trace.get("gaps").toString()).isEqualTo("[[0,995,9,\"hole in seq\",\"20\"]]");
    assertThat(trace.get("marks").toString()).isEqualTo("[[995,\"begin\",\"20\"]]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", // no events
        "1 mark t=5", // one moment
        "1 mark t=-9223372036854775808\n2 mark t=9223372036854775807", // all of time
        "1 allocate context=0x20 frame=0x1000", // no allocator
        "1 initialize context=0x20 status=STATUS_NO_MEMORY", // none was made
        "1 initialize context=0x20\n2 allocate context=0x20 frame=0x1000", // cut
        "1 pin_state t=1 pin=0x5 detail={\"from\":0,\"to\":7}\n2 trace_end t=2"
      })
  void showsTracesOfAnyKind(String events) throws IOException {
    JsonNode trace = traceOf("@kstrace.complete_start=true\n" + events + "\n");

    assertThat(trace.get("headline").asText()).isNotEmpty();
    assertThat(trace.get("duration").asDouble()).isNotNegative();
  }

  @Test
  void showsATraceWithoutAFooter() throws IOException {
    Samples.writeWithoutFooter(cli.file("torn.arrow"), Samples.DOUBLE_FREE);

    JsonNode trace = trace("torn.arrow");

    assertThat(trace.get("headline").asText()).isEqualTo("1 error: double-free");
    assertThat(trace.get("cleanEnd").asBoolean()).isFalse();
  }

  @Test
  void allowsItsOwnScriptsAndNothingElse() throws Exception {
    trace("bad.arrow");
    String page = Files.readString(cli.file("page.html"));
    Matcher policy =
        Pattern.compile("Content-Security-Policy\" content=\"([^\"]*)\"").matcher(page);
    assertThat(policy.find()).isTrue();
    assertThat(policy.group(1)).startsWith("default-src 'none'; style-src 'sha256-");

    Matcher inside = Pattern.compile("<(script|style)>(.*?)</\\1>", Pattern.DOTALL).matcher(page);
    int count = 0;
    while (inside.find()) {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(inside.group(2).getBytes(UTF_8));
      String hash = Base64.getEncoder().encodeToString(digest);
      assertThat(policy.group(1)).contains("'sha256-" + hash + "'");
      count++;
    }
    assertThat(count).isEqualTo(policy.group(1).split("'sha256-", -1).length - 1).isGreaterThan(5);
    assertThat(page).doesNotContain("<link ", "<img", " src=", " style=\"", "@import");
    assertThat(
            page.replaceAll("https://learn\\.microsoft\\.com/|http://www\\.w3\\.org/2000/svg", ""))
        .doesNotContain("http://", "https://");
  }

  @Test
  void takesNothingFromATraceAsMarkup() throws IOException {
    EventBatch batch = new EventBatch(1000);
    HostileFiles.hostileEvents().forEach(batch::add);
    try (TraceWriter writer =
        TraceWriter.create(cli.file("h.arrow"), HostileFiles.hostileMetadata(), false)) {
      writer.write(batch);
    }
    trace("h.arrow");

    String data = ReportText.dataText(Files.readString(cli.file("page.html")));
    assertThat(data).matches("[\\x20-\\x7e]*").doesNotContain("<", ">", "&", "'");
    assertThat(data.length()).isLessThan(400_000);
    JsonNode parsed = ReportText.data(cli.file("page.html"));
    assertThat(texts(parsed)).noneMatch(text -> text.matches("(?s).*[\\p{Cc}\\p{Cf}&&[^\\n]].*"));
  }

  private static List<String> texts(JsonNode node) {
    List<String> texts = new ArrayList<>();
    if (node.isTextual()) {
      texts.add(node.asText());
    }
    node.forEach(child -> texts.addAll(texts(child)));
    return texts;
  }

  @Test
  void staysSmallWhateverTheTrace() throws IOException {
    int pins = 6000;
    EventBatch batch = new EventBatch(pins * 8);
    long seq = 0;
    for (int i = 0; i < pins; i++) {
      long context = 0x1000L + i;
      String name = "\u0001".repeat(60) + i;
      batch.add(
          TraceEvent.of(++seq, Op.PIN_CREATE, Layer.NONE, seq)
              .pin(context)
              .detail("{\"name\":\"" + name.replace("\u0001", "\\u0001") + "\"}")
              .build());
      batch.add(
          TraceEvent.of(++seq, Op.INITIALIZE, Layer.CALLBACK, seq)
              .pin(context)
              .context(context)
              .status(0)
              .build());
      for (int k = 0; k < 2; k++) {
        batch.add(
            TraceEvent.of(++seq, Op.ALLOCATE, Layer.CALLBACK, seq)
                .context(context)
                .thread(i)
                .frame(0x10_0000L * (i + 1) + 0x1000L * k)
                .build());
      }
      batch.add(
          TraceEvent.of(++seq, Op.FREE, Layer.CALLBACK, seq).context(context).frame(7).build());
      batch.add(
          TraceEvent.of(++seq, Op.MARK, Layer.NONE, seq)
              .detail("{\"text\":\"" + "m".repeat(500) + "\"}")
              .build());
    }
    Map<String, String> values = new HashMap<>(Map.of(TraceMetadata.COMPLETE_START, "true"));
    for (int i = 0; i < 3000; i++) {
      values.put("key" + i, "\u0001".repeat(500));
    }
    TraceMetadata metadata = TraceMetadata.of(values);
    try (TraceWriter writer = TraceWriter.create(cli.file("many.arrow"), metadata, true)) {
      writer.write(batch);
    }

    JsonNode trace = trace("many.arrow");

    assertThat(cli.file("page.html")).isRegularFile();
    assertThat(Files.size(cli.file("page.html"))).isLessThanOrEqualTo(ReportPage.MOST_BYTES);
    assertThat(trace.get("findingCount").asInt()).isGreaterThan(5000);
    assertThat(trace.get("error").asInt()).isGreaterThan(5000);
    assertThat(trace.get("allocatorCount").asInt()).isEqualTo(pins);
    assertThat(ReportText.data(cli.file("page.html")).get("reduced").asBoolean()).isTrue();
  }

  @Test
  void drawsFramesAndWhereTheyExceedTheLimit() throws IOException {
    JsonNode trace =
        traceOf(
            """
            @kstrace.complete_start=true
            1 pin_create t=100 pin=0x10 detail={"name":"capture"}
            2 initialize t=200 pin=0x10 context=0x20 status=STATUS_SUCCESS \
            framing={pool=NonPagedPool frames=1 size=64 align=0x3f}
            3 allocate t=300..310 thread=7 context=0x20 frame=0x1000
            4 allocate t=400..410 thread=7 context=0x20 frame=0x1040
            5 free t=500 thread=8 context=0x20 frame=0x1000
            6 allocate t=600..610 thread=9 context=0x20 frame=0x1000
            7 trace_end t=1100
            """);

    JsonNode chart = trace.get("charts").get(0);
    assertThat(chart.get("t").toString()).isEqualTo("[210,100,90,110]");
    assertThat(chart.get("v").toString()).isEqualTo("[1,2,1,2]");
    assertThat(chart.get("width").asLong()).isOne();
    assertThat(chart.get("crossingSeq").asText()).isEqualTo("4");
    assertThat(chart.get("crossing").asLong()).isEqualTo(310);
    JsonNode slots = trace.get("slots").get(0).get("slots");
    assertThat(slots.get(0).get("at").asText()).isEqualTo("0x1000");
    assertThat(slots.get(0).get("spans").toString())
        .isEqualTo("[[210,190,7,8,\"3\"],[300,-1,9,-1,\"6\",1,0,1]]");
    assertThat(slots.get(1).get("gap").asLong()).isZero();
  }

  @Test
  void comparesSeveralTraces() throws IOException {
    cli.run("report", "@bad.arrow", "@good.arrow", "@bad.arrow", "-o", "@page.html");
    JsonNode data = ReportText.data(cli.file("page.html"));

    assertThat(data.get("traces")).hasSize(3);
    assertThat(data.get("comparisons")).hasSize(2);
    JsonNode fixed = data.get("comparisons").get(0);
    assertThat(fixed.get("fixedCount").asInt()).isOne();
    assertThat(fixed.get("addedCount").asInt()).isZero();
    assertThat(fixed.get("events").toString())
        .isEqualTo("[[\"free\",\"\",false,2,1],[\"mark\",\"\",false,0,1]]");
    assertThat(data.get("comparisons").get(1).get("remainingCount").asInt()).isOne();
  }

  @Test
  void leadsOnWithCommandsThatRun() throws IOException {
    JsonNode card = trace("bad.arrow").get("groups").get(0);

    assertThat(card.get("explain").asText()).isEqualTo("kstrace explain bad.arrow 5");
    assertThat(card.get("minimize").asText())
        .isEqualTo(
            "kstrace minimize bad.arrow --rule double-free --fingerprint "
                + card.get("fingerprint").asText()
                + " -o small.arrow");
    assertThat(card.get("replay").asText())
        .isEqualTo("kstrace replay bad.arrow --target native:YOUR_DRIVER.so -o again.arrow");
    assertThat(card.get("query").asText())
        .isEqualTo("kstrace query bad.arrow \"" + card.get("sql").asText() + "\"");
    assertThat(
            cli.run("query", "--format", "csv", "@bad.arrow", card.get("sql").asText())
                .out()
                .replace("\"", ""))
        .startsWith("seq,op,ms,thread,irql_entry,frame,frame_state,related_seq,live_after")
        .contains("\n5,free,0.005,8,2,0x10000,freed,4,0");
    assertThat(cli.run("explain", "@bad.arrow", "5").code()).isZero();
    String[] minimize = card.get("minimize").asText().split(" ", -1);
    minimize[2] = "@bad.arrow";
    minimize[minimize.length - 1] = "@small.arrow";
    assertThat(cli.run(List.of(minimize).subList(1, minimize.length).toArray(String[]::new)).code())
        .isZero();
  }

  @Test
  void namesTheTargetOfASimulatedTrace() throws IOException {
    cli.run(
        "capture sim --profile tvcap-uyvy-ntsc --fault overlap-slots --frames 20 -o @s.arrow"
            .split(" ", -1));

    String[] replay = trace("s.arrow").get("groups").get(0).get("replay").asText().split(" ", -1);

    assertThat(replay[4]).isEqualTo("sim:tvcap-uyvy-ntsc+overlap-slots");
    assertThat(cli.run("replay", "@s.arrow", "--target", replay[4], "-o", "@again.arrow").code())
        .isZero();
  }

  @Test
  void refusesWhatItCannotDo() throws IOException {
    Files.writeString(cli.file("there.html"), "mine");
    Files.writeString(cli.file("no.arrow"), "no trace");

    assertThat(cli.run("report", "@bad.arrow").all())
        .isEqualTo("exit 2\nkstrace: where to? give -o FILE\n");
    assertThat(cli.run("report", "@bad.arrow", "-o", "@there.html").err())
        .contains("it exists already");
    assertThat(cli.file("there.html")).hasContent("mine");
    assertThat(cli.run("report", "@bad.arrow", "-f", "-o", "@bad.arrow").err())
        .contains("it is the input itself");
    Cli.Result unreadable = cli.run("report", "@bad.arrow", "@no.arrow", "-o", "@new.html");
    assertThat(unreadable.code()).isEqualTo(ExitCode.UNREADABLE);
    assertThat(folder)
        .isDirectoryNotContaining("glob:**/new.html*")
        .isDirectoryNotContaining("glob:**/*.part");
    assertThat(cli.run("report", "@missing.arrow", "-o", "@new.html").err())
        .isEqualTo("kstrace: cannot read missing.arrow: there is no such file\n");
  }

  @Test
  void carriesOutTheCommandsOfItsDocumentation() throws IOException {
    Files.copy(cli.file("bad.arrow"), cli.file("before.arrow"));
    Files.copy(cli.file("good.arrow"), cli.file("after.arrow"));
    String page = Files.readString(ReadmeTest.ROOT.resolve("docs/report.md"));
    Matcher line = Pattern.compile("(?m)^kstrace (.*)$").matcher(page);
    int count = 0;
    while (line.find()) {
      String[] words = line.group(1).replaceAll("([a-z]+\\.(arrow|html))", "@$1").split(" ", -1);
      assertThat(cli.run(words).code()).as(line.group()).isZero();
      count++;
    }
    assertThat(count).isEqualTo(3);
    assertThat(folder).isDirectoryContaining("glob:**/{faulty,change}.html");
  }
}
