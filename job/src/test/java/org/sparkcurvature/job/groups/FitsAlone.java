package org.sparkcurvature.job.groups;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.LossBuilder;
import org.sparkcurvature.engine.LossBuilder.Tensor;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.job.config.Covariance;
import org.sparkcurvature.job.config.ReferenceDistribution;
import org.sparkcurvature.job.config.SmallSampleFactor;
import org.sparkcurvature.job.config.WeightKind;
import org.sparkcurvature.rewrite.Predictors;

/** Logistic regressions by groups without Spark: what a task does once its rows are there. */
public final class FitsAlone {
  private static final int P = 5;

  private FitsAlone() {}

  /** Logistic regression, or {@code exp(z) - y z}. */
  static GroupProblem problem(boolean counts, List<String> names) {
    int p = names.size();
    LossBuilder builder = new LossBuilder();
    Tensor z = builder.input("x", p).dot(builder.parameter("beta", p));
    Tensor y = builder.input("y");
    Model model = builder.build(z.apply(counts ? "exp" : "softplus").minus(y.times(z)));
    Predictors predictors = Predictors.of(model, List.of("beta"), List.of());
    RowForm form =
        RowForm.of(predictors, DerivativeSpec.of(model, Request.by("beta")).layout(), false);
    Request.PerSample each =
        Request.PerSample.NONE
            .withValue()
            .withGradient()
            .withHessian(Request.SampleHessianForm.PACKED);
    return new GroupProblem(
        List.of(),
        DerivativeSpec.of(predictors.loss(), Request.by(form.made()).withSamples(each)),
        List.of(),
        List.of(),
        Map.of(),
        form,
        new double[p],
        new double[p],
        List.of(),
        new double[0],
        names,
        List.of(),
        new GroupSettings(
            1e-10,
            100,
            false,
            false,
            Covariance.NONROBUST,
            SmallSampleFactor.DEFAULT,
            WeightKind.IMPORTANCE,
            false,
            false,
            ReferenceDistribution.NORMAL,
            true,
            false),
        1 << 26);
  }

  /** A group's rows, as they come from its partition. */
  static GroupRows rows(GroupProblem problem, double[][] x, double[] y, Path folder) {
    double[] all = Arrays.stream(x).flatMapToDouble(Arrays::stream).toArray();
    return rows(problem, all, y, folder, new GroupRows.Room());
  }

  /** Of numbers that lie row by row. */
  private static GroupRows rows(
      GroupProblem problem, double[] x, double[] y, Path folder, GroupRows.Room room) {
    RowForm form = problem.form();
    int p = x.length / y.length;
    RowNumbers numbers = new RowNumbers(form.stride());
    numbers.set(form.weightAt(), new double[] {1}, 0, 0);
    numbers.set(form.inputs().get(0).at(), y, 0, 1);
    int at = form.tensors().get(0).at();
    numbers.set(at++, new double[] {0}, 0, 0);
    for (int k = 0; k < p; k++) {
      numbers.set(at + k, x, k, p);
    }
    GroupRows rows = new GroupRows(form, 1 << 20, folder, room);
    rows.add(numbers, 0, y.length);
    rows.arrange();
    return rows;
  }

  /** Seconds for so many groups of so many rows, on one thread: rows put in order, fits, errors. */
  public static double seconds(int groups, int size) {
    GroupProblem problem = problem(false, List.of("a", "b", "c", "d", "e"));
    Random random = new Random(1);
    int batch = 2000;
    double[][] x = new double[batch][size * P];
    double[][] y = new double[batch][size];
    for (int g = 0; g < batch; g++) {
      for (int i = 0; i < size; i++) {
        double eta = 0;
        x[g][i * P] = 1;
        for (int j = i * P + 1; j < (i + 1) * P; j++) {
          x[g][j] = random.nextGaussian();
          eta += 0.4 * x[g][j];
        }
        y[g][i] = random.nextDouble() < 1 / (1 + Math.exp(-eta)) ? 1 : 0;
      }
    }
    try (Evaluator evaluator = new Evaluator(problem);
        Natural natural = new Natural(problem)) {
      long begin = System.nanoTime();
      GroupRows.Room room = new GroupRows.Room();
      List<GroupFit> active = new ArrayList<>();
      int next = 0;
      long held = 0;
      while (next < groups || !active.isEmpty()) {
        while (next < groups && held < 2L * evaluator.blockRows()) {
          int own = next++ % batch;
          GroupFit fit =
              GroupFit.own(problem, rows(problem, x[own], y[own], Path.of("/tmp"), room), size);
          if (!fit.isOver()) {
            active.add(fit);
            held += size;
          }
        }
        evaluator.evaluate(active);
        for (GroupFit fit : active) {
          fit.advance(evaluator, natural);
          held -= fit.isOver() ? size : 0;
        }
        active.removeIf(GroupFit::isOver);
      }
      return (System.nanoTime() - begin) / 1e9;
    }
  }
}
