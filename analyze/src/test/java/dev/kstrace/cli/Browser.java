package dev.kstrace.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.remote.CommandInfo;
import org.openqa.selenium.remote.HttpCommandExecutor;
import org.openqa.selenium.remote.RemoteWebDriver;
import org.openqa.selenium.remote.http.HttpMethod;

/**
 * A Chromium without a window, driven by the installed chromedriver. Nothing is ever fetched. Not
 * thread-safe.
 */
final class Browser implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final String OWN = "cdp";

  private final ChromeDriverService service;
  private final Driver driver;

  /**
   * A driver that knows the browser's own protocol. The one for Chrome does too, but first looks
   * for a browser to fetch.
   */
  private static final class Driver extends RemoteWebDriver {
    Driver(HttpCommandExecutor executor, ChromeOptions options) {
      super(executor, options);
    }

    void tell(String command, Map<String, Object> parameters) {
      execute(OWN, Map.of("cmd", command, "params", parameters));
    }
  }

  /**
   * Starts one.
   *
   * @param profile a folder of its own
   */
  Browser(Path profile) throws IOException {
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    logs.enable(LogType.PERFORMANCE, Level.ALL);
    ChromeOptions options = new ChromeOptions();
    options.setBinary(program("chromium").toFile());
    options.setCapability("goog:loggingPrefs", logs);
    options.addArguments(
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--window-size=1280,900",
        "--user-data-dir=" + profile);
    service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(program("chromedriver").toFile())
            .usingAnyFreePort()
            .withTimeout(PATIENCE)
            .build();
    service.start();
    CommandInfo own = new CommandInfo("/session/:sessionId/goog/cdp/execute", HttpMethod.POST);
    driver = new Driver(new HttpCommandExecutor(Map.of(OWN, own), service.getUrl()), options);
    driver.get("about:blank"); // away from the browser's own first page
    requests();
  }

  /** Whether both programs are there. */
  static boolean isThere() {
    return program("chromium") != null && program("chromedriver") != null;
  }

  private static Path program(String name) {
    for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
      Path file = Path.of(folder, name);
      if (!folder.isEmpty() && Files.isExecutable(file)) {
        return file;
      }
    }
    return null;
  }

  /** Opens a page and waits until it has drawn itself. */
  void open(Path page) {
    driver.get(page.toUri().toString());
    waitFor("return document.querySelector('main section, main .empty') !== null");
  }

  /** Runs a script, whose value it gives. */
  Object run(String script, Object... arguments) {
    return driver.executeScript(script, arguments);
  }

  /** Runs a script that calls its last argument when it is done. */
  Object runLong(String script, Object... arguments) {
    driver.manage().timeouts().scriptTimeout(Duration.ofSeconds(60));
    return driver.executeAsyncScript(script, arguments);
  }

  String text(String script) {
    return String.valueOf(run("return " + script));
  }

  double number(String script) {
    return ((Number) run("return " + script)).doubleValue();
  }

  /** Waits until a script says true. */
  void waitFor(String script) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!Boolean.TRUE.equals(run(script))) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not within " + PATIENCE + ": " + script);
      }
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError(e);
      }
    }
  }

  /** Sends a command of the browser's own protocol. */
  void tell(String command, Map<String, Object> parameters) {
    driver.tell(command, parameters);
  }

  /** The size of what is looked at. */
  void size(int width, int height) {
    tell(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
  }

  /** What the page said on its console since the last call. */
  List<String> said() {
    List<String> said = new ArrayList<>();
    for (LogEntry entry : driver.manage().logs().get(LogType.BROWSER)) {
      said.add(entry.getLevel() + " " + entry.getMessage());
    }
    return said;
  }

  /** Addresses that were asked for since the last call. */
  List<String> requests() throws IOException {
    List<String> asked = new ArrayList<>();
    ObjectMapper mapper = new ObjectMapper();
    for (LogEntry entry : driver.manage().logs().get(LogType.PERFORMANCE)) {
      JsonNode message = mapper.readTree(entry.getMessage()).get("message");
      if (message.get("method").asText().equals("Network.requestWillBeSent")) {
        asked.add(message.get("params").get("request").get("url").asText());
      }
    }
    return asked;
  }

  @Override
  public void close() {
    driver.quit();
    service.stop();
  }
}
