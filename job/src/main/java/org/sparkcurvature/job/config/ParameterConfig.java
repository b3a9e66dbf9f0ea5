package org.sparkcurvature.job.config;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;
import org.sparkcurvature.graph.Shape;

/**
 * One parameter of the model, from {@code model.parameters} or {@code model.parameters-from}.
 *
 * @param shape empty only where {@code labelsOf} names a tensor whose shape the first valid row
 *     decides
 * @param labelsOf the tensor whose shape this parameter has, from {@code labels = x}; where {@code
 *     shape} is there too, the tensor's shape is to be found equal to it once rows are read
 * @param labels the names of its elements, row-major ({@code beta[lncoins]} has the label {@code
 *     lncoins}): as many as elements, or none where positions are the names
 * @param named whether the labels are the whole names of its elements ({@code lncoins}, not {@code
 *     beta[lncoins]}), as those of a formula's coefficients are
 * @param initial its value when the run begins, on the natural scale
 * @param transform the scale on which it is estimated
 * @param standing whether it is estimated where {@code wrt} names it
 * @param lower bounds below which its elements are not estimated
 * @param upper bounds above which they are not
 * @param nuisance whether it is estimated for the others' sake: nothing is said of its errors
 * @param held the elements that the fit which its values come from left out, row-major
 */
public record ParameterConfig(
    Optional<Shape> shape,
    Optional<String> labelsOf,
    List<String> labels,
    boolean named,
    InitialValues initial,
    Transform transform,
    Standing standing,
    Optional<Bound> lower,
    Optional<Bound> upper,
    boolean nuisance,
    List<Integer> held) {

  /** Whether a parameter is estimated. */
  public enum Standing {
    FREE,
    /** It keeps its value. */
    FIXED,
    /**
     * The fit that its value comes from did not estimate it. A fit may; what is said about the
     * estimates of that fit takes the value as known.
     */
    HELD
  }

  /** A parameter that is estimated on its natural scale. */
  public ParameterConfig(
      Optional<Shape> shape,
      Optional<String> labelsOf,
      List<String> labels,
      InitialValues initial) {
    this(
        shape,
        labelsOf,
        labels,
        false,
        initial,
        Transform.NONE,
        Standing.FREE,
        Optional.empty(),
        Optional.empty(),
        false,
        List.of());
  }

  public ParameterConfig {
    requireNonNull(shape);
    requireNonNull(labelsOf);
    labels = List.copyOf(labels);
    requireNonNull(initial);
    requireNonNull(transform);
    requireNonNull(standing);
    requireNonNull(lower);
    requireNonNull(upper);
    held = List.copyOf(held);
  }
}
