package org.sparkcurvature.job.report;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.sparkcurvature.engine.Layout;
import org.sparkcurvature.job.config.Reduction;
import org.sparkcurvature.job.result.HessianReading;
import org.sparkcurvature.job.result.Objective;
import org.sparkcurvature.job.result.RunSummary;
import org.sparkcurvature.job.solve.HessianFacts;
import org.sparkcurvature.job.solve.ScaledHessian;
import org.sparkcurvature.job.solve.SymmetricMatrix;

/**
 * What a person reads of {@code derive}: the value, how far the gradient is from 0, what the
 * Hessian says, and the elements that matter most. Matrices are shown when they are asked for.
 */
public final class DeriveReport implements Report {
  /** Up to so many elements are shown whole. */
  private static final int WHOLE = 12;

  private static final int SHOWN = 10;

  private final Found found;

  /**
   * What was found over all rows.
   *
   * @param rows how many there were
   * @param weight the sum of their weights
   * @param layout the flattened vector of length P
   * @param names of its elements
   * @param penalised whether there is a penalty
   * @param perSample what is computed for each row, in words; empty: nothing
   * @param newtonStep how far a Newton step leads, in standard errors, where the Hessian tells
   * @param stationary whether that is so short that the gradient counts as 0
   */
  public record Found(
      RunSummary.Rows rows,
      double weight,
      Reduction reduction,
      Layout layout,
      List<String> names,
      boolean penalised,
      List<String> perSample,
      Objective objective,
      HessianReading reading,
      OptionalDouble newtonStep,
      boolean stationary) {
    public Found {
      requireNonNull(objective);
      names = List.copyOf(names);
      perSample = List.copyOf(perSample);
    }
  }

  public DeriveReport(Found found) {
    this.found = found;
  }

  @Override
  public String text(View view) {
    Page page = new Page(view);
    Objective objective = found.objective();
    page.title("derive", title());
    objective.value().ifPresent(value -> page.field("value", Digits.significant(value)));
    objective.gradient().ifPresent(gradient -> page.field("gradient", gradient(gradient)));
    hessian(page);
    if (!found.perSample().isEmpty()) {
      page.field("each row", String.join(", ", found.perSample()) + ": in per_sample");
    }
    page.field("by", wrt());
    page.rows(found.rows(), found.weight());
    elements(page);
    matrices(page);
    return page.text();
  }

  /** Whether the gradient counts as 0. */
  public boolean isStationary() {
    return found.stationary();
  }

  /** The gradient by the names of its elements. */
  @Override
  public Map<String, Object> numbers() {
    Map<String, Object> numbers = new LinkedHashMap<>();
    found
        .objective()
        .gradient()
        .ifPresent(
            gradient -> {
              Map<String, Object> named = new LinkedHashMap<>();
              for (int k = 0; k < gradient.length; k++) {
                named.put(found.names().get(k), gradient[k]);
              }
              numbers.put("gradient", named);
            });
    return numbers;
  }

  private String title() {
    List<String> what = new ArrayList<>();
    Objective objective = found.objective();
    objective.value().ifPresent(value -> what.add("value"));
    objective.gradient().ifPresent(gradient -> what.add("gradient"));
    if (!(objective.hessian() instanceof Objective.Hessian.None)) {
      what.add("Hessian");
    }
    if (what.isEmpty()) {
      return "for each of " + Page.rows(found.rows().used());
    }
    String last = what.remove(what.size() - 1);
    return (what.isEmpty() ? last : String.join(", ", what) + " and " + last)
        + " of "
        + Page.over(found.reduction(), found.rows().used())
        + (found.penalised() ? ", plus the penalty" : "");
  }

  private String wrt() {
    int p = found.layout().length();
    String entries =
        found.layout().entries().stream()
            .map(e -> e.shape().isScalar() ? e.name() : e.name() + " " + e.shape())
            .collect(Collectors.joining(", "));
    return entries + (p == 1 ? "" : Page.say(": P = %,d", p));
  }

