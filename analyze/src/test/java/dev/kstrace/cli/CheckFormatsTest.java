package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.maven.plugin.surefire.log.api.NullConsoleLogger;
import org.apache.maven.plugins.surefire.report.ReportTestCase;
import org.apache.maven.plugins.surefire.report.ReportTestSuite;
import org.apache.maven.plugins.surefire.report.TestSuiteXmlParser;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.tables.TableCell;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Code;
import org.commonmark.node.CustomNode;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.Heading;
import org.commonmark.node.Image;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.parser.Parser;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The formats of {@code kstrace check}, each read by a reader that is not ours. */
final class CheckFormatsTest {
  /** A pin's name that is markup in every format. */
  private static final String EVIL =
      "a|b`c``[x](http://evil) {0} <b>&amp;</b> @all #1 ]]> \\\\u001b[2J\\\\n## owned";

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;
  private Cli cli;

  @BeforeEach
  void makeTraces() throws IOException {
    cli = new Cli(folder);
    Samples.write(cli.file("hit.arrow"), Samples.DOUBLE_FREE);
    Samples.write(cli.file("clean.arrow"), Samples.CLEAN);
    Samples.write(cli.file("evil.arrow"), Samples.DOUBLE_FREE.replace("capture", EVIL));
  }

  private JsonNode sarif(String... args) throws IOException {
    List<String> line = new ArrayList<>(List.of("check", "--format", "sarif"));
    line.addAll(List.of(args));
    JsonNode log = JSON.readTree(cli.run(line.toArray(String[]::new)).out());
    assertThat(violations(log)).isEmpty();
    return log.at("/runs/0");
  }

