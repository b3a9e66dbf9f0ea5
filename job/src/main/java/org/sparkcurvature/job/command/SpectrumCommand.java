package org.sparkcurvature.job.command;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BiFunction;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.job.config.Purpose;
import org.sparkcurvature.job.config.Reduction;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.config.SpectrumConfig;
import org.sparkcurvature.job.derive.RowCounts;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.estimate.Curvature;
import org.sparkcurvature.job.estimate.SummedObjective;
import org.sparkcurvature.job.fit.Evaluation;
import org.sparkcurvature.job.fit.NewtonDecrement;
import org.sparkcurvature.job.page.SpectrumPage;
import org.sparkcurvature.job.report.SpectrumReport;
import org.sparkcurvature.job.result.CurvatureVerdict;
import org.sparkcurvature.job.result.Direction;
import org.sparkcurvature.job.result.Objective;
import org.sparkcurvature.job.result.SpectrumSummary;
import org.sparkcurvature.job.sink.ResultFiles;
import org.sparkcurvature.job.solve.Eigenpairs;
import org.sparkcurvature.job.solve.Lanczos;
import org.sparkcurvature.job.solve.ScaledHessian;
import org.sparkcurvature.job.solve.SymmetricMatrix;
import org.sparkcurvature.job.source.CachedSamples;

/** {@code spectrum}: the eigenvalues of the Hessian, and what they say of the point. */
public final class SpectrumCommand {
  /** The largest order for which all eigenvalues are computed unless asked for. */
  private static final int LARGEST_DENSE = 1000;

  private static final double RESIDUAL = 1e-10;

  private final Terminal terminal;

  public SpectrumCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /**
   * Runs the command.
   *
   * @param configurations paths or URIs, later ones win
   * @param settings {@code path=value}
   * @throws RuntimeException what is wrong; nothing complete is left then
   */
  public void run(List<String> configurations, List<String> settings) {
    RunContext.run(
        terminal,
        "spectrum",
        Purpose.ESTIMATION,
        configurations,
        settings,
        SpectrumCommand::spectrum);
  }

  /** What was found, by either method. */
  private record Found(
      String method,
      double[] eigenvalues,
      List<SpectrumSummary.Pair> extreme,
      CurvatureVerdict verdict,
      OptionalInt negative,
      OptionalInt zero,
      Objective sums,
      double decrement,
      int products) {}

  static Optional<String> spectrum(RunContext run) {
    return compute(
        run,
        (estimation, summary) -> {
          ResultFiles files = new ResultFiles(run.folder());
          run.describe(
              files,
              estimation,
              estimation.model().natural(estimation.model().start()),
              estimation.model().layout(),
              run.configuration().model().notEstimated());
          files.spectrum(summary);
          run.page("spectrum", summary.run(), SpectrumPage.of(summary));
          run.show(new SpectrumReport(summary, estimation.freeNames()));
          run.folder().commit();
          return next(summary);
        });
  }

  /** Standard errors of a minimum; from elsewhere, the way to one. */
  private static Optional<String> next(SpectrumSummary summary) {
    if (!summary.stationary()) {
      return Optional.of("fit");
    }
    return summary.verdict().kind() == CurvatureVerdict.Kind.MINIMUM
        ? Optional.of("infer")
        : Optional.empty();
  }

  /**
   * Computes eigenvalues.
   *
   * @param then what is done with them
   */
  static <T> T compute(RunContext run, BiFunction<Estimation, SpectrumSummary, T> then) {
    RunConfiguration configuration = run.configuration();
    Estimation estimation =
        run.estimation(List.of(), run.parsedJob().loss().functions(), Estimation.Extent.NAMED);
    List<String> warnings = run.warnings(estimation.source());
    int p = estimation.model().layout().length();
    boolean dense = isDense(configuration.spectrum(), p);
    Request.Global asked =
        Request.Global.NONE
            .withValue()
            .withGradient()
            .withHessian(dense ? Request.HessianForm.FULL : Request.HessianForm.NONE);
    MemoryCheck.refuseTooLarge(
        estimation.objective().spec(asked),
        estimation.objective().penalty(asked),
        estimation.source().partitions(),
        ClusterMemory.of(run.session().spark().sparkContext()),
        new MemoryCheck.Asked(
            "curvature.spectrum.method",
            dense ? "set spectrum.method = lanczos" : "name less in derive.wrt"));
    int vectors = dense ? Math.min(p, configuration.spectrum().k()) : 1; // that converge at least
    run.refuseWithoutRoom(
        () -> ResultSize.ofSpectrum(dense ? p : vectors, vectors, p), estimation.handedOn(asked));
    Reduction reduction = configuration.derive().reduction();
    try (CachedSamples kept = estimation.source().keep()) {
      SummedObjective objective =
          new SummedObjective(
              dense ? estimation.source() : kept, estimation.model(), configuration, reduction);
      Found found =
          run.stages()
              .run(
                  "eigenvalues",
                  "computing eigenvalues",
                  () ->
                      dense
                          ? dense(estimation, objective, configuration.spectrum().k(), asked)
                          : lanczos(estimation, objective, configuration.spectrum().k(), asked));
      return then.apply(estimation, summary(run, estimation, objective, found, warnings));
    }
  }

  private static boolean isDense(SpectrumConfig settings, int p) {
    return switch (settings.method()) {
      case DENSE -> true;
      case AUTO -> p <= LARGEST_DENSE;
      // Lanczos finds fewer than all.
      case LANCZOS -> p < settings.k() + 2 || p < 4;
    };
  }

