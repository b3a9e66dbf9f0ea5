package org.sparkcurvature.job.formula;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.InputErrors;
import org.sparkcurvature.job.errors.Names;
import org.sparkcurvature.job.formula.Predictor.Term;

/**
 * Writes a linear predictor out. Numeric terms are a vector {@code x} times {@code beta};
 * categorical ones are lookups, {@code concat(0.0, b_site)[c_site]}, so that a level costs a
 * parameter and a row what it touches.
 *
 * <p>A categorical factor of a term has a coefficient for each level but the reference where the
 * model has the term without that factor, and for each level otherwise, as in R (Chambers and
 * Hastie 1992, Statistical Models in S, section 2.4); the levels of a first category stand for an
 * intercept that is left out.
 */
final class PredictorWriter {
  /** Effects of more levels than this are estimated, and not told of one by one. */
  static final int MOST_TOLD = 500;

  /** So many levels are named in a message. */
  static final int LEVELS_SHOWN = 20;

  private final WrittenModel model;
  private final TableFacts facts;
  private final String unseen;

  PredictorWriter(WrittenModel model, TableFacts facts, String unseen) {
    this.model = model;
    this.facts = facts;
    this.unseen = unseen;
  }

  /**
   * What a predictor is called.
   *
   * @param predictor its name; empty for the first
   */
  private record Naming(Optional<String> predictor) {
    /** In tensors' names. */
    String suffix() {
      return predictor.map(name -> "_" + name).orElse("");
    }

    /** In parameters' names. */
    String prefix() {
      return predictor.map(name -> name + "_").orElse("");
    }

    /** Coefficients' names: those of the first predictor are bare. */
    List<String> coefficients(List<String> labels) {
      return labels.stream()
          .map(label -> predictor.map(name -> name + "[" + label + "]").orElse(label))
          .toList();
    }
  }

  /** A term with its factors told apart. */
  private record Parts(Term term, List<Factor> numeric, List<Factor> categorical) {}

  /**
   * Adds tensors and parameters, and gives the expression.
   *
   * @param name of the predictor in the names of what it adds; empty for the first
   * @param start value of the intercept, or of each level where there is none
   */
  String write(Optional<String> name, Predictor predictor, double start) {
    return write(new Naming(name), predictor, start, predictor.intercept());
  }

  /** The same where thresholds are there in the place of an intercept. */
  String writeBesideThresholds(Predictor predictor) {
    return write(new Naming(Optional.empty()), predictor, 0, false);
  }

  private String write(Naming naming, Predictor predictor, double start, boolean writesIntercept) {
    List<String> summands = new ArrayList<>();
    if (writesIntercept) {
      String intercept = naming.prefix() + "Intercept";
      model.scalar(intercept, start, naming.coefficients(List.of("Intercept")));
      model.inNullModel(intercept);
      summands.add(intercept);
    }
    List<Parts> parts = predictor.terms().stream().map(this::parts).toList();
    double fill = predictor.intercept() ? 0 : start;
    for (Parts part : parts) {
      if (!part.categorical().isEmpty()) {
        boolean carries = fill != 0 && part.numeric().isEmpty();
        summands.add(lookup(predictor, part, naming, carries ? fill : 0));
        fill = carries ? 0 : fill;
      }
    }
    List<Parts> numeric = parts.stream().filter(part -> part.categorical().isEmpty()).toList();
    if (!numeric.isEmpty()) {
      String x = "x" + naming.suffix();
      String beta = naming.prefix() + "beta";
      model.columns(x, numeric.stream().map(part -> product(part.numeric())).toList());
      model.vector(
          beta,
          List.of(numeric.size()),
          0,
          naming.coefficients(numeric.stream().map(part -> part.term().label()).toList()));
      summands.add("dot(%s, %s)".formatted(x, beta));
    }
    if (!predictor.offsets().isEmpty()) {
      String offset = "offset" + naming.suffix() + "_sum";
      model.column(offset, sum(predictor.offsets()));
      summands.add(offset);
    }
    return summands.isEmpty() ? "0.0" : String.join(" + ", summands);
  }

