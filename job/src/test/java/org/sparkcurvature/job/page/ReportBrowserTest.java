package org.sparkcurvature.job.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** The page in a real browser: Chromium, from a file, without a network. */
class ReportBrowserTest {
  @TempDir static Path folder;

  private static ChromeDriver browser;

  @BeforeAll
  static void start() {
    Optional<Path> chromium = found("chromium", "google-chrome", "chromium-browser");
    Optional<Path> driver = found("chromedriver");
    boolean there = chromium.isPresent() && driver.isPresent();
    if (!there) {
      System.out.println(
          "ReportBrowserTest is skipped: there is no chromium with a chromedriver on the PATH"
              + " (apt-get install chromium chromium-driver)");
    }
    assumeTrue(there, "no chromium with a chromedriver on the PATH");
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    logs.enable(LogType.PERFORMANCE, Level.ALL);
    ChromeOptions options = new ChromeOptions();
    options.setBinary(chromium.get().toString());
    options.addArguments(
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-quic");
    options.setCapability("goog:loggingPrefs", logs);
    browser =
        new ChromeDriver(
            new ChromeDriverService.Builder()
                .usingDriverExecutable(driver.get().toFile())
                .usingAnyFreePort()
                .build(),
            options);
  }

  private static Optional<Path> found(String... names) {
    return Stream.of(names)
        .flatMap(
            name ->
                Stream.of(System.getenv("PATH").split(":")).map(at -> Path.of(at).resolve(name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  @AfterAll
  static void end() {
    if (browser != null) {
      browser.quit();
    }
  }

  private static void open(String name, String page) throws IOException {
    Path file = Files.writeString(folder.resolve(name), page);
    browser.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("features", List.of()));
    browser.manage().window().setSize(new Dimension(1000, 1000));
    browser.manage().logs().get(LogType.BROWSER); // what came before
    browser.manage().logs().get(LogType.PERFORMANCE);
    browser.get(file.toUri().toString());
  }

  private static List<String> hostile() {
    List<String> names = new ArrayList<>(Pages.HOSTILE);
    names.addAll(Pages.names(4));
    return names;
  }

  @Test
  void saysNothingOnTheConsoleAndAsksForNothing() throws IOException {
    open("quiet.html", Pages.estimates(hostile()));

    assertThat(browser.manage().logs().get(LogType.BROWSER).getAll())
        .extracting(LogEntry::getMessage)
        .isEmpty();
    List<String> requests =
        browser.manage().logs().get(LogType.PERFORMANCE).getAll().stream()
            .map(LogEntry::getMessage)
            .filter(message -> message.contains("\"Network.requestWillBeSent\""))
            .toList();
    assertThat(requests).hasSize(1).allMatch(request -> request.contains("quiet.html"));
    assertThat(browser.executeScript("return window.owned")).isNull();
  }

  @Test
  void namesAreShownAsText() throws IOException {
    List<String> names = hostile();
    open("names.html", Pages.estimates(names));

    List<String> shown =
        browser.findElements(By.cssSelector("#result tbody tr td:first-child")).stream()
            .map(cell -> cell.getDomProperty("textContent"))
            .toList();
    assertThat(shown).hasSameSizeAs(names);
    assertThat(shown.get(0)).isEqualTo(names.get(0));
    assertThat(shown.get(3)).isEqualTo("a\\u202edrowssap\\u202c");
    assertThat(shown.get(4)).isEqualTo("\\x1b[31mred\\x1b[0m");
    assertThat(browser.findElements(By.cssSelector("img, iframe, object, link"))).isEmpty();
  }

  @Test
  void sortsByTheNumbersAndByKeyboard() throws IOException {
    open("sorted.html", Pages.estimates(Pages.names(30)));

    WebElement button =
        browser.findElements(By.cssSelector("#result thead th button")).stream()
            .filter(b -> b.getText().equals("p"))
            .findFirst()
            .orElseThrow();
    button.sendKeys(org.openqa.selenium.Keys.ENTER);
    List<Double> values =
        browser.findElements(By.cssSelector("#result tbody tr td:nth-child(5)")).stream()
            .map(cell -> Double.parseDouble(cell.getDomAttribute("data-v")))
            .toList();
    assertThat(values).hasSize(30).isSorted();
    assertThat(
            browser
                .findElement(By.cssSelector("#result thead th:nth-child(5)"))
                .getDomAttribute("aria-sort"))
        .isEqualTo("ascending");
  }

  /** With a policy of Jenkins' kind: no script, no style of its own. */
  @Test
  void saysTheSameWithoutScriptAndStyle() throws IOException {
    String page = Pages.estimates(Pages.names(5));
    open("whole.html", page);
    String text = texts();
    Object marks = marks();
    String strict =
        page.replaceAll("(?s)<style>.*?</style>", "")
            .replaceAll("(?s)<script>.*?</script>", "")
            .replaceFirst(
                "content=\"default-src[^\"]*\"",
                "content=\"sandbox; default-src 'none'; style-src 'none'; script-src 'none'\"");
    open("strict.html", strict);

    assertThat(texts()).isEqualTo(text);
    assertThat(marks()).isEqualTo(marks);
    // Colours are there, too: they are attributes.
    assertThat(browser.findElement(By.cssSelector("#intervals path.f1")).getCssValue("fill"))
        .isEqualTo("rgb(10, 61, 120)");
  }

  private static String texts() {
    return browser
        .findElement(By.tagName("body"))
        .getDomProperty("textContent")
        .replaceAll("\\s+", " ")
        .replaceAll("document\\.querySelectorAll.*", "")
        .strip();
  }

  private static Object marks() {
    return browser.executeScript(
        "return Array.from(document.querySelectorAll('path')).map(p => p.getAttribute('d')).join()");
  }

  @Test
  void canBeReadInLightAndDark() throws IOException {
    open("schemes.html", Pages.estimates(Pages.names(5)));
    for (String scheme : List.of("light", "dark")) {
      browser.executeCdpCommand(
          "Emulation.setEmulatedMedia",
          Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
      double[] ground = colour(css("html", "backgroundColor"));
      for (String selector : List.of("h1", "td", "th", "nav a", "caption", ".status", ".warning")) {
        assertThat(contrast(colour(css(selector, "color")), ground))
            .as(selector + " in " + scheme)
            .isGreaterThanOrEqualTo(4.5);
      }
      assertThat(contrast(colour(css("#intervals text", "fill")), ground))
          .as("text of pictures in " + scheme)
          .isGreaterThanOrEqualTo(4.5);
      double[] first = colour(css("#eigenvalues .f1", "fill"));
      double[] second = colour(css("#correlations .f2", "fill"));
      assertThat(contrast(first, ground)).as("first series, " + scheme).isGreaterThan(3);
      assertThat(contrast(second, ground)).as("second series, " + scheme).isGreaterThan(3);
      assertThat(contrast(first, second)).as("one beside the other, " + scheme).isGreaterThan(3);
      assertThat(contrast(deuteranopic(first), deuteranopic(second)))
          .as("one beside the other without red and green, " + scheme)
          .isGreaterThan(2.9);
    }
  }

  private static String css(String selector, String property) {
    return (String)
        browser.executeScript(
            "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]",
            selector,
            property);
  }

  private static double[] colour(String css) {
    String[] parts = css.replaceAll("[^\\d., ]", "").strip().split("[, ]+");
    return Stream.of(parts).limit(3).mapToDouble(Double::parseDouble).map(c -> c / 255).toArray();
  }

  private static double linear(double c) {
    return c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4);
  }

  /** The contrast of WCAG 2.1. */
  private static double contrast(double[] a, double[] b) {
    double high = Math.max(luminance(a), luminance(b));
    double low = Math.min(luminance(a), luminance(b));
    return (high + 0.05) / (low + 0.05);
  }

  private static double luminance(double[] c) {
    return 0.2126 * linear(c[0]) + 0.7152 * linear(c[1]) + 0.0722 * linear(c[2]);
  }

  /** What somebody without green cones sees (Machado, Oliveira and Fernandes 2009, severity 1). */
  private static double[] deuteranopic(double[] c) {
    double[] l = {linear(c[0]), linear(c[1]), linear(c[2])};
    double[][] m = {
      {0.367322, 0.860646, -0.227968},
      {0.280085, 0.672501, 0.047413},
      {-0.011820, 0.042940, 0.968881}
    };
    double[] seen = new double[3];
    for (int i = 0; i < 3; i++) {
      double sum = Math.max(0, Math.min(1, m[i][0] * l[0] + m[i][1] * l[1] + m[i][2] * l[2]));
      seen[i] = sum <= 0.0031308 ? 12.92 * sum : 1.055 * Math.pow(sum, 1 / 2.4) - 0.055;
    }
    return seen;
  }

  @Test
  void fitsANarrowScreen() throws IOException {
    open("narrow.html", Pages.estimates(hostile()));
    browser.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", 400, "height", 800, "deviceScaleFactor", 1, "mobile", true));
    try {
      Object width = browser.executeScript("return document.documentElement.scrollWidth");
      assertThat(((Number) width).intValue()).isLessThanOrEqualTo(400);
    } finally {
      browser.executeCdpCommand("Emulation.clearDeviceMetricsOverride", Map.of());
    }
  }

  @Test
  void printsOnA4() throws IOException {
    open("printed.html", Pages.estimates(Pages.names(3000)));
    Map<String, Object> printed =
        browser.executeCdpCommand(
            "Page.printToPDF", Map.of("paperWidth", 8.27, "paperHeight", 11.69));
    String pdf =
        new String(
            Base64.getDecoder().decode((String) printed.get("data")),
            java.nio.charset.StandardCharsets.ISO_8859_1);
    long pages =
        java.util.regex.Pattern.compile("/Type\\s*/Page\\b").matcher(pdf).results().count();
    assertThat(pages).isBetween(2L, 12L);
  }
}
