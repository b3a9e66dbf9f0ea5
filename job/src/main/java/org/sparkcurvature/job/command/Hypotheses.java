package org.sparkcurvature.job.command;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.sparkcurvature.engine.Layout;
import org.sparkcurvature.job.config.FitMethod;
import org.sparkcurvature.job.config.HypothesisConfig;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.estimate.FreeModel;
import org.sparkcurvature.job.estimate.SummedObjective;
import org.sparkcurvature.job.fit.AffineObjective;
import org.sparkcurvature.job.fit.Evaluation;
import org.sparkcurvature.job.fit.FitResult;
import org.sparkcurvature.job.fit.FitState;
import org.sparkcurvature.job.fit.Minimiser;
import org.sparkcurvature.job.fit.Minimisers;
import org.sparkcurvature.job.fit.ObjectiveFunction;
import org.sparkcurvature.job.fit.SeparablePenalty;
import org.sparkcurvature.job.infer.Covariances;
import org.sparkcurvature.job.infer.HypothesisTest;
import org.sparkcurvature.job.infer.ParameterTests;
import org.sparkcurvature.job.infer.ProfileLikelihood;
import org.sparkcurvature.job.solve.HessianFacts;
import org.sparkcurvature.job.solve.SymmetricMatrix;

/** The tests that a configuration asks for; each likelihood ratio and score takes a fit. */
final class Hypotheses {
  /** Derivatives of an equation, relative, that differ by this between points are rounding. */
  private static final double LINEAR = 1e-10;

  private final RunContext run;
  private final Estimation estimation;
  private final double[] x;
  private final Covariances covariances;
  private final double dispersion;
  private final double value;
  private final OptionalDouble degreesOfFreedom;

  /**
   * @param x the estimates' free elements
   * @param covariances of the estimates
   * @param dispersion by which likelihood ratios are divided
   * @param value of the objective at the estimates
   * @param degreesOfFreedom of the t distribution of estimates over their errors; empty: normal
   */
  Hypotheses(
      RunContext run,
      Estimation estimation,
      double[] x,
      Covariances covariances,
      double dispersion,
      double value,
      OptionalDouble degreesOfFreedom) {
    this.run = run;
    this.estimation = estimation;
    this.x = x;
    this.covariances = covariances;
    this.dispersion = dispersion;
    this.value = value;
    this.degreesOfFreedom = degreesOfFreedom;
  }

  /** What is 0 under a hypothesis: functions of the free elements. */
  private record Equations(
      List<String> texts, double[] values, double[][] jacobian, SymmetricMatrix covariance) {}

  /**
   * Makes a test.
   *
   * @throws JobException with exit code 2 if a name is not that of an element, or a fit under the
   *     hypothesis is asked for where there is none; with 4 if equations depend on each other
   */
  HypothesisTest test(String name, HypothesisConfig config) {
    Equations equations =
        config.without().isEmpty()
            ? equations(name, config.equations())
            : without(name, config.without());
    OptionalDouble wald = HypothesisTest.wald(equations.values(), equations.covariance());
    if (wald.isEmpty()) {
      throw dependent(name);
    }
    Optional<Evaluation> restricted =
        config.needsFit() ? Optional.of(restricted(name, config, equations)) : Optional.empty();
    return new HypothesisTest(
        name,
        equations.texts(),
        equations.values().length,
        degreesOfFreedom,
        config.kinds().contains(HypothesisConfig.Kind.WALD) ? wald : OptionalDouble.empty(),
        config.kinds().contains(HypothesisConfig.Kind.LIKELIHOOD_RATIO)
            ? restricted
                .map(there -> OptionalDouble.of(2 * (there.value() - value) / dispersion))
                .orElseThrow()
            : OptionalDouble.empty(),
        config.kinds().contains(HypothesisConfig.Kind.SCORE) && isLikelihood()
            ? score(name, restricted.orElseThrow())
            : OptionalDouble.empty());
  }

  private static JobException dependent(String name) {
    return Errors.noAnswer(
        "the equations of the test " + name + " do not restrict the estimates independently",
        "curvature.infer.tests." + name,
        "leave out what another equation says, or what is constant; clustered errors test fewer"
            + " equations than there are clusters");
  }

