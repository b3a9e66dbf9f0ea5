package org.sparkcurvature.job.check;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Sums;
import org.sparkcurvature.job.derive.Plans;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.errors.PublicText;
import org.sparkcurvature.job.report.Paragraph;
import org.sparkcurvature.job.report.Part;
import org.sparkcurvature.job.report.View;
import org.sparkcurvature.job.result.ElementNames;
import org.sparkcurvature.job.source.Sample;
import org.sparkcurvature.rewrite.Rewriter;
import org.sparkcurvature.verify.FiniteDifferences.Comparison;
import org.sparkcurvature.verify.FiniteDifferences.Report;
import org.sparkcurvature.verify.FiniteDifferences.Settings;
import org.sparkcurvature.verify.FiniteDifferences.Verdict;

/**
 * What {@code check} says: everything that can be said of a loss before a pass over the data. The
 * verdict comes first; the graph, formulas, steps and every comparison are shown when asked for.
 */
public final class Check implements org.sparkcurvature.job.report.Report {
  /**
   * What the result takes.
   *
   * @param bytes where its numbers do not compress
   * @param parts of what
   */
  public record OnDisk(long bytes, String parts) {}

  /**
   * What is looked at.
   *
   * @param spec the loss
   * @param penalty the penalty, as a loss without input tensors
   * @param parameters every parameter's elements, row-major
   * @param rows valid samples at which derivatives are compared, at least one
   * @param result what the result of {@code derive} takes
   * @param names what elements are called
   * @param model what the model is called
   * @param input where rows come from
   * @param written the formula written out, where there is one
   */
  public record Subject(
      DerivativeSpec spec,
      Optional<DerivativeSpec> penalty,
      Map<String, double[]> parameters,
      List<Sample> rows,
      OnDisk result,
      ElementNames names,
      String model,
      String input,
      Optional<String> written) {}

  private static final int SHOWN = 5;
  private static final String ARROW = " <- ";

  private final Subject subject;
  private final DerivativeSpec.Cost cost;
  private final List<Compared> compared = new ArrayList<>();
  private final List<String> faults = new ArrayList<>();

  /** Derivatives beside differences, of the loss or of the penalty. */
  private record Compared(String of, Report report) {}

  private Check(Subject subject) {
    this.subject = subject;
    this.cost = Plans.of(subject.spec()).cost();
  }

  /**
   * Looks at a loss and the derivatives asked of it.
   *
   * @throws JobException with exit code 4 if the loss or a derivative is not finite at these rows
   */
  public static Check of(Subject subject) {
    Check check = new Check(subject);
    check.compare("", subject.spec(), subject.rows());
    subject.penalty().ifPresent(penalty -> check.compare("penalty: ", penalty, List.of()));
    return check;
  }

  private void compare(String of, DerivativeSpec spec, List<Sample> rows) {
    Report report = RowComparison.report(spec, subject.parameters(), rows, Settings.DEFAULT);
    compared.add(new Compared(of, report));
    for (Comparison c : report.comparisons()) {
      if (c.verdict() == Verdict.DIFFERS) {
        faults.add(of + RowComparison.fault(c, spec.model(), rows, subject.names()));
      }
    }
  }

  private Stream<Comparison> comparisons() {
    return compared.stream().flatMap(c -> c.report().comparisons().stream());
  }