  /**
   * The same for a response of several levels: a predictor for each but the first.
   *
   * @param levels all but the first
   */
  String writeForLevels(Predictor predictor, List<String> levels, List<Double> start) {
    List<String> summands = new ArrayList<>();
    int count = levels.size();
    if (predictor.intercept()) {
      model.vector("Intercept", start, "", levels.stream().map(l -> l + "[Intercept]").toList());
      model.inNullModel("Intercept");
      summands.add("Intercept");
    }
    Naming naming = new Naming(Optional.empty());
    List<Parts> parts = predictor.terms().stream().map(this::parts).toList();
    for (Parts part : parts) {
      if (!part.categorical().isEmpty()) {
        Codes codes = codes(predictor, part, naming);
        String b = "b_" + codes.id();
        List<String> names = new ArrayList<>();
        codes
            .labels()
            .forEach(label -> levels.forEach(level -> names.add(level + "[" + label + "]")));
        model.vector(b, List.of(codes.labels().size(), count), 0, names);
        String row =
            codes.reduced()
                ? "IF(%s > 0, %s[greatest(%s - 1, 0)], 0.0)"
                    .formatted(codes.tensor(), b, codes.tensor())
                : "%s[%s]".formatted(b, codes.tensor());
        summands.add(codes.factor().map(factor -> factor + " * " + row).orElse(row));
      }
    }
    List<Parts> numeric = parts.stream().filter(part -> part.categorical().isEmpty()).toList();
    if (!numeric.isEmpty()) {
      model.columns("x", numeric.stream().map(part -> product(part.numeric())).toList());
      List<String> names = new ArrayList<>();
      levels.forEach(
          level -> numeric.forEach(part -> names.add(level + "[" + part.term().label() + "]")));
      model.vector("beta", List.of(count, numeric.size()), 0, names);
      summands.add("matmul(beta, x)");
    }
    if (!predictor.offsets().isEmpty() || summands.isEmpty()) {
      throw Errors.configuration(
          summands.isEmpty()
              ? "the predictor has no term"
              : "a response of several levels takes no offset",
          "curvature.model.formula",
          "write terms alone, one at least");
    }
    return String.join(" + ", summands);
  }

  private Parts parts(Term term) {
    List<Factor> numeric = new ArrayList<>();
    List<Factor> categorical = new ArrayList<>();
    term.factors()
        .forEach(factor -> (facts.isCategorical(factor) ? categorical : numeric).add(factor));
    return new Parts(term, numeric, categorical);
  }

  /**
   * A categorical term as codes.
   *
   * @param id in the names of tensor and parameter
   * @param tensor the codes
   * @param labels of coefficients, in the order of the codes
   * @param reduced whether code 0 stands for rows without a coefficient
   * @param sum whether the last level's coefficient is minus the sum of the others
   * @param factor the tensor by which the coefficient is multiplied, where there is one
   */
  private record Codes(
      String id,
      String tensor,
      List<String> labels,
      boolean reduced,
      boolean sum,
      Optional<String> factor) {}

  private String lookup(Predictor predictor, Parts parts, Naming naming, double fill) {
    Codes codes = codes(predictor, parts, naming);
    String b = naming.prefix() + "b_" + codes.id();
    model.vector(
        b,
        List.of(codes.labels().size()),
        fill,
        naming.coefficients(codes.labels()),
        codes.labels().size() > MOST_TOLD);
    String looked =
        codes.sum()
            ? "concat(%s, -sum(%s))[%s]".formatted(b, b, codes.tensor())
            : codes.reduced()
                ? "concat(0.0, %s)[%s]".formatted(b, codes.tensor())
                : "%s[%s]".formatted(b, codes.tensor());
    return codes.factor().map(factor -> factor + " * " + looked).orElse(looked);
  }

  private Codes codes(Predictor predictor, Parts parts, Naming naming) {
    String id = identifier(parts.term().label(), naming);
    Optional<String> factor = Optional.empty();
    if (!parts.numeric().isEmpty()) {
      String n = "n_" + id + naming.suffix();
      model.column(n, product(parts.numeric()));
      factor = Optional.of(n);
    }
    String tensor = "c_" + id + naming.suffix();
    return parts.categorical().size() == 1
        ? ofOne(predictor, parts, id, tensor, factor)
        : ofSeveral(predictor, parts, id, tensor, factor);
  }

  private Codes ofOne(
      Predictor predictor, Parts parts, String id, String tensor, Optional<String> factor) {
    Factor category = parts.categorical().get(0);
    List<String> levels = levels(category);
    boolean reduced = isReduced(predictor, parts.term(), category);
    boolean sum = reduced && isSum(category);
    model.codes(tensor, category.expression(), levels, unseen);
    List<String> labels = new ArrayList<>();
    for (int k = reduced && !sum ? 1 : 0; k < levels.size() - (sum ? 1 : 0); k++) {
      String mark = sum ? "S." : reduced ? "T." : "";
      String level = levels.get(k);
      labels.add(
          parts.term().factors().stream()
              .map(f -> f.equals(category) ? f.label() + "[" + mark + level + "]" : f.label())
              .collect(Collectors.joining(":")));
    }
    return new Codes(id, tensor, labels, reduced, sum, factor);
  }

