package org.sparkcurvature.job.estimate;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.sparkcurvature.job.config.Transform;
import org.sparkcurvature.job.errors.Errors;

/** The free elements that stand for a parameter's values on its natural scale. */
final class FreeValues {
  private static final double SUM_TOLERANCE = 1e-9;

  private FreeValues() {}

  /**
   * The inverse of the transform.
   *
   * @param name the parameter's
   * @param natural its elements, row-major
   * @throws org.sparkcurvature.job.errors.JobException with exit code 2 if they are not in the
   *     transform's range
   */
  static double[] of(String name, Transform transform, double[] natural) {
    if (!contains(transform, natural)) {
      throw Errors.configuration(
          "the parameter %s begins at %s, and on the scale %s its values are %s"
              .formatted(
                  name,
                  Arrays.stream(natural).limit(10).boxed().toList(),
                  transform.name().toLowerCase(Locale.ROOT),
                  transform.domain()),
          "curvature.model.parameters." + name,
          "give other values to begin with, or another transform");
    }
    int last = natural.length - 1;
    return switch (transform) {
      case NONE -> natural.clone();
      case LOG -> Arrays.stream(natural).map(Math::log).toArray();
      case LOGIT -> Arrays.stream(natural).map(v -> Math.log(v) - Math.log1p(-v)).toArray();
      case ORDERED ->
          DoubleStream.concat(
                  DoubleStream.of(natural[0]),
                  IntStream.rangeClosed(1, last)
                      .mapToDouble(k -> Math.log(natural[k] - natural[k - 1])))
              .toArray();
      case SIMPLEX ->
          Arrays.stream(natural).limit(last).map(v -> Math.log(v / natural[last])).toArray();
    };
  }

  private static boolean contains(Transform transform, double[] natural) {
    return switch (transform) {
      case NONE -> true;
      case LOG -> Arrays.stream(natural).allMatch(v -> v > 0);
      case LOGIT -> Arrays.stream(natural).allMatch(v -> v > 0 && v < 1);
      case ORDERED -> IntStream.range(1, natural.length).allMatch(k -> natural[k] > natural[k - 1]);
      case SIMPLEX ->
          Arrays.stream(natural).allMatch(v -> v > 0)
              && Math.abs(Arrays.stream(natural).sum() - 1) <= SUM_TOLERANCE;
    };
  }
}
