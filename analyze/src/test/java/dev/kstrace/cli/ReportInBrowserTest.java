package dev.kstrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kstrace.analyze.LargeTraceGenerator;
import dev.kstrace.traces.EventBatch;
import dev.kstrace.traces.TraceWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of {@code report} in a real browser; skipped where Chromium is not installed. */
final class ReportInBrowserTest {
  @TempDir static Path folder;
  private static Browser browser;
  private static Cli cli;

  @BeforeAll
  static void startBrowser() throws IOException {
    assumeTrue(
        Browser.isThere(),
        "no chromium and chromedriver on PATH (Debian: chromium, chromium-driver)");
    cli = new Cli(folder);
    Samples.write(cli.file("bad.arrow"), Samples.DOUBLE_FREE);
    Samples.write(cli.file("good.arrow"), Samples.CLEAN);
    cli.run(
        "capture sim --profile tvcap-uyvy-ntsc --fault overlap-slots --seed 7 -o @tv.arrow"
            .split(" ", -1));
    browser = new Browser(folder.resolve("profile"));
  }

  @AfterAll
  static void stopBrowser() {
    if (browser != null) {
      browser.close();
    }
  }

  @AfterEach
  void pageIsQuietAndAsksForNothing() throws IOException {
    assertThat(browser.said()).isEmpty();
    assertThat(browser.requests()).isNotEmpty().allMatch(address -> address.startsWith("file:"));
  }

  private static void open(String... traces) {
    List<String> line = new ArrayList<>(List.of("report"));
    Collections.addAll(line, traces);
    Collections.addAll(line, "-f", "-o", "@page.html");
    assertThat(cli.run(line.toArray(String[]::new)).all()).isEqualTo("exit 0\n");
    browser.open(cli.file("page.html"));
  }

  private static double from() {
    return browser.number("ks.shown.view.from");
  }

  private static double to() {
    return browser.number("ks.shown.view.to");
  }

  /** Lets the page draw what was asked for. */
  private static void settle() {
    browser.runLong(
        "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(done))");
  }

  private static void key(String key) {
    browser.run(
        "document.querySelector('.plot').dispatchEvent(new KeyboardEvent('keydown', {key: arguments[0],"
            + " bubbles: true, cancelable: true}))",
        key);
    settle();
  }

  private static void pointer(String type, double x, double y) {
    browser.run(
        """
        const plot = document.querySelector('.plot');
        plot.setPointerCapture = () => {};
        const box = plot.getBoundingClientRect();
        plot.dispatchEvent(new PointerEvent(arguments[0], {bubbles: true, button: 0, pointerId: 1,
          pointerType: 'mouse', clientX: box.left + arguments[1], clientY: box.top + arguments[2]}));
        """,
        type,
        x,
        y);
    settle();
  }

  @Test
  void showsTheVerdictAndAllParts() throws IOException {
    open("@tv.arrow");
    JsonNode trace = ReportText.data(cli.file("page.html")).get("traces").get(0);

    assertThat(browser.text("document.querySelector('h1').textContent"))
        .isEqualTo("1 error: overlapping-frames")
        .isEqualTo(trace.get("headline").asText());
    assertThat(browser.text("document.querySelector('.facts').innerText"))
        .contains("tv.arrow", "tvcap-uyvy-ntsc", "21.2 s", "117", "complete", "none");
    assertThat(browser.text("[...document.querySelectorAll('h2')].map(h => h.textContent).join()"))
        .isEqualTo(
            "Outstanding frames,Findings,Frame lifetimes,Lifetimes and latencies,Threads,Tables");
    assertThat(browser.number("document.querySelectorAll('.card').length")).isOne();
    assertThat(browser.text("document.querySelector('.card').innerText"))
        .contains(
            "overlapping-frames",
            trace.get("groups").get(0).get("advice").asText(),
            "kstrace replay tv.arrow --target sim:tvcap-uyvy-ntsc+overlap-slots");
    assertThat(browser.number("document.querySelectorAll('.lifeline .dot').length")).isEqualTo(5);
    assertThat(isPainted(".plot canvas")).isTrue();
    assertThat(isPainted("#frames canvas")).isTrue();
    assertThat(browser.text("document.querySelector('.address').innerText"))
        .contains("5 slots", "1 overlap the one before");
    assertThat(browser.number("document.documentElement.scrollWidth")).isLessThanOrEqualTo(1280);
    assertThat(browser.text("document.title")).isEqualTo("tv.arrow \u2013 kstrace report");
  }