  @Override
  public String text(View view) {
    List<String> lines = new ArrayList<>();
    long all = comparisons().count();
    lines.add(view.style().heading("check  " + verdict(all)));
    long undecided = comparisons().filter(c -> c.verdict() == Verdict.UNDECIDED).count();
    if (undecided > 0) {
      field(lines, view, "undecided", "%,d, where differences are inaccurate".formatted(undecided));
    }
    field(lines, view, "model", subject.model() + "; derivatives by " + wrt(subject.spec()));
    field(
        lines,
        view,
        "reads",
        subject.input()
            + "; valid, and compared with differences: "
            + subject.rows().stream()
                .map(row -> row.row().toString())
                .collect(Collectors.joining(", ")));
    memory(subject.spec(), cost, subject.result())
        .forEach((name, text) -> field(lines, view, name, text));
    rewritings(lines, view, "", subject.spec());
    subject.penalty().ifPresent(p -> rewritings(lines, view, " in the penalty", p));
    if (shows(view, Part.GRAPH)) {
      heading(lines, view, "graph of the loss");
      lines.addAll(GraphListing.lines(subject.spec().model(), view.width()));
      subject
          .penalty()
          .ifPresent(
              p -> {
                heading(lines, view, "graph of the penalty");
                lines.addAll(GraphListing.lines(p.model(), view.width()));
              });
    }
    if (shows(view, Part.FORMULAS)) {
      subject
          .written()
          .ifPresent(
              model -> {
                heading(lines, view, "the formula written out");
                PublicText.escaped(model).lines().forEach(lines::add);
              });
      heading(
          lines,
          view,
          "formulas (m: sample, w: weight, g: d loss, H: d2 loss, J: Jacobian, by what stands in brackets)");
      cost.formulas().forEach(formula -> lines.add("  " + formula));
    }
    if (shows(view, Part.STEPS)) {
      heading(lines, view, "steps for a block of samples, derivatives by " + wrt(subject.spec()));
      lines.addAll(steps(cost.steps()));
    }
    if (shows(view, Part.DIFFERENCES) || !faults.isEmpty()) {
      heading(lines, view, "derivatives and central differences");
      compared.forEach(c -> lines.addAll(table(c, view.width())));
    }
    List<Part> more =
        Stream.of(Part.GRAPH, Part.FORMULAS, Part.STEPS, Part.DIFFERENCES)
            .filter(part -> !shows(view, part))
            .toList();
    if (!more.isEmpty()) {
      field(
          lines,
          view,
          "more",
          "--show " + more.stream().map(Part::toString).collect(Collectors.joining(" | ")));
    }
    return String.join("\n", lines) + "\n";
  }

  private static boolean shows(View view, Part part) {
    return view.shows(part) || view.shows(Part.ALL);
  }

  private String verdict(long all) {
    double worst = comparisons().mapToDouble(Comparison::relative).max().orElse(0);
    return faults.isEmpty()
        ? "PASSED: %,d comparisons with differences, worst relative %s"
            .formatted(all, number(worst))
        : "FAILED: %,d of %,d derivatives differ from central differences"
            .formatted(faults.size(), all);
  }

  /** What was found, in numbers. */
  @Override
  public Map<String, Object> numbers() {
    Map<String, Object> numbers = new LinkedHashMap<>();
    numbers.put("passed", faults.isEmpty());
    numbers.put("comparisons", comparisons().count());
    numbers.put("worst_relative", comparisons().mapToDouble(Comparison::relative).max().orElse(0));
    numbers.put("differ", faults);
    numbers.put("P", subject.spec().layout().length());
    numbers.put("block_bytes", cost.blockBytes());
    numbers.put("block_rows", cost.blockRows());
    numbers.put("disk_bytes", subject.result().bytes());
    return numbers;
  }

  private static void rewritings(List<String> lines, View view, String where, DerivativeSpec spec) {
    List<Rewriter.Applied> applied = spec.rewritings();
    for (int k = 0; k < applied.size(); k++) {
      field(lines, view, k == 0 ? "rewritten" : "", applied.get(k) + where);
    }
  }

  private static void field(List<String> lines, View view, String name, String text) {
    Paragraph.field(name, text, view.width()).forEach(lines::add);
  }

  private static void heading(List<String> lines, View view, String text) {
    lines.add("");
    lines.add(view.style().heading(text));
  }

  /** Steps towards one result are one line. */
  private static List<String> steps(List<String> steps) {
    List<String> lines = new ArrayList<>();
    String before = "";
    for (String step : steps) {
      int arrow = step.lastIndexOf(ARROW);
      String result = arrow < 0 ? step : step.substring(0, arrow);
      if (arrow >= 0 && result.equals(before)) {
        int last = lines.size() - 1;
        lines.set(last, lines.get(last) + ", " + step.substring(arrow + ARROW.length()));
      } else {
        lines.add("  " + step);
      }
      before = result;
    }
    return lines;
  }

  /** {@code b0, beta [9]: P = 10}. */
  private static String wrt(DerivativeSpec spec) {
    return spec.layout().entries().stream()
            .map(e -> e.shape().isScalar() ? e.name() : e.name() + " " + e.shape())
            .collect(Collectors.joining(", "))
        + ": P = %,d".formatted(spec.layout().length());
  }

