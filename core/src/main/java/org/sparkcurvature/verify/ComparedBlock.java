package org.sparkcurvature.verify;

import java.util.Optional;
import org.sparkcurvature.verify.FiniteDifferences.Comparison;
import org.sparkcurvature.verify.FiniteDifferences.Place;
import org.sparkcurvature.verify.FiniteDifferences.Verdict;

/** Comparisons of one block, being made. */
final class ComparedBlock {
  private final String quantity;
  private final String wrt;
  private final Optional<String> of;
  private final double tolerance;
  private int compared;
  private boolean undecided;
  private double largest;
  private double absolute;
  private double severity = -1;
  private Place worst = new Place(0, 0, 0, 0, 0, 0);

  ComparedBlock(String quantity, String wrt, Optional<String> of, double tolerance) {
    this.quantity = quantity;
    this.wrt = wrt;
    this.of = of;
    this.tolerance = tolerance;
  }

  /**
   * @param scale the largest magnitude among such numbers, and among those that are differenced
   */
  void add(Place place, double scale) {
    compared++;
    largest = Math.max(largest, Math.abs(place.exact()));
    if (!Double.isFinite(place.difference())) {
      undecided = true;
      return;
    }
    double deviation = Math.abs(place.exact() - place.difference());
    double size = Math.max(Math.abs(place.exact()), Math.abs(place.difference()));
    double allowed =
        tolerance * size
            + FiniteDifferences.SAFETY * (place.uncertainty() + FiniteDifferences.EPSILON * scale);
    undecided |= FiniteDifferences.SAFETY * place.uncertainty() > 1e-3 * size + 1e-7 * scale;
    absolute = Math.max(absolute, deviation);
    double measure = deviation == 0 ? 0 : deviation / allowed;
    if (measure > severity) {
      severity = measure;
      worst = place;
    }
  }

  Comparison comparison() {
    Verdict verdict =
        severity > 1 ? Verdict.DIFFERS : undecided ? Verdict.UNDECIDED : Verdict.AGREES;
    double relative = absolute == 0 ? 0 : absolute / largest;
    return new Comparison(quantity, wrt, of, compared, largest, absolute, relative, worst, verdict);
  }
}
