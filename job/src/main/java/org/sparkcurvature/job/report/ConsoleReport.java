package org.sparkcurvature.job.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.sparkcurvature.job.config.ModelConfig;
import org.sparkcurvature.job.config.Reduction;
import org.sparkcurvature.job.result.ElementNames;
import org.sparkcurvature.job.result.Objective;
import org.sparkcurvature.job.result.RunSummary;
import org.sparkcurvature.job.solve.HessianFacts;
import org.sparkcurvature.job.solve.SymmetricMatrix;
import org.sparkcurvature.objective.Layout;
import org.sparkcurvature.objective.Request;

/**
 * What a person reads at the end of {@code derive}, at most 100 columns wide: the objective, its
 * gradient and Hessian by name, the first samples, and where the result went. Up to twelve elements
 * are shown in full; of more, the largest.
 */
public final class ConsoleReport {
  private static final int WIDTH = 100;
  private static final int LARGEST_WHOLE = 12;
  private static final int LARGEST_SHOWN = 10;

  private final RunSummary summary;
  private final ModelConfig model;
  private final Request.PerSample perSample;
  private final List<Sample> samples;
  private final String output;
  private final Style style;
  private final List<String> names;
  private final List<String> lines = new ArrayList<>();

  /**
   * @param summary the run
   * @param model the loss as the user wrote it
   * @param elements what elements are called
   * @param perSample what was asked for every sample
   * @param samples the first samples; none where nothing was asked per sample
   * @param output where the result was written
   */
  public ConsoleReport(
      RunSummary summary,
      ModelConfig model,
      ElementNames elements,
      Request.PerSample perSample,
      List<Sample> samples,
      String output,
      Style style) {
    this.summary = summary;
    this.model = model;
    this.perSample = perSample;
    this.samples = List.copyOf(samples);
    this.output = output;
    this.style = style;
    this.names = elements.names(summary.layout());
  }

  /** The whole report, each line ended. */
  public String text() {
    lines.clear();
    header();
    objective();
    for (Sample sample : samples) {
      sample(sample);
    }
    footer();
    return String.join("\n", lines) + "\n";
  }

  // ---------------------------------------------------------------- what was run

  private void header() {
    heading(summary.command());
    field("loss", model.loss());
    model.definitions().forEach((name, expression) -> field("", name + " = " + expression));
    model.penalty().ifPresent(penalty -> field("penalty", penalty));
    RunSummary.Rows rows = summary.rows();
    field(
        "rows",
        say(
            "%,d read, %,d used%s%s",
            rows.read(),
            rows.used(),
            rows.rejected() == 0 ? "" : say(", %,d rejected", rows.rejected()),
            summary.weight() == rows.used()
                ? ""
                : "; weights add up to " + NumberFormat.brief(summary.weight())));
    String wrt =
        summary.layout().entries().stream()
            .map(ConsoleReport::entry)
            .collect(Collectors.joining(", "));
    int p = summary.layout().length();
    field("wrt", wrt + (p == 1 ? "" : say(": %,d numbers", p)));
  }

  private static String entry(Layout.Entry entry) {
    return entry.shape().isScalar() ? entry.name() : entry.name() + " " + entry.shape();
  }

  private void field(String name, String text) {
    lines.add(say("  %-9s  %s", name, text));
  }

  // ---------------------------------------------------------------- the objective

  private void objective() {
    Objective objective = summary.objective();
    String reduction =
        (summary.reduction() == Reduction.MEAN ? "mean" : "sum")
            + " over rows"
            + (model.penalty().isPresent() ? ", plus the penalty" : "");
    objective
        .value()
        .ifPresent(
            value -> {
              heading("value, " + reduction);
              lines.add("  " + NumberFormat.of(value).format(value));
            });
    objective
        .gradient()
        .ifPresent(
            gradient -> {
              heading("gradient");
              gradient(gradient);
            });
    if (objective.hessian() instanceof Objective.Hessian.Full full) {
      heading("Hessian");
      matrix(full.matrix(), names);
      reading("hessian");
    } else if (objective.hessian() instanceof Objective.Hessian.Blocks blocks) {
      for (Layout.Entry block : summary.layout().entries()) {
        heading("Hessian, block of " + block.name());
        int to = block.offset() + block.shape().size();
        matrix(blocks.blocks().get(block.name()), names.subList(block.offset(), to));
        reading("hessian_" + block.name());
      }
    } else if (objective.hessian() instanceof Objective.Hessian.Diagonal diagonal) {
      heading("diagonal of the Hessian");
      vector(diagonal.values());
    }
    objective.ggn().ifPresent(matrix -> named("generalised Gauss-Newton matrix", matrix));
    objective.opg().ifPresent(matrix -> named("outer product of gradients", matrix));
  }

