package org.sparkcurvature.job.check;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.FiniteDifferences.Comparison;
import org.sparkcurvature.engine.FiniteDifferences.Report;
import org.sparkcurvature.engine.FiniteDifferences.Settings;
import org.sparkcurvature.engine.FiniteDifferences.Verdict;
import org.sparkcurvature.engine.Sums;
import org.sparkcurvature.job.derive.Plans;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.report.Style;
import org.sparkcurvature.job.result.ElementNames;
import org.sparkcurvature.job.source.Sample;
import org.sparkcurvature.rewrite.Rewriter;

/**
 * The body of {@code check}: everything that can be said of a loss before a pass over the data.
 *
 * @param text what a person reads, each line ended
 * @param failure derivatives that differ from central differences (exit code 4), to be thrown once
 *     the text is shown
 */
public record Check(String text, Optional<JobException> failure) {
  /**
   * What the result takes.
   *
   * @param bytes where its numbers do not compress
   * @param parts of what
   */
  public record OnDisk(long bytes, String parts) {}

  private static final int SHOWN = 5;
  private static final String ARROW = " <- ";

  public Check {
    requireNonNull(text);
    requireNonNull(failure);
  }

  /**
   * Looks at a loss and the derivatives asked of it.
   *
   * @param derivation the loss
   * @param penalty the penalty, as a loss without input tensors
   * @param parameters every parameter's elements, row-major
   * @param rows valid samples at which derivatives are compared, at least one
   * @param result what the result of {@code derive} takes
   * @param names what elements are called
   * @param style of headings
   * @throws JobException with exit code 4 if the loss or a derivative is not finite at these rows
   */
  public static Check of(
      DerivativeSpec derivation,
      Optional<DerivativeSpec> penalty,
      Map<String, double[]> parameters,
      List<Sample> rows,
      OnDisk result,
      ElementNames names,
      Style style) {
    List<String> lines = new ArrayList<>();
    List<String> faults = new ArrayList<>();

    heading(lines, style, "graph of the loss");
    lines.addAll(GraphListing.lines(derivation.model()));
    penalty.ifPresent(
        p -> {
          heading(lines, style, "graph of the penalty");
          lines.addAll(GraphListing.lines(p.model()));
        });
    rewritings(lines, style, "", derivation);
    penalty.ifPresent(p -> rewritings(lines, style, " in the penalty", p));
    DerivativeSpec.Cost cost = Plans.of(derivation).cost();
    heading(
        lines,
        style,
        "formulas (m: sample, w: weight, g: d loss, H: d2 loss, J: Jacobian, by what stands in brackets)");
    cost.formulas().forEach(formula -> lines.add("  " + formula));
    heading(lines, style, "steps for a block of samples, derivatives by " + wrt(derivation));
    lines.addAll(steps(cost.steps()));
    heading(lines, style, "memory, disk and work");
    lines.addAll(memory(derivation, cost, result));

    heading(
        lines,
        style,
        "derivatives and central differences, at "
            + rows.stream().map(row -> row.row().toString()).collect(Collectors.joining(", ")));
    lines.addAll(compare("", derivation, parameters, rows, names, faults));
    if (penalty.isPresent()) {
      heading(lines, style, "derivatives of the penalty and central differences");
      lines.addAll(compare("penalty: ", penalty.get(), parameters, List.of(), names, faults));
    }
    lines.add("");
    lines.add(
        faults.isEmpty()
            ? "  all derivatives agree with central differences"
            : "  derivatives DIFFER from central differences");
    return new Check(String.join("\n", lines) + "\n", failure(faults));
  }

  /** What is computed in another form than written; nothing where that is nothing. */
  private static void rewritings(
      List<String> lines, Style style, String where, DerivativeSpec derivation) {
    List<Rewriter.Applied> applied = derivation.rewritings();
    if (!applied.isEmpty()) {
      heading(lines, style, "rewritten to keep digits" + where);
      applied.forEach(a -> lines.add("  " + a));
    }
  }

  private static void heading(List<String> lines, Style style, String text) {
    if (!lines.isEmpty()) {
      lines.add("");
    }
    lines.add(style.heading(text));
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
  private static String wrt(DerivativeSpec derivation) {
    return derivation.layout().entries().stream()
            .map(e -> e.shape().isScalar() ? e.name() : e.name() + " " + e.shape())
            .collect(Collectors.joining(", "))
        + ": P = %,d".formatted(derivation.layout().length());
  }

  private static List<String> memory(
      DerivativeSpec derivation, DerivativeSpec.Cost cost, OnDisk result) {
    TextTable table = new TextTable(List.of("", "", ""), List.of(1));
    table.add(
        "a block of samples",
        Errors.bytes(cost.blockBytes()),
        "per task: %,d rows of %s; block-memory is %s"
            .formatted(
                cost.blockRows(),
                Errors.bytes(cost.bytesPerSample()),
                Errors.bytes(derivation.blockBytes())));
    table.add(
        "work for a sample",
        String.format(Locale.ROOT, "%,.0f", cost.operationsPerSample()),
        "multiply-adds and function evaluations");
    Sums.bytes(derivation)
        .forEach(
            (name, bytes) ->
                table.add("sum: " + name, Errors.bytes(bytes), "per task, and reduced"));
    List<DerivativeSpec.Column> columns = derivation.columns();
    long numbers = columns.stream().mapToLong(DerivativeSpec.Column::length).sum();
    if (numbers > 0) {
      table.add(
          "per-sample results",
          Errors.bytes(Double.BYTES * numbers),
          "a row: "
              + columns.stream()
                  .map(c -> c.name() + (c.length() == 1 ? "" : " [" + c.length() + "]"))
                  .collect(Collectors.joining(", ")));
    }
    table.add("result on disk", "up to " + Errors.bytes(result.bytes()), result.parts());
    return table.lines();
  }

  private static List<String> compare(
      String prefix,
      DerivativeSpec derivation,
      Map<String, double[]> parameters,
      List<Sample> rows,
      ElementNames names,
      List<String> faults) {
    Report report = RowComparison.report(derivation, parameters, rows, Settings.DEFAULT);
    TextTable table =
        new TextTable(
            List.of("", "by", "", "compared", "largest", "deviation", "relative", ""),
            List.of(3, 4, 5, 6));
    Map<String, Line> shown = new LinkedHashMap<>();
    for (Comparison c : report.comparisons()) {
      // A block of a Hessian and its transpose are one line.
      String transposed = c.quantity() + " " + c.of().orElse("") + " " + c.wrt();
      String key =
          shown.containsKey(transposed)
              ? transposed
              : c.quantity() + " " + c.wrt() + " " + c.of().orElse("");
      shown.merge(key, Line.of(c), Line::with);
      if (c.verdict() == Verdict.DIFFERS) {
        faults.add(prefix + RowComparison.fault(c, derivation.model(), rows, names));
      }
    }
    shown.values().forEach(line -> table.add(line.cells()));
    List<String> lines = new ArrayList<>(table.lines());
    report.omitted().forEach(sentence -> lines.add("  " + sentence));
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

  private static Optional<JobException> failure(List<String> faults) {
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