  private static boolean isPainted(String canvas) {
    return painted(canvas) > 0.02;
  }

  /** The share of a canvas that is not empty. */
  private static double painted(String canvas) {
    settle();
    return browser.number(
        """
            (() => {
              const canvas = document.querySelector('CANVAS');
              const copy = document.createElement('canvas');
              [copy.width, copy.height] = [canvas.width, canvas.height];
              const pen = copy.getContext('2d', {willReadFrequently: true});
              pen.drawImage(canvas, 0, 0);
              const {data} = pen.getImageData(0, 0, canvas.width, canvas.height);
              let painted = 0;
              for (let i = 3; i < data.length; i += 4) painted += data[i] > 0 ? 1 : 0;
              return painted / (data.length / 4);
            })()"""
            .replace("CANVAS", canvas));
  }

  @Test
  void zoomsAndMovesByKeysWheelAndDrag() {
    open("@tv.arrow");
    double whole = to() - from();
    key("+");
    double zoomed = to() - from();
    assertThat(zoomed).isBetween(whole * 0.69, whole * 0.71);
    double before = from();
    key("ArrowRight");
    assertThat(from()).isGreaterThan(before);
    assertThat(to() - from()).isBetween(zoomed * 0.999, zoomed * 1.001);
    key("0");
    assertThat(to() - from()).isEqualTo(whole);

    double at = browser.number("ks.shown.timeline.box.left") + 100;
    double under = browser.number("ks.shown.view.from + 100 / ks.shown.timeline.scale");
    browser.run(
        """
        const plot = document.querySelector('.plot');
        const box = plot.getBoundingClientRect();
        plot.dispatchEvent(new WheelEvent('wheel', {bubbles: true, cancelable: true, ctrlKey: true,
          deltaY: -120, clientX: box.left + arguments[0], clientY: box.top + 50}));
        """,
        at);
    settle();
    assertThat(to() - from()).isLessThan(whole * 0.75);
    assertThat(browser.number("ks.shown.view.from + 100 / ks.shown.timeline.scale"))
        .isBetween(under - whole * 1e-6, under + whole * 1e-6);

    key("Home");
    double scale = browser.number("ks.shown.timeline.scale");
    pointer("pointerdown", at, 60);
    pointer("pointermove", at + 100, 60);
    pointer("pointerup", at + 100, 60);
    assertThat(to() - from()).isBetween(99 / scale, 101 / scale);
    browser.run(
        "document.querySelector('.plot').dispatchEvent(new MouseEvent('dblclick', {bubbles: true}))");
    settle();
    assertThat(to() - from()).isEqualTo(whole);
  }

  @Test
  void showsValuesAtTheCursor() {
    open("@tv.arrow");
    double middle =
        browser.number("(ks.shown.timeline.box.left + ks.shown.timeline.box.right) / 2");
    pointer("pointermove", middle, 80);

    assertThat(browser.number("ks.shown.view.cursor"))
        .isBetween(
            browser.number("ks.shown.view.whole * 0.49"),
            browser.number("ks.shown.view.whole * 0.51"));
    assertThat(
            browser.text(
                "ks.shown.timeline.valueAt(ks.shown.timeline.tracks[0], ks.shown.view.cursor)"))
        .isEqualTo("5 of 5");
    assertThat(browser.number("ks.shown.timeline.over.height")).isPositive();
    assertThat(painted("#timeline canvas.over")).isPositive();
    pointer("pointerleave", 0, 0);
    assertThat(painted("#timeline canvas.over")).isZero();
  }