  private void named(String heading, SymmetricMatrix matrix) {
    heading(heading);
    matrix(matrix, names);
  }

  private void gradient(double[] gradient) {
    vector(gradient);
    summary
        .objective()
        .gradientNorm()
        .ifPresent(norm -> lines.add("  norm " + NumberFormat.brief(norm)));
  }

  /** The elements one below the other. */
  private void vector(double[] values) {
    Largest largest = new Largest(values.length > LARGEST_WHOLE ? LARGEST_SHOWN : values.length);
    for (int k = 0; k < values.length; k++) {
      largest.offer(k, k, values[k]);
    }
    if (values.length > LARGEST_WHOLE) {
      ranking(largest, say("%,d elements", values.length), names);
    } else {
      list(names, NumberFormat.of(values).format(values));
    }
  }

  /** All rows and columns, or the largest elements of the upper triangle. */
  private void matrix(SymmetricMatrix matrix, List<String> labels) {
    int n = matrix.order();
    if (n <= LARGEST_WHOLE) {
      List<double[]> rows = new ArrayList<>();
      for (int i = 0; i < n; i++) {
        rows.add(new double[n]);
        matrix.copyBlock(i, 0, 1, n, rows.get(i));
      }
      table(labels, labels, rows);
      return;
    }
    Largest largest = new Largest(LARGEST_SHOWN);
    for (int i = 0; i < n; i++) {
      for (int j = i; j < n; j++) {
        largest.offer(i, j, matrix.at(i, j));
      }
    }
    ranking(largest, say("%,d x %,d", n, n), labels);
  }

  private void ranking(Largest largest, String of, List<String> labels) {
    List<Largest.Element> elements = largest.descending();
    lines.add(say("  the %d largest of %s", elements.size(), of));
    double[] values = elements.stream().mapToDouble(Largest.Element::value).toArray();
    list(
        elements.stream()
            .map(
                element ->
                    element.row() == element.column()
                        ? labels.get(element.row())
                        : labels.get(element.row()) + ", " + labels.get(element.column()))
            .toList(),
        NumberFormat.of(values).format(values));
  }

  private void list(List<String> labels, List<String> numbers) {
    int label = labels.stream().mapToInt(String::length).max().orElse(1);
    int number = numbers.stream().mapToInt(String::length).max().orElse(1);
    for (int k = 0; k < labels.size(); k++) {
      lines.add(("  %-" + label + "s  %" + number + "s").formatted(labels.get(k), numbers.get(k)));
    }
  }