  private static Found dense(
      Estimation estimation, SummedObjective objective, int k, Request.Global asked) {
    double[] x = estimation.model().start();
    Objective sums = objective.sums(x, asked);
    SymmetricMatrix hessian = ((Objective.Hessian.Full) sums.hessian()).matrix();
    List<String> names = estimation.freeNames();
    Eigenpairs all = Eigenpairs.of(hessian);
    int p = hessian.order();
    List<SpectrumSummary.Pair> extreme = new ArrayList<>();
    for (int i = 0; i < p; i++) {
      if (i < (k + 1) / 2 || i >= p - k / 2) {
        double[] vector = all.vector(i);
        extreme.add(
            new SpectrumSummary.Pair(
                all.eigenvalues()[i],
                vector,
                residual(times(hessian, vector), all.eigenvalues()[i], vector),
                Direction.describe(vector, names)));
      }
    }
    ScaledHessian scaled = ScaledHessian.of(hessian);
    CurvatureVerdict verdict =
        CurvatureVerdict.of(
            scaled, names, (vectors, count) -> objective.hessianTimes(x, vectors, count));
    return new Found(
        "dense",
        all.eigenvalues(),
        extreme,
        verdict,
        OptionalInt.of(scaled.negative()),
        OptionalInt.of(verdict.kind() == CurvatureVerdict.Kind.MINIMUM ? 0 : scaled.flat()),
        sums,
        scaled.decrement(sums.gradient().orElseThrow()),
        0);
  }

  private static Found lanczos(
      Estimation estimation, SummedObjective objective, int k, Request.Global asked) {
    double[] x = estimation.model().start();
    Objective sums = objective.sums(x, asked);
    int p = x.length;
    Lanczos found =
        Lanczos.of(p, Math.max(2, k), RESIDUAL, vector -> objective.hessianTimes(x, vector));
    int converged = found.eigenvalues().length;
    if (converged == 0) {
      throw Errors.noAnswer(
          "no eigenvalue converged within " + found.products() + " products with vectors",
          "curvature.spectrum",
          "set a larger spectrum.k, or spectrum.method = dense");
    }
    // The residuals of all vectors, from one more pass.
    double[] products = objective.hessianTimes(x, found.eigenvectors(), converged);
    List<String> names = estimation.freeNames();
    List<SpectrumSummary.Pair> pairs = new ArrayList<>();
    double largest = Arrays.stream(found.eigenvalues()).map(Math::abs).max().orElse(0);
    for (int i = 0; i < converged; i++) {
      double[] vector = Arrays.copyOfRange(found.eigenvectors(), i * p, (i + 1) * p);
      double[] product = Arrays.copyOfRange(products, i * p, (i + 1) * p);
      pairs.add(
          new SpectrumSummary.Pair(
              found.eigenvalues()[i],
              vector,
              residual(product, found.eigenvalues()[i], vector),
              Direction.describe(vector, names)));
    }
    return new Found(
        "lanczos",
        found.eigenvalues(),
        pairs,
        CurvatureVerdict.of(pairs, 10 * p * Math.ulp(1.0) * largest),
        OptionalInt.empty(),
        OptionalInt.empty(),
        sums,
        decrement(objective, x, sums),
        found.products() + converged);
  }

  private static double decrement(SummedObjective objective, double[] x, Objective sums) {
    return NewtonDecrement.squared(
        objective,
        x,
        new Evaluation(
            sums.value().orElseThrow(),
            sums.gradient().orElseThrow(),
            Optional.empty(),
            objective.counts().orElseThrow().weight()));
  }

  private static double[] times(SymmetricMatrix matrix, double[] vector) {
    double[] product = new double[vector.length];
    for (int i = 0; i < product.length; i++) {
      for (int j = 0; j < product.length; j++) {
        product[i] += matrix.at(i, j) * vector[j];
      }
    }
    return product;
  }

  private static double residual(double[] product, double eigenvalue, double[] vector) {
    double sum = 0;
    for (int i = 0; i < vector.length; i++) {
      double difference = product[i] - eigenvalue * vector[i];
      sum += difference * difference;
    }
    return Math.sqrt(sum);
  }

  private static SpectrumSummary summary(
      RunContext run,
      Estimation estimation,
      SummedObjective objective,
      Found found,
      List<String> warnings) {
    Reduction reduction = run.configuration().derive().reduction();
    RowCounts counts = objective.counts().orElseThrow();
    // A mean is that many times smaller than the sum that errors are made of.
    double times = reduction == Reduction.MEAN ? counts.weight() : 1;
    double value = times * found.sums().value().orElseThrow();
    double decrement = times * found.decrement();
    double dispersion =
        Curvature.dispersion(run.configuration().model().likelihood(), value, counts.used());
    return new SpectrumSummary(
        run.facts(
            objective, Request.Global.NONE.withGradient(), estimation.model().layout(), warnings),
        reduction,
        found.method(),
        found.eigenvalues(),
        found.extreme(),
        found.verdict(),
        Curvature.standardErrors(decrement, dispersion),
        Curvature.isStationary(
            decrement,
            dispersion,
            times * Curvature.rounding(found.sums(), estimation.model().start())),
        found.negative(),
        found.zero(),
        Math.sqrt(Arrays.stream(found.sums().gradient().orElseThrow()).map(g -> g * g).sum()),
        found.products());
  }
}