  /**
   * What cannot be seen is not drawn while others are moved, and is right when it comes into sight.
   */
  @Test
  void catchesUpWithWhatWasOutOfSight() {
    open("@tv.arrow");
    browser.run("window.scrollTo(0, 0)");
    browser.waitFor(
        "return document.querySelector('#frames .plot').getBoundingClientRect().top > innerHeight + 100");
    String picture = "document.querySelector('#frames canvas').toDataURL()";
    settle();
    String whole = browser.text(picture);
    key("+");
    key("+");
    assertThat(browser.text(picture)).isEqualTo(whole);
    browser.run("document.querySelector('#frames .plot').scrollIntoView()");
    browser.waitFor(
        "return " + picture + " !== arguments[0]".replace("arguments[0]", "'" + whole + "'"));
    browser.run("ks.shown.frames.draw()");
    String drawn = browser.text(picture);
    browser.run("ks.redraw()");
    assertThat(browser.text(picture)).isEqualTo(drawn);
  }

  /** Every column of a drawing covers what brute force finds in it, and no more than there is. */
  @Test
  void missesNoPeakInAnyWindow() {
    open("@good.arrow");

    assertThat(
            browser.text(
                """
                (() => {
                  let seed = 7;
                  const random = (n) => (seed = (seed * 48271) % 2147483647) % n;
                  for (let round = 0; round < 300; round++) {
                    const width = [1, 4, 32][random(3)];
                    const points = {t: [], v: [], lo: [], hi: []};
                    for (let i = 0, at = random(9); i < random(80); i++, at += 1 + random(12)) {
                      const [low, more] = [random(9), random(5)];
                      points.t.push(at * width);
                      points.lo.push(low);
                      points.hi.push(low + more);
                      points.v.push(low + random(more + 1));
                    }
                    const [from, to] = [random(50), 400 + random(3000)];
                    const view = {from: random(600)};
                    const [count, step] = [40 + random(60), 1 + random(40)];
                    view.to = view.from + count * step;
                    const drawn = ks.columns(points, width, from, to, view, count);
                    for (let c = 0; c < count; c++) {
                      let [low, high] = [Infinity, -Infinity];
                      for (let t = view.from + c * step; t < view.from + (c + 1) * step; t++) {
                        if (t < Math.min(from, points.t.length ? points.t[0] : from) || t > to) continue;
                        const i = ks.before(points.t, t);
                        const inside = i >= 0 && t < points.t[i] + width;
                        low = Math.min(low, i < 0 ? 0 : inside ? points.lo[i] : points.v[i]);
                        high = Math.max(high, i < 0 ? 0 : inside ? points.hi[i] : points.v[i]);
                      }
                      if (high < 0) continue;
                      const k = c - drawn.first;
                      if (!(drawn.lo[k] <= low && drawn.hi[k] >= high)) return `round ${round} column ${c}`;
                    }
                    if (Math.max(...drawn.hi) > Math.max(0, ...points.hi)) return `round ${round}: too high`;
                  }
                  return 'right';
                })()"""))
        .isEqualTo("right");
  }

  @Test
  void jumpsFromTheChartToTheCardAndBack() {
    open("@tv.arrow");
    double x = browser.number("ks.shown.timeline.hits.find(h => h.findings).x");
    double y = browser.number("ks.shown.timeline.hits.find(h => h.findings).y");
    pointer("pointermove", x, y);
    assertThat(browser.text("document.getElementById('tip').innerText"))
        .startsWith("error: overlapping-frames\nseq 13");
    pointer("pointerdown", x, y);
    pointer("pointerup", x, y);
    assertThat(browser.text("document.activeElement.id")).isEqualTo("finding-0");

    browser.run("document.querySelector('.card header button').click()");
    settle();
    double time = browser.number("ks.shown.timeline.findings[0].time");
    assertThat(from()).isLessThan(time);
    assertThat(to()).isGreaterThan(time);
    assertThat(browser.text("document.activeElement.className")).startsWith("plot");

    key("0");
    key("n");
    assertThat(browser.text("document.getElementById('status').textContent"))
        .startsWith("Finding 1 of 1: overlapping-frames");
    key("Enter");
    assertThat(browser.text("document.activeElement.id")).isEqualTo("finding-0");
  }