  private static List<String> violations(JsonNode log) throws IOException {
    try (var schema =
        Objects.requireNonNull(
            CheckFormatsTest.class.getResourceAsStream("/sarif/sarif-2.1.0-rtm.5.json"))) {
      JsonSchema published =
          JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V4)
              .getSchema(JSON.readTree(schema));
      return published.validate(log).stream().map(Object::toString).toList();
    }
  }

  @Test
  void sarifIsWhatThePublishedSchemaDescribes() throws IOException {
    Files.writeString(
        cli.file("kstrace.toml"),
        "[[suppress]]\nrule = 'double-free'\ntrace = 'evil.arrow'\nreason = 'see the erratum'\n");
    cli.run("check", "--no-config", "--write-baseline", "@base.json", "@hit.arrow", "@hit.arrow");

    JsonNode run = sarif("--baseline", "@base.json", "@hit.arrow", "@evil.arrow", "@none.arrow");

    assertThat(run.at("/results/0/baselineState").asText()).isEqualTo("unchanged");
    assertThat(run.at("/results/0/suppressions")).isEmpty();
    assertThat(run.at("/results/1/suppressions/0/justification").asText())
        .isEqualTo("see the erratum");
    assertThat(run.at("/invocations/0/executionSuccessful").asBoolean()).isFalse();
    assertThat(run.at("/invocations/0/exitCode").asInt()).isEqualTo(ExitCode.UNREADABLE);
    assertThat(run.at("/invocations/0/toolExecutionNotifications").toString())
        .contains("there is no such file");
    assertThat(run.at("/artifacts")).hasSize(3);
  }

  @Test
  void theSchemaFindsWhatIsWrong() throws IOException {
    String log = cli.run("check", "--format", "sarif", "@hit.arrow").out();

    assertThat(violations(JSON.readTree(log.replace("\"level\": \"error\"", "\"level\": \"bad\""))))
        .isNotEmpty();
    assertThat(violations(JSON.readTree(log.replace("\"version\": \"2.1.0\",", "")))).isNotEmpty();
  }

  @Test
  void sarifTellsWhatHappenedWhereAndWhatToDo() throws IOException {
    JsonNode run = sarif("@hit.arrow");
    JsonNode result = run.at("/results/0");
    JsonNode rule = run.at("/tool/driver/rules").get(result.get("ruleIndex").asInt());

    assertThat(rule.get("id").asText()).isEqualTo("double-free");
    assertThat(rule.get("helpUri").asText())
        .isEqualTo(
            "https://learn.microsoft.com/windows-hardware/drivers/ddi/ks/nc-ks-pfnksdefaultfree");
    assertThat(rule.at("/help/markdown").asText()).contains("**Fix.** Give each frame back once");
    assertThat(result.at("/partialFingerprints/kstrace~1v1").asText()).matches("[0-9a-f]{16}");
    assertThat(result.get("level").asText()).isEqualTo("error");
    List<String> places = new ArrayList<>();
    result
        .at("/locations/0/logicalLocations")
        .forEach(place -> places.add(place.get("fullyQualifiedName").asText()));
    assertThat(places)
        .containsExactly(
            "pin capture",
            "pin capture/allocator 1",
            "pin capture/allocator 1/frame 0x10000",
            "pin capture/allocator 1/frame 0x10000/event 5");
    JsonNode threads = result.at("/codeFlows/0/threadFlows");
    assertThat(threads).hasSize(2);
    assertThat(threads.at("/0/id").asText()).isEqualTo("thread 7");
    assertThat(threads.at("/1/locations/0/importance").asText()).isEqualTo("essential");
    assertThat(threads.at("/1/locations/0/executionOrder").asInt()).isEqualTo(4);
    assertThat(threads.at("/1/locations/0/location/message/text").asText())
        .contains("free 0x10000");
    assertThat(run.at("/invocations/0/exitCode").asInt()).isEqualTo(1);
    assertThat(run.at("/invocations/0/executionSuccessful").asBoolean()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b%20#?.arrow", "ä€.arrow", "a+b&c=d;e.arrow", "[x].arrow"})
  void sarifNamesFilesByteForByte(String name) throws IOException {
    Path file = Samples.write(cli.file(name), Samples.CLEAN);

    JsonNode uri = sarif("@" + name).at("/artifacts/0/location/uri");

    // What is printed lacks the folder.
    String relative = uri.asText().substring("file://".length());
    assertThat(Path.of(URI.create(folder.toUri() + relative))).isEqualTo(file);
  }

  private static List<ReportTestSuite> junit(String xml) throws Exception {
    return new TestSuiteXmlParser(new NullConsoleLogger())
        .parse(
            new InputStreamReader(
                new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)),
                StandardCharsets.UTF_8));
  }

  @Test
  void junitIsWhatSurefiresReaderUnderstands() throws Exception {
    Cli.Result result =
        cli.run(
            "check", "--format", "junit", "@hit.arrow", "@clean.arrow", "@evil.arrow", "@no.arrow");

    List<ReportTestSuite> suites = junit(result.out());

    assertThat(suites).hasSize(4);
    assertThat(suites).extracting(ReportTestSuite::getNumberOfFailures).containsExactly(1, 0, 1, 0);
    assertThat(suites).extracting(ReportTestSuite::getNumberOfErrors).containsExactly(0, 0, 0, 1);
    assertThat(suites.get(0).getNumberOfSkipped()).isPositive();
    ReportTestCase failed =
        suites.get(0).getTestCases().stream()
            .filter(ReportTestCase::hasFailure)
            .findFirst()
            .orElseThrow();
    assertThat(failed.getName()).isEqualTo("double-free");
    assertThat(failed.getFailureMessage()).startsWith("1 finding, the first at seq 5: frame 0x1");
    assertThat(suites.get(0).getTestCases()).hasSize(dev.kstrace.analyze.RulePack.builtIn().size());
    assertThat(result.out()).doesNotContain("\u001b");
  }

  @Test
  void junitPassesWhatDoesNotFailTheCall() throws Exception {
    String xml = cli.run("check", "--format", "junit", "--fail-on", "never", "@hit.arrow").out();

    assertThat(junit(xml).get(0).getNumberOfFailures()).isZero();
    assertThat(xml).contains("<system-out>error seq 5: frame 0x10000 is freed again");
  }

  /** What a reader of Markdown sees. */
  private static final class Seen extends AbstractVisitor {
    final List<String> code = new ArrayList<>();
    final List<String> blocks = new ArrayList<>();
    int headings;
    int links;
    int cells;

    @Override
    public void visit(Code span) {
      code.add(span.getLiteral());
    }

    @Override
    public void visit(FencedCodeBlock block) {
      blocks.add(block.getLiteral());
    }

    @Override
    public void visit(Heading heading) {
      headings++;
      visitChildren(heading);
    }

    @Override
    public void visit(Link link) {
      links++;
    }

    @Override
    public void visit(Image image) {
      links++;
    }

    @Override
    public void visit(CustomNode node) {
      cells += node instanceof TableCell ? 1 : 0;
      visitChildren(node);
    }
  }

  private static Seen markdown(String text) {
    List<Extension> tables = List.of(TablesExtension.create());
    Node page = Parser.builder().extensions(tables).build().parse(text);
    Seen seen = new Seen();
    page.accept(seen);
    return seen;
  }

  @Test
  void markdownShowsATableAndTheCalls() {
    String text = cli.run("check", "--format", "markdown", "@hit.arrow", "@clean.arrow").out();

    Seen seen = markdown(text);

    assertThat(text).startsWith("## kstrace: 1 error\n\n| trace | errors |\n|---|---:|\n");
    assertThat(seen.cells).isEqualTo(6);
    assertThat(seen.headings).isEqualTo(2);
    assertThat(seen.code)
        .contains("hit.arrow", "frame 0x10000 is freed again; it was freed at seq 4");
    assertThat(seen.blocks).hasSize(1);
    assertThat(seen.blocks.get(0)).contains(">        5           0.005 ms  thread 8");
  }

  @Test
  void nothingFromATraceIsMarkup() throws IOException {
    Samples.write(cli.file("a|b`c.arrow"), Samples.CLEAN);

    Seen seen =
        markdown(cli.run("check", "--format", "markdown", "@evil.arrow", "@a|b`c.arrow").out());

    assertThat(seen.links).isZero();
    assertThat(seen.headings).isEqualTo(2);
    assertThat(seen.cells).isEqualTo(6);
    assertThat(seen.code).contains("a|b`c.arrow");
    assertThat(seen.blocks.get(0)).contains("a|b`c``[x](http://evil)").doesNotContain("\n## owned");
  }

  @Test
  void aCommentStaysWithinWhatHostsTake() throws IOException {
    StringBuilder text = new StringBuilder("@kstrace.complete_start=true\n");
    int seq = 0;
    for (int pin = 1; pin <= 400; pin++) {
      text.append(++seq + " pin_create pin=" + pin + " detail={\"name\":\"pin" + pin + "\"}\n");
      text.append(++seq + " initialize pin=" + pin + " context=" + (1000 + pin));
      text.append(" status=STATUS_SUCCESS framing={frames=4 size=4096}\n");
      text.append(++seq + " allocate context=" + (1000 + pin) + " frame=" + pin * 65536 + "\n");
    }
    Samples.write(cli.file("many.arrow"), text.append(++seq + " trace_end\n").toString());

    String comment = cli.run("check", "--format", "markdown", "@many.arrow").out();

    assertThat(comment.length()).isBetween(40_000, 65_000);
    assertThat(comment).contains("\nToo long for a comment: ", " more groups of findings.");
  }

  @Test
  void ndjsonIsOneObjectALine() throws IOException {
    String out =
        cli.run("check", "--format", "ndjson", "@hit.arrow", "@none.arrow", "@evil.arrow").out();

    List<String> types = new ArrayList<>();
    for (String line : out.split("\n", -1)) {
      if (!line.isEmpty()) {
        JsonNode object = JSON.readTree(line);
        types.add(object.get("type").asText());
        assertThat(object.has("path")).isTrue();
      }
    }
    // However many rules do not apply, they stand together behind the findings.
    assertThat(String.join(" ", types).replaceAll("(not_applicable ?)+", "not_applicable "))
        .isEqualTo("trace finding not_applicable error trace finding not_applicable ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"table", "json", "ndjson", "sarif", "junit", "markdown"})
  void everyFormatGivesTheSameBytesAndNoEscapes(String format) {
    String[] line = {"check", "--format", format, "@hit.arrow", "@evil.arrow", "@none.arrow"};

    Cli.Result first = cli.run(line);

    assertThat(first.code()).isEqualTo(ExitCode.UNREADABLE);
    assertThat(cli.run(line).out()).isEqualTo(first.out());
    assertThat(first.out()).doesNotContain("\u001b");
  }

  @ParameterizedTest
  @ValueSource(strings = {"table", "json", "ndjson", "sarif", "junit", "markdown"})
  void everyFormatGoesToAFileAsWell(String format) throws IOException {
    Cli.Result printed = cli.run("check", "--format", format, "@hit.arrow");
    Cli.Result written = cli.run("check", "--format", format, "-o", "@out", "@hit.arrow");

    assertThat(written.all()).isEqualTo("exit 1\n");
    String text = Files.readString(cli.file("out"));
    assertThat(text.replace(folder + java.io.File.separator, ""))
        .hasSameSizeAs(printed.out())
        .isEqualTo(printed.out());
    assertThat(cli.run("check", "-o", "@out", "@clean.arrow").all())
        .isEqualTo(
            "exit 2\nkstrace: cannot write out: it exists already; choose another name, or -f to"
                + " replace it\n");
    assertThat(cli.run("check", "-f", "-q", "-o", "@out", "@clean.arrow").code()).isZero();
    assertThat(cli.file("out")).hasContent(cli.file("clean.arrow") + ": no findings");
    assertThat(folder.toFile().list()).doesNotContain("out.part");
  }
}
