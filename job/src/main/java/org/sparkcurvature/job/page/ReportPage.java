package org.sparkcurvature.job.page;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.sparkcurvature.job.chart.BarPlot;
import org.sparkcurvature.job.chart.Figure;
import org.sparkcurvature.job.chart.Markup;
import org.sparkcurvature.job.errors.PublicText;
import org.sparkcurvature.job.result.RunSummary;
import org.sparkcurvature.job.result.StageMetrics;
import org.sparkcurvature.job.sink.OutputFolder;

/**
 * The whole page, as HTML. It forbids itself everything but its own style sheet and its own script,
 * by their digests; without both it says the same.
 */
public final class ReportPage {
  private static final String STYLE = resource("report.css");
  private static final String SCRIPT = resource("report.js");

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ssxxx", Locale.ROOT);

  /** Definitions of a model that are shown; all of them are in the configuration below. */
  private static final int MOST_DEFINITIONS = 30;

  private static final int MOST_FILES = 40;

  /** Characters of a configuration that are shown. */
  private static final int LONGEST_CONFIGURATION = 20_000;

  private final RunDescription run;
  private final PageContent content;
  private final LocalPaths paths;

  private ReportPage(RunDescription run, PageContent content) {
    this.run = run;
    this.content = content;
    this.paths = LocalPaths.from(run.output());
  }

  /** The page of a run. */
  public static String of(RunDescription run, PageContent content) {
    return new ReportPage(run, content).html();
  }

  private String html() {
    Map<String, Section> sections = new LinkedHashMap<>();
    sections.put("verdict", new Section("Verdict", verdict()));
    sections.put("asked", new Section("What was asked", asked()));
    for (PageContent.Part part : PageContent.Part.values()) {
      Markup made = part == PageContent.Part.DATA ? data() : content.part(part);
      if (!made.isEmpty()) {
        sections.put(part.id(), new Section(part.heading(), made));
      }
    }
    sections.put("time", new Section("Time and bytes", time()));
    sections.put("repeat", new Section("To repeat it", repeat()));
    Markup page = new Markup();
    page.open("html", "lang", "en").line().open("head").line();
    page.open("meta", "charset", "utf-8").line();
    page.open("meta", "http-equiv", "Content-Security-Policy", "content", policy()).line();
    page.open("meta", "name", "viewport", "content", "width=device-width, initial-scale=1").line();
    page.open("meta", "name", "referrer", "content", "no-referrer").line();
    page.element("title", content.title()).line();
    page.program("style", STYLE).line().close("head").line().open("body").line();
    page.element("h1", content.title()).line();
    page.open("nav", "aria-label", "Contents");
    sections.forEach((id, s) -> page.element("a", s.heading(), "href", "#" + id).text(" "));
    page.close("nav").line();
    sections.forEach(
        (id, section) -> {
          page.open("section", "id", id).line();
          if (!id.equals("verdict")) {
            page.element("h2", section.heading()).line();
          }
          page.add(section.content()).close("section").line();
        });
    page.program("script", SCRIPT).line().close("body").line().close("html").line();
    return "<!DOCTYPE html>\n" + page;
  }

  private record Section(String heading, Markup content) {}

  private static String policy() {
    return "default-src 'none'; style-src 'sha256-"
        + digest(STYLE)
        + "'; script-src 'sha256-"
        + digest(SCRIPT)
        + "'; base-uri 'none'; form-action 'none'";
  }

  private static String digest(String text) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      return Base64.getEncoder().encodeToString(sha.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }

  private static String resource(String name) {
    try (InputStream in = ReportPage.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // ---------------------------------------------------------------- the answer

  private Markup verdict() {
    Markup made = new Markup();
    made.open("div", "class", content.status().name().toLowerCase(Locale.ROOT));
    made.open("p", "class", "verdict")
        .element("strong", content.verdict(), "class", "status")
        .close("p");
    content.remarks().forEach(remark -> made.element("p", shown(remark)));
    made.close("div");
    if (!content.numbers().isEmpty()) {
      made.open("dl", "class", "numbers");
      content
          .numbers()
          .forEach(
              (name, text) ->
                  made.open("div").element("dt", name).text(" ").element("dd", text).close("div"));
      made.close("dl");
    }
    run.warnings()
        .forEach(
            warning -> made.element("p", "Warning: " + shown(warning), "class", "warning").line());
    return made.line();
  }

  private Markup asked() {
    PageTable table = new PageTable("", "what", "how");
    run.formula().ifPresent(formula -> line(table, "formula", formula));
    content.asked().forEach((name, text) -> line(table, name, text));
    if (run.formula().isEmpty()) {
      line(table, "loss", run.model().loss());
      run.model().definitions().entrySet().stream()
          .limit(MOST_DEFINITIONS)
          .forEach(d -> line(table, d.getKey(), d.getValue()));
      int more = run.model().definitions().size() - MOST_DEFINITIONS;
      if (more > 0) {
        line(table, "and more", more + " definitions, below in the configuration");
      }
    }
    run.model().penalty().ifPresent(penalty -> line(table, "penalty", penalty));
    run.rows().ifPresent(rows -> line(table, "rows", rows(rows)));
    line(table, "made at", run.ended().format(TIME));
    return table.markup();
  }

  private String rows(RunSummary.Rows rows) {
    return "%s read, %s used%s%s"
        .formatted(
            count(rows.read()),
            count(rows.used()),
            rows.rejected() == 0 ? "" : ", " + count(rows.rejected()) + " rejected",
            run.weight() == rows.used()
                ? ""
                : "; weights add up to " + PageTable.Cell.of(run.weight()).text());
  }

  private Markup data() {
    Markup made = new Markup().add(content.part(PageContent.Part.DATA));
    run.rows()
        .filter(rows -> rows.rejected() > 0)
        .ifPresent(
            rows -> {
              PageTable table = new PageTable("Rows left out", "reason", "rows", "% of all");
              rows.rejectedBy()
                  .forEach(
                      (reason, number) ->
                          table.row(
                              PageTable.Cell.of(shown(reason)),
                              PageTable.Cell.of(number),
                              new PageTable.Cell(
                                  String.format(Locale.ROOT, "%.2f", 100.0 * number / rows.read()),
                                  100.0 * number / rows.read())));
              made.add(table.markup());
            });
    return made;
  }

  // ---------------------------------------------------------------- the run

  private Markup time() {
    PageTable table =
        new PageTable(
            String.format(Locale.ROOT, "%.1f s in all", run.totalSeconds()),
            "stage",
            "seconds",
            "tasks",
            "MB read",
            "MB written",
            "task seconds");
    Map<String, StageMetrics> traffic =
        run.machinery().map(RunSummary.Machinery::traffic).orElse(Map.of());
    run.seconds()
        .forEach(
            (stage, seconds) -> {
              StageMetrics of = traffic.getOrDefault(stage, StageMetrics.NONE);
              table.row(
                  PageTable.Cell.of(stage.replace('_', ' ')),
                  tenths(seconds),
                  PageTable.Cell.of(of.tasks()),
                  tenths(of.bytesRead() / 1e6),
                  tenths(of.bytesWritten() / 1e6),
                  tenths(of.taskSeconds()));
            });
    List<BarPlot.Bar> bars =
        run.seconds().entrySet().stream()
            .map(
                stage ->
                    new BarPlot.Bar(
                        stage.getKey().replace('_', ' '),
                        stage.getValue(),
                        tenths(stage.getValue()).text() + " s"))
            .toList();
    Markup made = table.markup();
    if (bars.size() > 1) {
      BarPlot.Bar most = Collections.max(bars, Comparator.comparingDouble(BarPlot.Bar::amount));
      Figure figure =
          BarPlot.of(
              "stages",
              String.format(
                  Locale.ROOT, "Most time, %.1f s, went to: %s", most.amount(), most.name()),
              bars,
              "seconds");
      made.open("figure", "id", figure.id())
          .element("figcaption", figure.finding())
          .add(figure.drawing())
          .close("figure")
          .line();
    }
    return made;
  }

  private static PageTable.Cell tenths(double value) {
    return new PageTable.Cell(
        value == 0 ? "0" : String.format(Locale.ROOT, value < 0.1 ? "%.3f" : "%.1f", value), value);
  }

  private Markup repeat() {
    Markup made = new Markup();
    made.element("p", "Where it was run before:");
    made.open("pre").element("code", paths.within(run.repeat())).close("pre");
    PageTable versions = new PageTable("Versions", "what", "version");
    run.versions().forEach((name, version) -> line(versions, name, version));
    run.machinery()
        .ifPresent(
            machinery -> {
              line(versions, "computed by", machinery.backend() + " on " + machinery.device());
              line(
                  versions,
                  "arithmetic",
                  machinery.precision().name().toLowerCase(Locale.ROOT)
                      + ", blocks of "
                      + count(machinery.blockRows())
                      + " rows");
            });
    made.add(versions.markup());
    inputs(made);
    files(made);
    made.open("details", "class", "config")
        .element("summary", "the configuration as resolved, as config.conf has it");
    String text = paths.within(run.configuration());
    boolean cut = text.length() > LONGEST_CONFIGURATION;
    made.open("pre")
        .element(
            "code",
            cut
                ? text.substring(0, LONGEST_CONFIGURATION) + "\n... the rest is in config.conf"
                : text)
        .close("pre")
        .close("details");
    return made.line();
  }

  private void inputs(Markup made) {
    PageTable table = new PageTable("Files read", "path", "bytes", "modified");
    run.inputs().stream()
        .limit(MOST_FILES)
        .forEach(
            input ->
                table.row(
                    PageTable.Cell.of(paths.shown(input.path())),
                    PageTable.Cell.of(input.bytes()),
                    PageTable.Cell.of(
                        Instant.ofEpochMilli(input.modified())
                            .atZone(run.ended().getZone())
                            .format(TIME))));
    addWithRest(made, table, run.inputs());
  }

  private void files(Markup made) {
    PageTable table = new PageTable("Files written", "path", "bytes", "rows", "read it by");
    List<OutputFolder.Listed> tables = WrittenTables.joined(run.files());
    tables.stream()
        .limit(MOST_FILES)
        .forEach(
            file ->
                table.row(
                    PageTable.Cell.of(file.path()),
                    PageTable.Cell.of(file.bytes()),
                    file.rows().isPresent()
                        ? PageTable.Cell.of(file.rows().getAsLong())
                        : PageTable.Cell.of(""),
                    PageTable.Cell.of(WrittenTables.reader(file.path()))));
    addWithRest(made, table, tables);
  }

  private static void addWithRest(Markup made, PageTable table, List<?> all) {
    if (!table.isEmpty()) {
      made.add(table.markup());
    }
    if (all.size() > MOST_FILES) {
      made.element("p", "and " + count(all.size() - MOST_FILES) + " more");
    }
  }

  private static void line(PageTable table, String name, String text) {
    table.row(PageTable.Cell.of(name), PageTable.Cell.of(PublicText.of(text)));
  }

  private String shown(String sentence) {
    return paths.within(PublicText.of(sentence));
  }

  private static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }
}