  @Test
  void sortsAndFiltersTables() {
    open("@tv.arrow");
    browser.run(
        """
        const table = [...document.querySelectorAll('.table')]
          .find(t => t.querySelector('h3').textContent === 'Events by operation');
        table.id = 'ops';
        table.querySelectorAll('thead button')[1].click();
        """);
    String column =
        "[...document.querySelectorAll('#ops tbody tr')].map(r => r.cells[%d].innerText)";
    assertThat(browser.text(column.formatted(1) + ".join(' ')"))
        .isEqualTo(browser.text(column.formatted(1) + ".sort((a, b) => b - a).join(' ')"));
    assertThat(browser.text("document.querySelectorAll('#ops th')[1].getAttribute('aria-sort')"))
        .isEqualTo("descending");
    browser.run(
        """
        const filter = document.querySelector('#ops input');
        filter.value = 'ALLOC';
        filter.dispatchEvent(new Event('input'));
        """);
    assertThat(browser.text(column.formatted(0) + ".join(' ')")).isEqualTo("allocate");
  }

  @Test
  void comparesTwoTraces() {
    open("@bad.arrow", "@good.arrow");

    assertThat(browser.text("document.querySelector('h1').textContent"))
        .isEqualTo("1 fixed, none new");
    assertThat(browser.text("document.querySelector('main').innerText"))
        .contains("Before: bad.arrow. After: good.arrow.", "double-free");
    assertThat(isPainted(".side canvas")).isTrue();
    browser.run("document.querySelectorAll('[role=tab]')[1].click()");
    assertThat(browser.text("document.querySelector('h1').textContent"))
        .isEqualTo("1 error: double-free");
    browser.run("document.querySelectorAll('[role=tab]')[2].click()");
    assertThat(browser.text("document.querySelector('h1').textContent")).isEqualTo("No findings");
  }

  @Test
  void showsTracesOfAnyKind() throws IOException {
    String[] texts = {
      "",
      "1 mark t=5",
      "1 mark t=-9223372036854775808\n2 mark t=9223372036854775807",
      "1 allocate context=0x20 frame=0x1000",
      "1 initialize context=0x20\n9 allocate t=900 context=0x20 frame=0x1000\n12 mark t=1900"
    };
    for (String text : texts) {
      Samples.write(cli.file("any.arrow"), "@kstrace.complete_start=true\n" + text + "\n");
      open("@any.arrow");
      settle();
      key("+");
      key("n");
      assertThat(browser.number("document.querySelectorAll('main section').length"))
          .as(text)
          .isGreaterThan(5);
      assertThat(browser.said()).as(text).isEmpty();
    }
  }

  @Test
  void isNotHarmedByHostileNames() throws IOException {
    EventBatch batch = new EventBatch(1000);
    HostileFiles.hostileEvents().forEach(batch::add);
    Path trace = cli.file("<script>alert(1)\u202e\"'.arrow");
    try (TraceWriter writer = TraceWriter.create(trace, HostileFiles.hostileMetadata(), true)) {
      writer.write(batch);
    }
    open(trace.toString(), "@good.arrow");
    for (int width : new int[] {480, 1280}) {
      browser.size(width, 900);
      browser.run("document.querySelectorAll('[role=tab]')[1].click()");
      settle();
      assertThat(browser.number("document.querySelectorAll('main script, main img').length"))
          .isZero();
      assertThat(browser.text("document.body.innerText").codePoints())
          .noneMatch(c -> c != '\n' && Character.getType(c) == Character.CONTROL && c != '\t')
          .noneMatch(c -> Character.getType(c) == Character.FORMAT);
      assertThat(browser.number("document.documentElement.scrollWidth")).isLessThanOrEqualTo(width);
    }
    browser.size(1280, 900);
  }

  @Test
  void fitsEveryWidthAndBothThemes() {
    open("@tv.arrow");
    for (int width : new int[] {360, 480, 1280, 1920}) {
      browser.size(width, 900);
      settle();
      assertThat(browser.number("document.documentElement.scrollWidth")).isLessThanOrEqualTo(width);
      assertThat(isPainted(".plot canvas")).as("width %d", width).isTrue();
    }
    browser.size(1280, 900);
    String light = browser.text("getComputedStyle(document.body).backgroundColor");
    browser.run("document.getElementById('theme').click()");
    String dark = browser.text("getComputedStyle(document.body).backgroundColor");
    assertThat(dark).isNotEqualTo(light);
    browser.tell("Emulation.setEmulatedMedia", Map.of("media", "print"));
    assertThat(browser.text("getComputedStyle(document.querySelector('.bar')).display"))
        .isEqualTo("none");
    browser.tell("Emulation.setEmulatedMedia", Map.of("media", ""));
  }