  private void table(List<String> columns, List<String> labels, List<double[]> rows) {
    NumberFormat format = NumberFormat.of(rows);
    List<Table.Row> formatted = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      formatted.add(new Table.Row(labels.get(i), format.format(rows.get(i))));
    }
    lines.addAll(new Table(columns, formatted).lines(WIDTH));
  }

  private void reading(String name) {
    HessianFacts facts = summary.reading().facts().get(name);
    if (facts == null) {
      lines.add("  not judged: " + summary.reading().withheld().get(name));
      return;
    }
    String eigenvalues =
        facts.order() == 1
            ? ""
            : "eigenvalues from %s to %s, condition number %s"
                .formatted(
                    NumberFormat.brief(facts.smallest()),
                    NumberFormat.brief(facts.largest()),
                    Double.isFinite(facts.conditionNumber())
                        ? NumberFormat.brief(facts.conditionNumber())
                        : "infinite");
    lines.add("  " + facts.definiteness() + (eigenvalues.isEmpty() ? "" : ": " + eigenvalues));
    if (facts.zero() > 0 && facts.order() > 1) {
      lines.add(
          "  %d of %d eigenvalues cannot be told from 0 (within %s)"
              .formatted(facts.zero(), facts.order(), NumberFormat.brief(facts.tolerance())));
    }
  }

  // ---------------------------------------------------------------- samples

  private void sample(Sample sample) {
    heading("row " + sample.row() + sample.id().map(id -> " (id " + id + ")").orElse(""));
    Map<String, double[]> columns = new LinkedHashMap<>(sample.columns());
    double[] value = columns.remove("value");
    if (value != null) {
      lines.add("  value " + NumberFormat.of(value).format(value[0]));
    }
    double[] gradient = columns.remove("gradient");
    double[] hessian = columns.remove("hessian");
    Map<String, double[]> products = new LinkedHashMap<>();
    for (String name : perSample.jacobianOf()) {
      if (perSample.adjointOf().contains(name)) {
        products.put(
            "adjoint_" + name + " * jacobian_" + name,
            product(columns.get("adjoint_" + name), columns.get("jacobian_" + name)));
      }
    }
    gradients(Optional.ofNullable(gradient), products);
    if (hessian != null) {
      hessian(hessian);
    }
    columns.forEach(this::other);
  }

  /** The gradient, and under it each product that the chain rule says is equal to it. */
  private void gradients(Optional<double[]> gradient, Map<String, double[]> products) {
    List<String> labels = new ArrayList<>();
    List<double[]> rows = new ArrayList<>();
    gradient.ifPresent(
        values -> {
          labels.add("gradient");
          rows.add(values);
        });
    products.forEach(
        (label, values) -> {
          labels.add(label);
          rows.add(values);
        });
    wide(labels, rows);
    if (gradient.isPresent()) {
      products.forEach(
          (label, values) ->
              lines.add(
                  "  largest difference between gradient and %s: %s"
                      .formatted(label, NumberFormat.brief(difference(gradient.get(), values)))));
    }
  }

  /** Rows of P elements each under the elements' names. */
  private void wide(List<String> labels, List<double[]> rows) {
    if (rows.isEmpty()) {
      return;
    }
    if (names.size() <= LARGEST_WHOLE) {
      table(names, labels, rows);
      return;
    }
    for (int k = 0; k < rows.size(); k++) {
      lines.add("  " + labels.get(k));
      vector(rows.get(k));
    }
  }

  private void hessian(double[] elements) {
    int p = names.size();
    switch (perSample.hessian()) {
      case DIAGONAL -> wide(List.of("diagonal of the Hessian"), List.of(elements));
      case PACKED -> sampleMatrix(SymmetricMatrix.ofPacked(p, elements));
      default -> {
        double[] packed = new double[Math.toIntExact(SymmetricMatrix.packedLength(p))];
        int k = 0;
        for (int i = 0; i < p; i++) {
          for (int j = i; j < p; j++) {
            packed[k++] = elements[i * p + j];
          }
        }
        sampleMatrix(SymmetricMatrix.ofPacked(p, packed));
      }
    }
  }

  private void sampleMatrix(SymmetricMatrix matrix) {
    lines.add("  Hessian");
    matrix(matrix, names);
  }

  /** A value, adjoint or Jacobian of an intermediate, row-major. */
  private void other(String name, double[] elements) {
    int p = names.size();
    if (name.startsWith("jacobian_")
        && p <= LARGEST_WHOLE
        && elements.length <= p * LARGEST_WHOLE) {
      List<double[]> rows = new ArrayList<>();
      List<String> labels = new ArrayList<>();
      for (int k = 0; k < elements.length / p; k++) {
        rows.add(Arrays.copyOfRange(elements, k * p, (k + 1) * p));
        labels.add(name + " " + k);
      }
      table(names, labels, rows);
    } else if (elements.length <= LARGEST_WHOLE) {
      lines.add("  " + name + "  " + String.join("  ", NumberFormat.of(elements).format(elements)));
    } else {
      lines.add(say("  %s  %,d elements", name, elements.length));
    }
  }

  /** {@code adjoint [K] * jacobian [K, P]}: length P. */
  private static double[] product(double[] adjoint, double[] jacobian) {
    int p = jacobian.length / adjoint.length;
    double[] product = new double[p];
    for (int k = 0; k < adjoint.length; k++) {
      for (int j = 0; j < p; j++) {
        product[j] += adjoint[k] * jacobian[k * p + j];
      }
    }
    return product;
  }

  private static double difference(double[] one, double[] other) {
    return IntStream.range(0, one.length)
        .mapToDouble(k -> Math.abs(one[k] - other[k]))
        .max()
        .orElse(0);
  }

  // ---------------------------------------------------------------- where it went

  private void footer() {
    lines.add("");
    lines.add("written to " + output);
    String stages =
        summary.seconds().entrySet().stream()
            .map(stage -> say("%s %.1f s", stage.getKey().replace('_', ' '), stage.getValue()))
            .collect(Collectors.joining(", "));
    lines.add(say("%.1f s: %s", summary.totalSeconds(), stages));
  }

  /** Numbers look the same wherever the program runs. */
  private static String say(String format, Object... arguments) {
    return String.format(Locale.ROOT, format, arguments);
  }

  private void heading(String text) {
    if (!lines.isEmpty()) {
      lines.add("");
    }
    lines.add(style.heading(text));
  }
}
