package org.sparkcurvature.job.page;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.sparkcurvature.job.chart.Figure;
import org.sparkcurvature.job.chart.Markup;

/** What a command has to say on its page, before what all pages say of their runs. */
public final class PageContent {
  /** How a run ended, for the colour of the verdict; the verdict itself says it in words. */
  public enum Status {
    GOOD,
    NEUTRAL,
    BAD
  }

  /** The parts of a page, in their order. */
  enum Part {
    RESULT("result", "Result"),
    PICTURES("pictures", "Pictures"),
    DATA("data", "Data"),
    DIAGNOSTICS("diagnostics", "Diagnostics");

    private final String id;
    private final String heading;

    Part(String id, String heading) {
      this.id = id;
      this.heading = heading;
    }

    String id() {
      return id;
    }

    String heading() {
      return heading;
    }
  }

  private final String title;
  private final Status status;
  private final String verdict;
  private final Map<String, String> numbers = new LinkedHashMap<>();
  private final Map<String, String> asked = new LinkedHashMap<>();
  private final Map<Part, Markup> parts = new LinkedHashMap<>();
  private final List<String> remarks = new ArrayList<>();

  /**
   * @param title of the page
   * @param verdict a sentence that answers what was asked
   */
  public PageContent(String title, Status status, String verdict) {
    this.title = title;
    this.status = status;
    this.verdict = verdict;
  }

  String title() {
    return title;
  }

  Status status() {
    return status;
  }

  String verdict() {
    return verdict;
  }

  Map<String, String> numbers() {
    return numbers;
  }

  Map<String, String> asked() {
    return asked;
  }

  List<String> remarks() {
    return remarks;
  }

  Markup part(Part part) {
    return parts.getOrDefault(part, new Markup());
  }

  /** A number that stands out. */
  public PageContent number(String name, String text) {
    numbers.put(name, text);
    return this;
  }

  /** Something of what was asked for. */
  public PageContent asked(String name, String text) {
    asked.put(name, text);
    return this;
  }

  /** A sentence below the verdict. */
  public PageContent remark(String sentence) {
    remarks.add(sentence);
    return this;
  }

  /** A table of the result. */
  public PageContent result(PageTable table) {
    return add(Part.RESULT, table);
  }

  /** A sentence of the result. */
  public PageContent result(String sentence) {
    into(Part.RESULT).element("p", sentence);
    return this;
  }

  /** A table of what the rows are like. */
  public PageContent data(PageTable table) {
    return add(Part.DATA, table);
  }

  /** A table of what the result rests on. */
  public PageContent diagnostics(PageTable table) {
    return add(Part.DIAGNOSTICS, table);
  }

  /** A sentence on what the result rests on. */
  public PageContent diagnostics(String sentence) {
    into(Part.DIAGNOSTICS).element("p", sentence);
    return this;
  }

  /** A picture. */
  public PageContent picture(Figure figure) {
    return picture(figure, new PageTable(""));
  }

  /** A picture with the numbers that it draws. */
  public PageContent picture(Figure figure, PageTable numbers) {
    return picture(Part.PICTURES, figure, numbers);
  }

  /** A picture of what the rows are like. */
  public PageContent data(Figure figure, PageTable numbers) {
    return picture(Part.DATA, figure, numbers);
  }

  private PageContent picture(Part part, Figure figure, PageTable numbers) {
    Markup into = into(part);
    into.open("figure", "id", figure.id())
        .element("figcaption", figure.finding())
        .add(figure.drawing())
        .close("figure")
        .line();
    if (!numbers.isEmpty()) {
      into.open("details").element("summary", "the numbers of this picture");
      into.add(numbers.markup()).close("details").line();
    }
    return this;
  }

  private PageContent add(Part part, PageTable table) {
    if (!table.isEmpty()) {
      into(part).add(table.markup());
    }
    return this;
  }

  private Markup into(Part part) {
    return parts.computeIfAbsent(part, p -> new Markup());
  }
}