  private boolean isLikelihood() {
    return run.configuration().model().likelihood();
  }

  private OptionalDouble score(String name, Evaluation there) {
    int[] estimated = estimation.model().estimated(x).kept();
    Evaluation part =
        new Evaluation(
            there.value(),
            Arrays.stream(estimated).mapToDouble(i -> there.gradient()[i]).toArray(),
            there.hessian().map(hessian -> hessian.part(estimated)),
            there.weight());
    Optional<Double> score = ProfileLikelihood.score(part);
    if (score.isEmpty()) {
      run.terminal()
          .warning(
              "the test "
                  + name
                  + " has no score statistic: the Hessian is not positive definite where the"
                  + " hypothesis holds");
    }
    return score.map(OptionalDouble::of).orElse(OptionalDouble.empty());
  }

  // ---- what is 0

  private Equations equations(String test, List<String> texts) {
    FreeModel model = estimation.model();
    List<String> names = ParameterTests.equations(test, texts.size());
    Map<String, double[]> values = model.functions().values(model.free(x), names);
    List<double[]> rows = new ArrayList<>();
    Map<String, double[]> jacobians = model.functions().jacobians(model.free(x), names);
    names.forEach(
        name -> {
          double[] jacobian = jacobians.get(name);
          for (int k = 0; k * x.length < jacobian.length; k++) {
            rows.add(Arrays.copyOfRange(jacobian, k * x.length, (k + 1) * x.length));
          }
        });
    return new Equations(
        texts,
        names.stream().flatMapToDouble(name -> Arrays.stream(values.get(name))).toArray(),
        rows.toArray(double[][]::new),
        covariances.functions(names));
  }

  /** The elements that names stand for: their own, a term's, or a parameter's. */
  private Equations without(String test, List<String> wanted) {
    FreeModel model = estimation.model();
    List<Integer> told = new ArrayList<>();
    List<Integer> free = new ArrayList<>();
    List<Double> values = new ArrayList<>();
    List<String> texts = new ArrayList<>();
    Map<String, double[]> natural = model.natural(x);
    for (String name : wanted) {
      int before = told.size();
      for (Layout.Entry entry : estimation.toldLayout().entries()) {
        List<String> names = estimation.names().names(entry.name(), entry.shape());
        for (int k = 0; k < names.size(); k++) {
          if (means(name, entry.name(), names.get(k))) {
            refuseScale(model, entry.name(), names.get(k), test);
            told.add(entry.offset() + k);
            free.add(model.layout().entry(entry.name()).offset() + k);
            values.add(natural.get(entry.name())[k]);
            texts.add(names.get(k) + " = 0");
          }
        }
      }
      if (told.size() == before) {
        throw Errors.configuration(
            "no estimate and no term is called " + name,
            "curvature.infer.tests." + test + ".without",
            "name coefficients as the table does, or a term, such as C(site)");
      }
    }
    double[][] rows = new double[free.size()][x.length];
    for (int k = 0; k < rows.length; k++) {
      rows[k][free.get(k)] = 1;
    }
    return new Equations(
        texts,
        values.stream().mapToDouble(v -> v).toArray(),
        rows,
        covariances.told().part(told.stream().mapToInt(i -> i).toArray()));
  }

  /** Whether a name is that of an element, of the term that it is of, or of its parameter. */
  static boolean means(String name, String parameter, String element) {
    return element.equals(name) || parameter.equals(name) || term(element).equals(name);
  }

  /**
   * The term that an element is of: {@code a:C(b)} of {@code a[T.q]:C(b)[T.2]}, which is another
   * one than {@code a}.
   */
  static String term(String element) {
    StringBuilder term = new StringBuilder();
    int depth = 0;
    for (int k = 0; k < element.length(); k++) {
      char c = element.charAt(k);
      depth += c == '[' ? 1 : 0;
      if (depth == 0) {
        term.append(c);
      }
      depth -= c == ']' && depth > 0 ? 1 : 0;
    }
    return term.toString();
  }