  /** An interaction of categories is a lookup by the cell, of those cells that occur. */
  private Codes ofSeveral(
      Predictor predictor, Parts parts, String id, String tensor, Optional<String> factor) {
    List<Factor> categories = parts.categorical();
    List<Boolean> reduced = new ArrayList<>();
    List<String> references = new ArrayList<>();
    for (Factor category : categories) {
      boolean isReduced = isReduced(predictor, parts.term(), category);
      if (isSum(category)) {
        throw Errors.configuration(
            "the interaction %s is of categories, one of them coded by sums"
                .formatted(parts.term().label()),
            "curvature.model.formula",
            "leave coding => 'sum' out, or write the interaction with numbers");
      }
      reduced.add(isReduced);
      references.add(levels(category).get(0));
    }
    boolean any = reduced.contains(true);
    List<String> cells = new ArrayList<>(any ? List.of("") : List.of());
    List<String> labels = new ArrayList<>();
    String expression = cellExpression(categories, reduced, references);
    for (List<String> cell : cells(categories, expression)) {
      boolean isReference = false;
      for (int k = 0; k < cell.size(); k++) {
        isReference |= reduced.get(k) && cell.get(k).equals(references.get(k));
      }
      if (!isReference) {
        cells.add(String.join(Cells.SEPARATOR, cell));
        labels.add(label(parts.term(), categories, reduced, cell));
      }
    }
    if (labels.isEmpty()) {
      throw InputErrors.levels(
          "the interaction "
              + parts.term().label()
              + " has no cell with rows beside the references",
          "leave it out");
    }
    model.codes(tensor, expression, cells, unseen);
    return new Codes(id, tensor, labels, any, false, factor);
  }

  /** Those of an earlier fit, or those that occur. */
  private List<List<String>> cells(List<Factor> categories, String expression) {
    return facts.kept().containsKey(expression)
        ? facts.kept().get(expression).stream()
            .filter(text -> !text.isEmpty())
            .map(Cells::levels)
            .toList()
        : facts.cells().get(categories.stream().map(Factor::expression).toList());
  }

  private static String label(
      Term term, List<Factor> categories, List<Boolean> reduced, List<String> cell) {
    return term.factors().stream()
        .map(
            factor -> {
              int k = categories.indexOf(factor);
              return k < 0
                  ? factor.label()
                  : factor.label() + "[" + (reduced.get(k) ? "T." : "") + cell.get(k) + "]";
            })
        .collect(Collectors.joining(":"));
  }

  private static String cellExpression(
      List<Factor> categories, List<Boolean> reduced, List<String> references) {
    List<String> columns = categories.stream().map(Factor::expression).toList();
    List<String> isReference = new ArrayList<>();
    for (int k = 0; k < columns.size(); k++) {
      if (reduced.get(k)) {
        isReference.add("string(%s) = %s".formatted(columns.get(k), literal(references.get(k))));
      }
    }
    return isReference.isEmpty()
        ? Cells.expression(columns)
        : Cells.expression(columns, String.join(" OR ", isReference));
  }

  static String literal(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }

  private List<String> levels(Factor category) {
    List<String> levels = facts.levels(category);
    Optional<String> reference = category.categories().flatMap(Factor.Categories::reference);
    if (reference.isPresent() && !levels.contains(reference.get())) {
      throw InputErrors.levels(
          "%s has no level %s".formatted(category.label(), reference.get()),
          "its levels are " + Names.first(LEVELS_SHOWN, levels));
    }
    if (levels.size() < 2) {
      throw InputErrors.levels(
          "%s has one level%s, and no coefficient"
              .formatted(category.label(), levels.isEmpty() ? "" : ", " + levels.get(0)),
          "leave it out, or see whether input.where leaves one level of it");
    }
    return levels;
  }

  private boolean isReduced(Predictor predictor, Term term, Factor category) {
    Set<String> without = new LinkedHashSet<>(term.key());
    without.remove(category.label());
    return predictor.has(without) || without.isEmpty() && followsCategory(predictor, term);
  }

  /** Without an intercept the levels of the first category add up to one. */
  private boolean followsCategory(Predictor predictor, Term term) {
    return predictor.terms().stream()
        .takeWhile(other -> !other.key().equals(term.key()))
        .anyMatch(
            other -> other.factors().size() == 1 && facts.isCategorical(other.factors().get(0)));
  }

  private static boolean isSum(Factor category) {
    return category.categories().filter(c -> c.coding() == Factor.Coding.SUM).isPresent();
  }

  private static String product(List<Factor> factors) {
    return factors.size() == 1
        ? factors.get(0).expression()
        : factors.stream()
            .map(factor -> "(" + factor.expression() + ")")
            .collect(Collectors.joining(" * "));
  }

  private static String sum(List<String> expressions) {
    return expressions.size() == 1
        ? expressions.get(0)
        : expressions.stream().map(e -> "(" + e + ")").collect(Collectors.joining(" + "));
  }

  /** A name for tensors and parameters that tells of the term, and that no other has. */
  private String identifier(String label, Naming naming) {
    String words =
        label
            .replaceAll("\\bC\\((\\w+)\\)", "$1")
            .replaceAll("[^A-Za-z0-9]+", "_")
            .replaceAll("^_+|_+$", "")
            .toLowerCase(Locale.ROOT);
    String base = words.isEmpty() ? "term" : words.substring(0, Math.min(words.length(), 40));
    String id = base;
    for (int k = 2;
        model.hasTensor("c_" + id + naming.suffix())
            || model.hasParameter(naming.prefix() + "b_" + id);
        k++) {
      id = base + "_" + k;
    }
    return id;
  }
}
