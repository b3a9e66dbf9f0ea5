package org.sparkcurvature.job.check;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.NonFiniteException;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.result.ElementNames;
import org.sparkcurvature.job.source.Sample;
import org.sparkcurvature.verify.FiniteDifferences;
import org.sparkcurvature.verify.FiniteDifferences.Comparison;
import org.sparkcurvature.verify.FiniteDifferences.Place;
import org.sparkcurvature.verify.FiniteDifferences.Report;
import org.sparkcurvature.verify.FiniteDifferences.Settings;
import org.sparkcurvature.verify.FiniteDifferences.Verdict;

/** Derivatives beside central differences at a few rows. */
public final class RowComparison {
  /** How many rows are compared. */
  public static final int ROWS = 3;

  /** Why derivatives can differ from central differences, and what to do about it. */
  static final String ADVICE =
      "at a kink (relu, abs, sign, clip, max, greatest, a boundary of CASE WHEN) the two sides have different slopes and there is no one derivative:"
          + " try other rows or parameters. Where large numbers cancel (ln(1 + exp(a)), a difference of"
          + " lgamma, a variance as a difference of squares), digits are lost before any"
          + " derivative is taken: write softplus, log1p, expm1, logsumexp or log_sigmoid, or"
          + " centre the columns. Where neither is the case, please report this loss";

  /** Elements of each tensor that the comparison beside a run perturbs. */
  private static final int ELEMENTS = 8;

  /** The largest P, and the largest graph, that are compared beside a run: some 0.1 s. */
  private static final int LARGEST_P = 200;

  private static final int LARGEST_GRAPH = 500;
  private static final int SHOWN = 2;

  private RowComparison() {}

  /** Whether the comparison costs so little that a run makes it without being asked. */
  public static boolean isCheap(DerivativeSpec spec) {
    return spec.layout().length() <= LARGEST_P
        && spec.model().graph().nodes().size() <= LARGEST_GRAPH;
  }

  /**
   * What a run says where its derivatives differ from central differences at a few rows.
   *
   * @param spec the loss
   * @param parameters every parameter's elements, row-major
   * @param rows valid samples, at least one
   * @param names what elements are called
   * @return a warning that names rows and elements; empty where all agree
   */
  public static Optional<String> warning(
      DerivativeSpec spec,
      Map<String, double[]> parameters,
      List<Sample> rows,
      ElementNames names) {
    Report report =
        report(
            spec,
            parameters,
            rows,
            new Settings(ELEMENTS, LARGEST_P, Settings.DEFAULT.tolerance()));
    List<String> faults =
        report.comparisons().stream()
            .filter(c -> c.verdict() == Verdict.DIFFERS)
            .map(c -> fault(c, spec.model(), rows, names))
            .toList();
    return faults.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "derivatives differ from central differences: "
                + faults.stream().limit(SHOWN).collect(Collectors.joining("; "))
                + "; "
                + ADVICE
                + ". All of it: check");
  }

  /**
   * Compares derivatives with central differences.
   *
   * @param parameters every parameter's elements, row-major
   * @param rows valid samples; none for a loss without input tensors
   * @throws org.sparkcurvature.job.errors.JobException with exit code 4 if the loss or a derivative
   *     is not finite at these rows
   */
  static Report report(
      DerivativeSpec spec, Map<String, double[]> parameters, List<Sample> rows, Settings settings) {
    int count = Math.max(1, rows.size());
    Map<String, double[]> inputs = new LinkedHashMap<>();
    spec.model()
        .inputs()
        .forEach(
            (name, node) -> {
              int size = node.shape().size();
              double[] all = new double[count * size];
              for (int row = 0; row < count; row++) {
                System.arraycopy(rows.get(row).tensors().get(name), 0, all, row * size, size);
              }
              inputs.put(name, all);
            });
    try {
      return FiniteDifferences.compare(spec, parameters, inputs, count, settings);
    } catch (NonFiniteException e) {
      throw Errors.notFinite(
          e.where(),
          e.rows().stream()
              .filter(row -> row < rows.size())
              .map(row -> rows.get(row).row().toString())
              .toList());
    }
  }

  /** One sentence: which element of which derivative, where, and both numbers. */
  static String fault(Comparison c, Model model, List<Sample> rows, ElementNames names) {
    Place worst = c.worst();
    String wrt = element(names, c.wrt(), model, worst.element());
    String quantity = c.quantity();
    if (c.of().isPresent()) {
      quantity += " by " + wrt + " and " + element(names, c.of().get(), model, worst.of());
    } else if (quantity.startsWith("jacobian_")) {
      quantity =
          "derivative of "
              + element(names, quantity.substring("jacobian_".length()), model, worst.of())
              + " by "
              + wrt;
    } else {
      quantity += " by " + wrt;
    }
    String where =
        worst.row() < 0
            ? "over these rows"
            : worst.row() < rows.size() ? "at " + rows.get(worst.row()).row() : "";
    String other = worst.row() < 0 ? "the samples' own add up to" : "central differences give";
    return "%s is %s %s; %s %s (within %s)"
        .formatted(
            quantity,
            exact(worst.exact()),
            where,
            other,
            exact(worst.difference()),
            Check.number(worst.uncertainty()));
  }

  private static String element(ElementNames names, String tensor, Model model, int element) {
    Shape shape = model.named(tensor).shape();
    return names.names(tensor, shape).get(element);
  }

  private static String exact(double value) {
    return String.format(Locale.ROOT, "%.9g", value);
  }
}
