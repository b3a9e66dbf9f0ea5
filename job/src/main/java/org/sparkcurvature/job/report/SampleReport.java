package org.sparkcurvature.job.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.job.solve.SymmetricMatrix;

/**
 * The first rows of what was computed for each: one sample after the other where all of it fits,
 * otherwise the samples side by side.
 */
public final class SampleReport implements Report {
  private static final String VALUE = "value";
  private static final String GRADIENT = "gradient";
  private static final String HESSIAN = "hessian";
  private static final String ADJOINT = "adjoint_";
  private static final String JACOBIAN = "jacobian_";

  private static final int LARGEST_WHOLE = 12;
  private static final int LARGEST_SHOWN = 10;

  private final List<String> names;
  private final Request.PerSample perSample;
  private final List<ShownSample> samples;
  private Page page = new Page(View.PLAIN);

  /**
   * @param names of the elements of wrt
   * @param perSample what was asked for every sample
   * @param samples the first samples
   */
  public SampleReport(List<String> names, Request.PerSample perSample, List<ShownSample> samples) {
    this.names = List.copyOf(names);
    this.perSample = perSample;
    this.samples = List.copyOf(samples);
  }

  /**
   * Whether the report has a use for a per-sample column.
   *
   * @param p the number P of elements of wrt
   */
  public static boolean shows(String column, int p) {
    return p <= LARGEST_WHOLE || column.equals(VALUE) || column.equals(GRADIENT);
  }

  @Override
  public String text(View view) {
    page = new Page(view);
    boolean fit =
        names.size() <= LARGEST_WHOLE
            && (!perSample.jacobianOf().isEmpty()
                || samples.stream().allMatch(sample -> table(sample).width() <= view.width()));
    if (fit) {
      samples.forEach(this::sample);
    } else {
      sideBySide();
    }
    return page.text();
  }

  private void sample(ShownSample sample) {
    page.heading(title(sample));
    sample.columns().forEach(this::line);
    Table table = table(sample);
    if (!table.rows().isEmpty()) {
      page.lines(table.lines(page.view().width()));
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
      page.line("  " + name + "  " + String.join("  ", shown(elements)));
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
    for (int k = 0; k < numbers.size(); k++) {
      rows.add(new Table.Row(labels.apply(k), shown(numbers.get(k))));
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

  private static List<String> shown(double[] values) {
    return Arrays.stream(values).mapToObj(Digits::significant).toList();
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
                          label, Digits.brief(difference(gradient, product)))));
    }
  }

  /** Values and gradients, a column for each sample; of many elements the largest. */
  private void sideBySide() {
    page.heading("first rows");
    List<Table.Row> rows = new ArrayList<>();
    if (perSample.value()) {
      double[] values = samples.stream().mapToDouble(s -> s.columns().get(VALUE)[0]).toArray();
      rows.add(new Table.Row(VALUE, shown(values)));
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
        new Table(samples.stream().map(SampleReport::title).toList(), rows)
            .lines(page.view().width()));
    samples.forEach(this::differences);
    String others =
        samples.get(0).lengths().entrySet().stream()
            .filter(column -> !List.of(VALUE, GRADIENT).contains(column.getKey()))
            .map(column -> Page.say("%s (%,d numbers)", column.getKey(), column.getValue()))
            .collect(Collectors.joining(", "));
    if (!others.isEmpty()) {
      page.lines(
          Paragraph.wrapped(
                  "and " + others + " for each row in per_sample", page.view().width() - 2)
              .stream()
              .map(line -> "  " + line)
              .toList());
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