  /**
   * Prints what it measures; fails only where something is out of all proportion. With
   * -Dbench.rounds=N pages are made and opened N times, after a first time that does not count.
   */
  @Test
  void staysQuickWithAMillionEvents() throws IOException, InterruptedException {
    int rounds = Integer.getInteger("bench.rounds", 0);
    Path trace = cli.file("million.arrow");
    LargeTraceGenerator.write(trace, LargeTraceGenerator.Shape.STREAMING, 1_000_000, 1);
    List<Double> made = new ArrayList<>();
    List<Double> opened = new ArrayList<>();
    Map<String, List<Double>> drawn = new LinkedHashMap<>();
    for (int round = 0; round <= rounds; round++) {
      if (round == 1) {
        made.clear();
        opened.clear();
        drawn.clear();
      }
      long begin = System.nanoTime();
      makePage();
      made.add((System.nanoTime() - begin) / 1e6);
      browser.open(cli.file("page.html"));
      settle();
      opened.add(browser.number("performance.getEntriesByName('ready')[0].startTime"));
      for (String move : List.of("zoom", "pan", "cursor")) {
        for (List<Number> step : steps(move)) {
          drawn.computeIfAbsent(move + ", script", key -> new ArrayList<>()).add(step(step, 0));
          drawn.computeIfAbsent(move + ", picture", key -> new ArrayList<>()).add(step(step, 1));
        }
      }
    }
    System.out.println("report of 1,000,000 events, ms (min/median/95 %/max):");
    System.out.println("  made     " + spread(made) + ", " + bytes("page.html") + " bytes");
    System.out.println("  opened   " + spread(opened));
    drawn.forEach((what, times) -> System.out.println("  " + what + "  " + spread(times)));
    assertThat(made.get(0)).isLessThan(120_000);
    assertThat(opened.get(0)).isLessThan(20_000);
    assertThat(drawn)
        .allSatisfy(
            (what, times) -> assertThat(times.stream().sorted().toList().get(60)).isLessThan(200));
  }

  /** In a process of its own, so that nothing is warm. */
  private static void makePage() throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.kstrace.cli.Main"));
    Collections.addAll(command, "report", "million.arrow", "-q", "-f", "-o", "page.html");
    Process process = new ProcessBuilder(command).directory(folder.toFile()).inheritIO().start();
    assertThat(process.waitFor()).isZero();
  }

  private static double step(List<Number> step, int index) {
    return step.get(index).doubleValue();
  }

  private static String bytes(String file) throws IOException {
    return String.format(Locale.ROOT, "%,d", java.nio.file.Files.size(cli.file(file)));
  }

  /** 120 steps of a move: how long the script took, and the time from picture to picture. */
  @SuppressWarnings("unchecked")
  private static List<List<Number>> steps(String move) {
    return (List<List<Number>>)
        browser.runLong(
            """
            const [move, done] = arguments;
            const view = ks.shown.view;
            view.reset();
            const moves = {
              zoom: (n) => view.zoom(n < 60 ? 0.93 : 1 / 0.93, view.whole * 0.3),
              pan: (n) => view.pan(n < 60 ? 0.02 : -0.02),
              cursor: (n) => view.point(view.whole * (0.2 + n / 300)),
            };
            if (move === 'pan') view.show(view.whole * 0.3, view.whole * 0.5);
            const steps = [];
            let last = 0;
            let n = -2; // the first two pictures are of the reset
            const step = (now) => {
              const begin = performance.now();
              if (n >= 0) moves[move](n);
              view.tell();
              if (n > 0) steps.push([performance.now() - begin, now - last]);
              last = now;
              if (++n <= 120) requestAnimationFrame(step); else done(steps);
            };
            requestAnimationFrame(step);
            """,
            move);
  }

  private static String spread(List<Double> times) {
    List<Double> sorted = times.stream().sorted().toList();
    int last = sorted.size() - 1;
    return String.format(
        Locale.ROOT,
        "%.1f/%.1f/%.1f/%.1f",
        sorted.get(0),
        sorted.get(last / 2),
        sorted.get(last * 95 / 100),
        sorted.get(last));
  }
}
