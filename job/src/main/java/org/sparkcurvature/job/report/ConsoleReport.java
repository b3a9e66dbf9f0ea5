package org.sparkcurvature.job.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.sparkcurvature.engine.Layout;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.job.config.ModelConfig;
import org.sparkcurvature.job.config.Reduction;
import org.sparkcurvature.job.result.ElementNames;
import org.sparkcurvature.job.result.Objective;
import org.sparkcurvature.job.result.RunSummary;
import org.sparkcurvature.job.solve.HessianFacts;
import org.sparkcurvature.job.solve.SymmetricMatrix;

/**
 * What a person reads at the end of {@code derive}, at most 100 columns wide: the objective, its
 * gradient and Hessian by name, the first samples, and where the result went. Up to twelve elements
 * are shown in full; of more, the largest.
 */
public final class ConsoleReport {
  private static final String VALUE = "value";
  private static final String GRADIENT = "gradient";
  private static final String HESSIAN = "hessian";
  private static final String ADJOINT = "adjoint_";
  private static final String JACOBIAN = "jacobian_";

  private static final int LARGEST_WHOLE = 12;
  private static final int LARGEST_SHOWN = 10;

  private final RunSummary summary;
  private final ModelConfig model;
  private final Request.PerSample perSample;
  private final List<ShownSample> samples;
  private final String output;
  private final Style style;
  private final List<String> names;
  private Page page;

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
      List<ShownSample> samples,
      String output,
      Style style) {
    this.summary = summary;
    this.model = model;
    this.perSample = perSample;
    this.samples = List.copyOf(samples);
    this.output = output;
    this.style = style;
    this.page = new Page(style);
    this.names = elements.names(summary.layout());
  }

  /**
   * Whether the report has a use for a per-sample column.
   *
   * @param p the number P of elements of wrt
   */
  public static boolean shows(String column, int p) {
    return p <= LARGEST_WHOLE || column.equals(VALUE) || column.equals(GRADIENT);
  }

  /** The whole report, each line ended. */
  public String text() {
    page = new Page(style);
    header();
    objective();
    samples();
    page.footer(output, summary.seconds(), summary.totalSeconds());
    return page.text();
  }

  // ---------------------------------------------------------------- what was run

  private void header() {
    page.heading(summary.command());
    page.model(model);
    page.rows(summary.rows(), summary.weight());
    String wrt =
        summary.layout().entries().stream()
            .map(ConsoleReport::entry)
            .collect(Collectors.joining(", "));
    int p = summary.layout().length();
    page.field("wrt", wrt + (p == 1 ? "" : Page.say(": %,d numbers", p)));
  }

  private static String entry(Layout.Entry entry) {
    return entry.shape().isScalar() ? entry.name() : entry.name() + " " + entry.shape();
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
              page.heading("value, " + reduction);
              page.line("  " + NumberFormat.of(value).format(value));
            });
    objective
        .gradient()
        .ifPresent(
            gradient -> {
              page.heading("gradient");
              gradient(gradient);
            });
    if (objective.hessian() instanceof Objective.Hessian.Full full) {
      page.heading("Hessian");
      matrix(full.matrix(), names);
      reading("hessian");
    } else if (objective.hessian() instanceof Objective.Hessian.Blocks blocks) {
      for (Layout.Entry block : summary.layout().entries()) {
        page.heading("Hessian, block of " + block.name());
        int to = block.offset() + block.shape().size();
        matrix(blocks.blocks().get(block.name()), names.subList(block.offset(), to));
        reading("hessian_" + block.name());
      }
    } else if (objective.hessian() instanceof Objective.Hessian.Diagonal diagonal) {
      page.heading("diagonal of the Hessian");
      vector(diagonal.values());
    }
    objective.ggn().ifPresent(matrix -> named("generalised Gauss-Newton matrix", matrix));
    objective.opg().ifPresent(matrix -> named("outer product of gradients", matrix));
  }

  private void named(String heading, SymmetricMatrix matrix) {
    page.heading(heading);
    matrix(matrix, names);
  }

  private void gradient(double[] gradient) {
    vector(gradient);
    summary
        .objective()
        .gradientNorm()
        .ifPresent(norm -> page.line("  norm " + NumberFormat.brief(norm)));
  }

  /** The elements one below the other. */
  private void vector(double[] values) {
    Largest largest = new Largest(values.length > LARGEST_WHOLE ? LARGEST_SHOWN : values.length);
    for (int k = 0; k < values.length; k++) {
      largest.offer(k, k, values[k]);
    }
    if (values.length > LARGEST_WHOLE) {
      ranking(largest, Page.say("%,d elements", values.length), names);
    } else {
      list(names, NumberFormat.of(values).format(values));
    }
  }

  /** All rows and columns, or the largest elements of the upper triangle. */
  private void matrix(SymmetricMatrix matrix, List<String> labels) {
    int n = matrix.order();
    if (n <= LARGEST_WHOLE) {
      List<Table.Row> rows = new ArrayList<>();
      add(rows, labels::get, rows(matrix));
      page.lines(new Table(labels, rows).lines(Page.WIDTH));
      return;
    }
    Largest largest = new Largest(LARGEST_SHOWN);
    for (int i = 0; i < n; i++) {
      for (int j = i; j < n; j++) {
        largest.offer(i, j, matrix.at(i, j));
      }
    }
    ranking(largest, Page.say("%,d x %,d", n, n), labels);
  }

  private void ranking(Largest largest, String of, List<String> labels) {
    List<Largest.Element> elements = largest.descending();
    page.line(Page.say("  the %d largest of %s", elements.size(), of));
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
      page.line(("  %-" + label + "s  %" + number + "s").formatted(labels.get(k), numbers.get(k)));
    }
  }

  private static List<double[]> rows(SymmetricMatrix matrix) {
    int n = matrix.order();
    List<double[]> rows = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      rows.add(new double[n]);
      matrix.copyBlock(i, 0, 1, n, rows.get(i));
    }
    return rows;
  }

  private void reading(String name) {
    HessianFacts facts = summary.reading().facts().get(name);
    if (facts == null) {
      page.line("  not judged: " + summary.reading().withheld().get(name));
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
    page.line("  " + facts.definiteness() + (eigenvalues.isEmpty() ? "" : ": " + eigenvalues));
    if (facts.zero() > 0 && facts.order() > 1) {
      page.line(
          "  %d of %d eigenvalues cannot be told from 0 (within %s)"
              .formatted(facts.zero(), facts.order(), NumberFormat.brief(facts.tolerance())));
    }
  }

  // ---------------------------------------------------------------- samples

  /** One sample after the other where all of it fits, otherwise the samples side by side. */
  private void samples() {
    if (samples.isEmpty()) {
      return;
    }
    boolean fit =
        names.size() <= LARGEST_WHOLE
            && samples.stream().allMatch(sample -> table(sample).width() <= Page.WIDTH);
    if (fit) {
      samples.forEach(this::sample);
    } else {
      sideBySide();
    }
  }

  private void sample(ShownSample sample) {
    page.heading(title(sample));
    sample.columns().forEach(this::line);
    Table table = table(sample);
    if (!table.rows().isEmpty()) {
      page.lines(table.lines(Page.WIDTH));
    }
    differences(sample);
  }

  private static String title(ShownSample sample) {
    return sample.id().map(id -> "id " + id).orElse("row " + sample.row());
  }

  /** What is not a row of P elements: the value, values and adjoints of intermediates. */
  private void line(String name, double[] elements) {
    boolean ofP = name.equals(GRADIENT) || name.equals(HESSIAN) || name.startsWith(JACOBIAN);
    if (!ofP && elements.length <= LARGEST_WHOLE) {
      page.line("  " + name + "  " + String.join("  ", NumberFormat.of(elements).format(elements)));
    } else if (!ofP) {
      page.line(Page.say("  %s  %,d numbers", name, elements.length));
    }
  }

  /**
   * Everything that has P columns: Jacobians, their products with adjoints, the gradient that the
   * chain rule says is equal to them, the Hessian.
   */
  private Table table(ShownSample sample) {
    int p = names.size();
    List<Table.Row> rows = new ArrayList<>();
    for (String z : perSample.jacobianOf()) {
      double[] jacobian = sample.columns().get(JACOBIAN + z);
      int outputs = jacobian.length / p;
      if (outputs <= LARGEST_WHOLE) {
        add(
            rows,
            k -> JACOBIAN + z + (outputs == 1 ? "" : "[" + k + "]"),
            IntStream.range(0, outputs)
                .mapToObj(k -> Arrays.copyOfRange(jacobian, k * p, (k + 1) * p))
                .toList());
      }
    }
    Map<String, double[]> gradients = products(sample);
    if (sample.columns().containsKey(GRADIENT)) {
      gradients.put(GRADIENT, sample.columns().get(GRADIENT));
    }
    List<String> labels = List.copyOf(gradients.keySet());
    add(rows, labels::get, List.copyOf(gradients.values()));
    double[] hessian = sample.columns().get(HESSIAN);
    if (hessian != null && perSample.hessian() == Request.SampleHessianForm.DIAGONAL) {
      add(rows, k -> "diagonal of the Hessian", List.of(hessian));
    } else if (hessian != null) {
      add(rows, k -> (k == 0 ? "Hessian  " : "         ") + names.get(k), rows(square(hessian)));
    }
    return new Table(names, rows);
  }

  private static void add(
      List<Table.Row> rows, IntFunction<String> labels, List<double[]> numbers) {
    NumberFormat format = NumberFormat.of(numbers);
    for (int k = 0; k < numbers.size(); k++) {
      rows.add(new Table.Row(labels.apply(k), format.format(numbers.get(k))));
    }
  }

  private SymmetricMatrix square(double[] hessian) {
    int p = names.size();
    if (perSample.hessian() == Request.SampleHessianForm.PACKED) {
      return SymmetricMatrix.ofPacked(p, hessian);
    }
    double[] packed = new double[Math.toIntExact(SymmetricMatrix.packedLength(p))];
    int k = 0;
    for (int i = 0; i < p; i++) {
      for (int j = i; j < p; j++) {
        packed[k++] = hessian[i * p + j];
      }
    }
    return SymmetricMatrix.ofPacked(p, packed);
  }

  /**
   * {@code adjoint_z [K] * jacobian_z [K, P]} for each z of which both were asked for, and read
   * back: large ones are not.
   */
  private Map<String, double[]> products(ShownSample sample) {
    Map<String, double[]> products = new LinkedHashMap<>();
    for (String z : perSample.jacobianOf()) {
      double[] adjoint = sample.columns().get(ADJOINT + z);
      double[] jacobian = sample.columns().get(JACOBIAN + z);
      if (adjoint != null && jacobian != null) {
        products.put(ADJOINT + z + " * " + JACOBIAN + z, product(adjoint, jacobian));
      }
    }
    return products;
  }

  private void differences(ShownSample sample) {
    double[] gradient = sample.columns().get(GRADIENT);
    if (gradient != null) {
      products(sample)
          .forEach(
              (label, product) ->
                  page.line(
                      Page.say(
                          "  gradient and %s differ by at most %s",
                          label, NumberFormat.brief(difference(gradient, product)))));
    }
  }

  /** Values and gradients, a column for each sample; of many elements the largest. */
  private void sideBySide() {
    page.heading("first rows");
    List<Table.Row> rows = new ArrayList<>();
    if (perSample.value()) {
      double[] values = samples.stream().mapToDouble(s -> s.columns().get(VALUE)[0]).toArray();
      rows.add(new Table.Row(VALUE, NumberFormat.of(values).format(values)));
    }
    if (perSample.gradient()) {
      List<double[]> gradients = samples.stream().map(s -> s.columns().get(GRADIENT)).toList();
      int p = names.size();
      Largest largest = new Largest(p > LARGEST_WHOLE ? LARGEST_SHOWN : p);
      for (int k = 0; k < p; k++) {
        int at = k;
        largest.offer(k, k, gradients.stream().mapToDouble(g -> Math.abs(g[at])).max().orElse(0));
      }
      int[] shown = largest.descending().stream().mapToInt(Largest.Element::row).sorted().toArray();
      if (p > LARGEST_WHOLE) {
        page.line(Page.say("  gradients: the %d largest of %,d elements", shown.length, p));
      }
      add(
          rows,
          k -> (p > LARGEST_WHOLE || k > 0 ? "          " : "gradient  ") + names.get(shown[k]),
          IntStream.of(shown)
              .mapToObj(k -> gradients.stream().mapToDouble(g -> g[k]).toArray())
              .toList());
    }
    page.lines(
        new Table(samples.stream().map(ConsoleReport::title).toList(), rows).lines(Page.WIDTH));
    samples.forEach(this::differences);
    String others =
        samples.get(0).lengths().entrySet().stream()
            .filter(column -> !List.of(VALUE, GRADIENT).contains(column.getKey()))
            .map(column -> Page.say("%s (%,d numbers)", column.getKey(), column.getValue()))
            .collect(Collectors.joining(", "));
    if (!others.isEmpty()) {
      page.line("  and " + others + " for each row in per_sample");
    }
  }

  /** Length P. */
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
}