  private static void refuseScale(FreeModel model, String parameter, String element, String test) {
    if (!model.isNatural(parameter)) {
      throw Errors.configuration(
          element + " is estimated on a scale on which it is never 0",
          "curvature.infer.tests." + test + ".without",
          "compare with the model that lacks it: compare FOLDER FOLDER");
    }
  }

  // ---- the fit under the hypothesis

  private Evaluation restricted(String name, HypothesisConfig config, Equations equations) {
    SummedObjective objective = estimation.objective();
    FreeModel model = estimation.model();
    String path = "curvature.infer.tests." + name;
    if (!isLikelihood() && !run.configuration().model().statistics().dispersion()) {
      throw Errors.configuration(
          "the test " + name + " takes a likelihood, and the loss is none",
          path,
          "set model.likelihood = true if it is one, or kinds = [wald]");
    }
    if (x.length > HessianFacts.LARGEST_ORDER) {
      throw Errors.configuration(
          "the test %s takes a fit under the hypothesis, of %d elements: %d at most"
              .formatted(name, x.length, HessianFacts.LARGEST_ORDER),
          path,
          "take kinds = [wald]");
    }
    Minimiser.Limits limits =
        new Minimiser.Limits(
            run.configuration().fit().tolerance(), run.configuration().fit().maxIterations());
    double[] there;
    FitResult result;
    if (config.without().isEmpty()) {
      refuseCurved(name, config, equations);
      double[] diagonal = objective.hessianDiagonal(x);
      double[] scales = Arrays.stream(diagonal).map(d -> d > 0 ? Math.sqrt(d) : 1).toArray();
      AffineObjective affine =
          AffineObjective.of(objective, equations.jacobian(), equations.values(), x, scales)
              .orElseThrow(() -> dependent(name));
      if (affine.length() == 0) {
        return objective.at(affine.elements(new double[0]), ObjectiveFunction.Order.HESSIAN);
      }
      result =
          Minimisers.of(FitMethod.TRUST_REGION_NEWTON, SeparablePenalty.none(affine.length()))
              .minimise(affine, FitState.at(new double[affine.length()]), limits, state -> {});
      there = affine.elements(result.state().x());
    } else {
      int[] held =
          Arrays.stream(equations.jacobian())
              .mapToInt(
                  row ->
                      IntStream.range(0, row.length)
                          .filter(i -> row[i] != 0)
                          .findFirst()
                          .orElseThrow())
              .toArray();
      double[] start = x.clone();
      Arrays.stream(held).forEach(i -> start[i] = 0);
      result =
          Minimisers.of(FitMethod.TRUST_REGION_NEWTON, model.bounds().holding(held, start))
              .minimise(objective, FitState.at(start), limits, state -> {});
      there = result.state().x();
    }
    if (!result.termination().converged()) {
      throw Errors.noAnswer(
          "the fit under the hypothesis of the test %s did not converge: %s"
              .formatted(name, result.termination()),
          path,
          "take kinds = [wald], or fit the smaller model by itself");
    }
    return objective.at(there, ObjectiveFunction.Order.HESSIAN);
  }

  /** Fits are made under linear equations of parameters on their natural scale. */
  private void refuseCurved(String name, HypothesisConfig config, Equations equations) {
    double[] elsewhere = x.clone();
    for (int i = 0; i < x.length; i++) {
      elsewhere[i] = x[i] == 0 ? 0.5 : 1.5 * x[i];
    }
    FreeModel model = estimation.model();
    List<String> names = ParameterTests.equations(name, config.equations().size());
    Map<String, double[]> jacobians = model.functions().jacobians(model.free(elsewhere), names);
    int row = 0;
    for (String equation : names) {
      double[] there = jacobians.get(equation);
      for (int k = 0; k < there.length; k++) {
        double here = equations.jacobian()[row + k / x.length][k % x.length];
        if (!(Math.abs(there[k] - here) <= LINEAR * Math.max(Math.abs(here), Math.abs(there[k])))) {
          throw Errors.configuration(
              "the equations of the test " + name + " are not linear in what is estimated",
              "curvature.infer.tests." + name,
              "take kinds = [wald], or linear equations of parameters without a transform");
        }
      }
      row += there.length / x.length;
    }
  }
}
