package org.sparkcurvature.job.command;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.sparkcurvature.job.config.Device;
import org.sparkcurvature.job.config.Reduction;
import org.sparkcurvature.job.derive.HessianColumns;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.result.HessianReading;
import org.sparkcurvature.job.result.Objective;
import org.sparkcurvature.job.sink.ResultFiles;
import org.sparkcurvature.job.source.KeptSamples;
import org.sparkcurvature.objective.Derivation;
import org.sparkcurvature.objective.Engine;
import org.sparkcurvature.objective.NonFiniteException;
import org.sparkcurvature.objective.Sums;

/**
 * The Hessian where its sums fit into no process: group after group of columns, over samples that
 * executors keep, each written as tiles before the next is computed.
 */
final class TiledHessian {
  private final Derivatives derivatives;
  private final Device device;
  private final double scale;
  private final double[] diagonal;

  /**
   * @param weight the sum of the weights
   */
  TiledHessian(Derivatives derivatives, Device device, Reduction reduction, double weight) {
    this.derivatives = derivatives;
    this.device = device;
    this.scale = reduction == Reduction.MEAN ? 1 / weight : 1;
    this.diagonal = new double[derivatives.derivation().layout().length()];
  }

  /** Writes the tiles; returns {@code objective} with the Hessian's diagonal. */
  Objective write(ResultFiles files, Objective objective) {
    try (KeptSamples samples = derivatives.source().keep()) {
      files.tiles("hessian", diagonal.length, (first, count) -> columns(samples, first, count));
    }
    return new Objective(
        objective.value(),
        objective.gradient(),
        new Objective.Hessian.Diagonal(diagonal),
        objective.ggn(),
        objective.opg());
  }

  private double[] columns(KeptSamples samples, int first, int count) {
    Derivation whole = derivatives.derivation();
    int p = diagonal.length;
    double[] columns =
        HessianColumns.sum(samples, whole, derivatives.values(), device, first, count);
    Optional<double[]> penalty = derivatives.penalty().map(asked -> penalty(asked, first, count));
    for (int k = 0; k < columns.length; k++) {
      columns[k] = scale * columns[k] + (penalty.isPresent() ? penalty.get()[k] : 0);
      if (!Double.isFinite(columns[k])) {
        throw Errors.notFinite("the Hessian summed over rows", List.of());
      }
    }
    for (int k = 0; k < count; k++) {
      diagonal[first + k] = columns[k * p + first + k];
    }
    return columns;
  }

  private double[] penalty(Derivation penalty, int first, int count) {
    Derivation products = HessianColumns.derivation(penalty, count);
    try (Engine engine = products.open(derivatives.values())) {
      engine.setVectors(HessianColumns.unitVectors(first, count, diagonal.length));
      Sums sums = Sums.zero(products);
      engine.weights()[0] = 1;
      engine.evaluate(1);
      engine.addTo(sums);
      return sums.products();
    } catch (NonFiniteException e) {
      throw Errors.notFinite(e.where() + " (curvature.model.penalty)", List.of());
    }
  }

  /** What there is to say of a Hessian that was never in one place. */
  HessianReading reading() {
    return new HessianReading(
        Map.of(),
        Map.of(
            "hessian",
            "it fits into no process and was written in tiles; diagonal from %s to %s"
                .formatted(extreme(-1), extreme(1))));
  }

  private double extreme(int sign) {
    OptionalDouble most = Arrays.stream(diagonal).map(value -> sign * value).max();
    return sign * most.orElse(Double.NaN);
  }
}