  private String gradient(double[] gradient) {
    int largest = 0;
    for (int k = 1; k < gradient.length; k++) {
      largest = Math.abs(gradient[k]) > Math.abs(gradient[largest]) ? k : largest;
    }
    double norm = found.objective().gradientNorm().orElse(0);
    String most =
        gradient.length == 1 || norm == 0
            ? ""
            : Page.say(
                " (largest: %s %s)",
                found.names().get(largest), Digits.significant(gradient[largest], 4));
    String verdict =
        found.newtonStep().isEmpty()
            ? ""
            : found.stationary()
                ? ", a stationary point"
                : Page.say(
                    ", NOT a stationary point: a Newton step is %s standard errors long",
                    Digits.significant(found.newtonStep().getAsDouble(), 2));
    return "norm " + Digits.significant(norm, 5) + verdict + most;
  }

  // ---------------------------------------------------------------- Hessian

  private void hessian(Page page) {
    Objective.Hessian hessian = found.objective().hessian();
    if (hessian instanceof Objective.Hessian.Full) {
      page.field("Hessian", reading("hessian"));
    } else if (hessian instanceof Objective.Hessian.Blocks blocks) {
      blocks
          .blocks()
          .forEach(
              (name, block) -> page.field("Hessian", name + ": " + reading("hessian_" + name)));
    } else if (hessian instanceof Objective.Hessian.Diagonal) {
      page.field("Hessian", "its diagonal alone, as asked for");
    } else if (found.reading().withheld().containsKey("hessian")) {
      page.field("Hessian", found.reading().withheld().get("hessian"));
    }
  }

  private String reading(String name) {
    HessianFacts facts = found.reading().facts().get(name);
    if (facts == null) {
      return "not judged: " + found.reading().withheld().get(name);
    }
    String zero =
        facts.zero() > 0 && facts.order() > 1
            ? Page.say(
                "; %d of %d eigenvalues cannot be told from 0 (within %.1e)",
                facts.zero(), facts.order(), facts.tolerance())
            : "";
    String eigenvalues =
        facts.order() == 1
            ? Page.say(", %s", Digits.significant(facts.smallest()))
            : Page.say(
                ", eigenvalues %s .. %s, condition %s",
                Digits.significant(facts.smallest(), 4),
                Digits.significant(facts.largest(), 4),
                Double.isFinite(facts.conditionNumber())
                    ? Digits.significant(facts.conditionNumber(), 3)
                    : "infinite");
    return Page.say("%,d x %,d, ", facts.order(), facts.order())
        + facts.definiteness()
        + eigenvalues
        + zero;
  }

  // ---------------------------------------------------------------- elements

  /**
   * The elements of the gradient, beside the curvature and the Newton step where they are known.
   */
  private void elements(Page page) {
    Optional<double[]> gradient = found.objective().gradient();
    Optional<double[]> curvature = curvature();
    if (gradient.isEmpty() && curvature.isEmpty()) {
      return;
    }
    int p = found.layout().length();
    double[] ranked = gradient.or(() -> curvature).orElseThrow();
    boolean cut = p > WHOLE && !page.view().shows(Part.ALL);
    int[] shown = Largest.positions(ranked, cut ? SHOWN : p);
    Rows rows = new Rows(page.view(), IntStream.of(shown).mapToObj(found.names()::get).toList());
    gradient.ifPresent(values -> rows.column("gradient", numbers(values, shown)));
    curvature.ifPresent(values -> rows.optional("curvature", numbers(values, shown)));
    step().ifPresent(values -> rows.optional("Newton step", numbers(values, shown)));
    page.lines(EstimateLines.withRest(rows.lines(), p - shown.length, " of smaller magnitude"));
  }

  private static List<String> numbers(double[] values, int[] shown) {
    return Digits.aligned(
        IntStream.of(shown).mapToObj(k -> Digits.significant(values[k])).toList());
  }