  /** What a task, the driver and the disk have to hold, in words. */
  private static Map<String, String> memory(
      DerivativeSpec spec, DerivativeSpec.Cost cost, OnDisk result) {
    Map<String, String> needs = new LinkedHashMap<>();
    String sums =
        Sums.bytes(spec).entrySet().stream()
            .map(sum -> sum.getKey() + " " + Errors.bytes(sum.getValue()))
            .collect(Collectors.joining(", "));
    needs.put(
        "a task",
        "%s for a block of %,d rows of %s (block-memory is %s)%s"
            .formatted(
                Errors.bytes(cost.blockBytes()),
                cost.blockRows(),
                Errors.bytes(cost.bytesPerSample()),
                Errors.bytes(spec.blockBytes()),
                sums.isEmpty() ? "" : "; sums: " + sums));
    needs.put(
        "work",
        String.format(
            Locale.ROOT,
            "%,.0f multiply-adds and function evaluations for a row",
            cost.operationsPerSample()));
    List<DerivativeSpec.Column> columns = spec.columns();
    long numbers = columns.stream().mapToLong(DerivativeSpec.Column::length).sum();
    if (numbers > 0) {
      needs.put(
          "each row",
          Errors.bytes(Double.BYTES * numbers)
              + ": "
              + columns.stream()
                  .map(c -> c.name() + (c.length() == 1 ? "" : " [" + c.length() + "]"))
                  .collect(Collectors.joining(", ")));
    }
    needs.put("disk", "up to " + Errors.bytes(result.bytes()) + ": " + result.parts());
    return needs;
  }

  private static List<String> table(Compared compared, int width) {
    TextTable table =
        new TextTable(
            List.of(compared.of(), "by", "", "compared", "largest", "deviation", "relative", ""),
            List.of(3, 4, 5, 6),
            width);
    Map<String, Line> shown = new LinkedHashMap<>();
    for (Comparison c : compared.report().comparisons()) {
      // A block of a Hessian and its transpose are one line.
      String transposed = c.quantity() + " " + c.of().orElse("") + " " + c.wrt();
      String key =
          shown.containsKey(transposed)
              ? transposed
              : c.quantity() + " " + c.wrt() + " " + c.of().orElse("");
      shown.merge(key, Line.of(c), Line::with);
    }
    shown.values().forEach(line -> table.add(line.cells()));
    List<String> lines = new ArrayList<>(table.lines());
    compared.report().omitted().forEach(sentence -> lines.add("  " + sentence));
    return lines;
  }

  /** A line of the table of comparisons. */
  private record Line(
      String quantity,
      String wrt,
      String of,
      int compared,
      double largest,
      double absolute,
      double relative,
      Verdict verdict) {

    static Line of(Comparison c) {
      return new Line(
          c.quantity().replace('_', ' '),
          c.wrt(),
          c.of().orElse(""),
          c.compared(),
          c.largest(),
          c.absolute(),
          c.relative(),
          c.verdict());
    }

    Line with(Line other) {
      return new Line(
          quantity,
          wrt,
          of,
          compared + other.compared,
          Math.max(largest, other.largest),
          Math.max(absolute, other.absolute),
          Math.max(relative, other.relative),
          verdict.compareTo(other.verdict) >= 0 ? verdict : other.verdict);
    }

    String[] cells() {
      return new String[] {
        quantity,
        wrt,
        of,
        "%,d".formatted(compared),
        number(largest),
        number(absolute),
        number(relative),
        switch (verdict) {
          case AGREES -> "agrees";
          case UNDECIDED -> "undecided: differences are inaccurate here";
          case DIFFERS -> "DIFFERS";
        }
      };
    }
  }

  /** Derivatives that differ from central differences: exit code 4. */
  public Optional<JobException> failure() {
    if (faults.isEmpty()) {
      return Optional.empty();
    }
    String more =
        faults.size() > SHOWN ? "\n    ... (%d blocks in all)".formatted(faults.size()) : "";
    return Optional.of(
        Errors.noAnswer(
            "derivatives differ from central differences:"
                + faults.stream()
                    .limit(SHOWN)
                    .map(fault -> "\n    " + fault)
                    .collect(Collectors.joining())
                + more,
            "curvature.model",
            RowComparison.ADVICE));
  }

  static String number(double value) {
    return value == 0 ? "0" : String.format(Locale.ROOT, "%.1e", value);
  }
}