  /** The diagonal of the Hessian. */
  private Optional<double[]> curvature() {
    Objective objective = found.objective();
    if (objective.hessian() instanceof Objective.Hessian.Full full) {
      return Optional.of(full.matrix().diagonal());
    }
    if (objective.hessian() instanceof Objective.Hessian.Blocks blocks) {
      double[] all = new double[found.layout().length()];
      for (Layout.Entry entry : found.layout().entries()) {
        double[] own = blocks.blocks().get(entry.name()).diagonal();
        System.arraycopy(own, 0, all, entry.offset(), own.length);
      }
      return Optional.of(all);
    }
    return objective.hessian() instanceof Objective.Hessian.Diagonal diagonal
        ? Optional.of(diagonal.values())
        : Optional.empty();
  }

  /** {@code -H^-1 g}, where H is positive definite and small enough to be judged. */
  private Optional<double[]> step() {
    if (!(found.objective().hessian() instanceof Objective.Hessian.Full full)
        || full.matrix().order() > HessianFacts.LARGEST_ORDER
        || found.objective().gradient().isEmpty()
        || found.newtonStep().isEmpty()) {
      return Optional.empty();
    }
    double[] gradient = found.objective().gradient().get();
    return ScaledHessian.factor(full.matrix())
        .map(factor -> Arrays.stream(factor.solve(gradient)).map(v -> -v).toArray());
  }

  // ---------------------------------------------------------------- matrices

  private void matrices(Page page) {
    Map<String, SymmetricMatrix> matrices = found.objective().matrices();
    if (matrices.isEmpty()) {
      return;
    }
    if (!page.view().shows(Part.HESSIAN)) {
      page.line(
          "  matrix: --show hessian" + (found.perSample().isEmpty() ? "" : "   rows: --show rows"));
      return;
    }
    matrices.forEach(
        (name, matrix) -> {
          page.heading(name);
          page.lines(matrix(page.view(), matrix, labels(name)));
        });
  }

  private List<String> labels(String matrix) {
    return found.layout().entries().stream()
        .filter(entry -> matrix.equals("hessian_" + entry.name()))
        .findFirst()
        .map(entry -> found.names().subList(entry.offset(), entry.offset() + entry.shape().size()))
        .orElse(found.names());
  }

  /** All rows and columns, or the largest elements of the upper triangle. */
  private static List<String> matrix(View view, SymmetricMatrix matrix, List<String> names) {
    int n = matrix.order();
    if (n <= WHOLE || view.shows(Part.ALL) && n <= EstimateLines.WHOLE) {
      List<String> labels = ShownNames.of(names, view.width() / 4, view.ellipsis()).shown();
      List<Table.Row> rows = new ArrayList<>();
      for (int i = 0; i < n; i++) {
        int row = i;
        rows.add(
            new Table.Row(
                labels.get(i),
                IntStream.range(0, n)
                    .mapToObj(j -> Digits.significant(matrix.at(row, j)))
                    .toList()));
      }
      return new Table(labels, rows).lines(view.width());
    }
    Largest largest = new Largest(SHOWN);
    for (int i = 0; i < n; i++) {
      for (int j = i; j < n; j++) {
        largest.offer(i, j, matrix.at(i, j));
      }
    }
    List<Largest.Element> elements = largest.descending();
    List<String> pairs =
        elements.stream()
            .map(
                e ->
                    e.row() == e.column()
                        ? names.get(e.row())
                        : names.get(e.row()) + ", " + names.get(e.column()))
            .toList();
    List<String> lines = new ArrayList<>();
    lines.add(Page.say("  the %d largest of %,d x %,d elements", elements.size(), n, n));
    lines.addAll(
        new Rows(view, pairs)
            .column("", elements.stream().map(e -> Digits.significant(e.value())).toList())
            .lines());
    return lines;
  }
}
