package org.sparkcurvature.job.result;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.sparkcurvature.engine.Layout;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.engine.Sums;
import org.sparkcurvature.job.config.Reduction;
import org.sparkcurvature.job.solve.SymmetricMatrix;

/**
 * The objective {@code reduction(loss) + penalty} at the given parameters: what was asked of it.
 *
 * @param value the objective itself
 * @param gradient its gradient, length P
 * @param hessian its Hessian, as much of it as was asked for
 * @param ggn the reduced generalised Gauss-Newton matrix of the loss, without penalty
 * @param opg the reduced outer product of per-sample gradients, without penalty
 */
public record Objective(
    OptionalDouble value,
    Optional<double[]> gradient,
    Hessian hessian,
    Optional<SymmetricMatrix> ggn,
    Optional<SymmetricMatrix> opg) {

  /** How much of the Hessian there is. */
  public sealed interface Hessian {

    /** It was not asked for. */
    record None() implements Hessian {}

    /** Its diagonal, length P. */
    record Diagonal(double[] values) implements Hessian {}

    /** The square block of each name of wrt, in that order. */
    record Blocks(Map<String, SymmetricMatrix> blocks) implements Hessian {
      public Blocks {
        blocks = Collections.unmodifiableMap(new LinkedHashMap<>(blocks));
      }
    }

    /** All of it. */
    record Full(SymmetricMatrix matrix) implements Hessian {}
  }

  public Objective {
    requireNonNull(value);
    requireNonNull(gradient);
    requireNonNull(hessian);
    requireNonNull(ggn);
    requireNonNull(opg);
  }

  /** Nothing was asked for. */
  public static Objective none() {
    return new Objective(
        OptionalDouble.empty(),
        Optional.empty(),
        new Hessian.None(),
        Optional.empty(),
        Optional.empty());
  }

  /**
   * Reduces sums over samples and adds the penalty, once.
   *
   * @param asked what was summed
   * @param layout where each name of wrt lies
   * @param sums the sums over samples, of a weight above 0 where the reduction is a mean
   * @param penalty the penalty's own value, gradient and Hessian, in the same form
   */
  public static Objective of(
      Request.Global asked, Layout layout, Sums sums, Optional<Sums> penalty, Reduction reduction) {
    double scale = reduction == Reduction.MEAN ? 1 / sums.weight() : 1;
    int p = layout.length();
    return new Objective(
        asked.value()
            ? OptionalDouble.of(scale * sums.value() + penalty.map(Sums::value).orElse(0.0))
            : OptionalDouble.empty(),
        asked.gradient()
            ? Optional.of(reduced(sums.gradient(), scale, penalty.map(Sums::gradient)))
            : Optional.empty(),
        hessian(asked.hessian(), layout, sums, penalty, scale),
        asked.ggn().map(z -> curvature(sums, Request.Curvature.GGN, p, scale)),
        asked.opg()
            ? Optional.of(curvature(sums, Request.Curvature.OPG, p, scale))
            : Optional.empty());
  }

  private static Hessian hessian(
      Request.HessianForm form, Layout layout, Sums sums, Optional<Sums> penalty, double scale) {
    if (form == Request.HessianForm.NONE) {
      return new Hessian.None();
    }
    double[] values =
        reduced(
            sums.curvature(Request.Curvature.HESSIAN),
            scale,
            penalty.map(p -> p.curvature(Request.Curvature.HESSIAN)));
    return switch (form) {
      case FULL -> new Hessian.Full(SymmetricMatrix.ofPacked(layout.length(), values));
      case BLOCKS -> new Hessian.Blocks(blocks(layout, values));
      default -> new Hessian.Diagonal(values);
    };
  }

  private static Map<String, SymmetricMatrix> blocks(Layout layout, double[] packed) {
    Map<String, SymmetricMatrix> blocks = new LinkedHashMap<>();
    int from = 0;
    for (Layout.Entry entry : layout.entries()) {
      int order = entry.shape().size();
      int to = from + Math.toIntExact(SymmetricMatrix.packedLength(order));
      blocks.put(
          entry.name(), SymmetricMatrix.ofPacked(order, Arrays.copyOfRange(packed, from, to)));
      from = to;
    }
    return blocks;
  }

  private static SymmetricMatrix curvature(Sums sums, Request.Curvature kind, int p, double scale) {
    return SymmetricMatrix.ofPacked(p, reduced(sums.curvature(kind), scale, Optional.empty()));
  }

  /** {@code scale * sum + penalty}, in the array of the sum. */
  private static double[] reduced(double[] sum, double scale, Optional<double[]> penalty) {
    for (int k = 0; k < sum.length; k++) {
      sum[k] *= scale;
    }
    penalty.ifPresent(
        added -> {
          for (int k = 0; k < sum.length; k++) {
            sum[k] += added[k];
          }
        });
    return sum;
  }

  /** Euclidean norm of the gradient, scaled against overflow. */
  public OptionalDouble gradientNorm() {
    if (gradient.isEmpty()) {
      return OptionalDouble.empty();
    }
    double largest = Arrays.stream(gradient.get()).map(Math::abs).max().orElse(0);
    if (largest == 0) {
      return OptionalDouble.of(0);
    }
    double sum = Arrays.stream(gradient.get()).map(g -> g / largest * (g / largest)).sum();
    return OptionalDouble.of(largest * Math.sqrt(sum));
  }

  /** The Hessian's square matrices: {@code hessian}, or {@code hessian_W} for the block of W. */
  public Map<String, SymmetricMatrix> hessianMatrices() {
    Map<String, SymmetricMatrix> matrices = new LinkedHashMap<>();
    if (hessian instanceof Hessian.Full full) {
      matrices.put("hessian", full.matrix());
    } else if (hessian instanceof Hessian.Blocks blocks) {
      blocks.blocks().forEach((name, block) -> matrices.put("hessian_" + name, block));
    }
    return matrices;
  }

  /** All square matrices there are, by the name under which they are written. */
  public Map<String, SymmetricMatrix> matrices() {
    Map<String, SymmetricMatrix> matrices = hessianMatrices();
    ggn.ifPresent(matrix -> matrices.put("ggn", matrix));
    opg.ifPresent(matrix -> matrices.put("opg", matrix));
    return matrices;
  }

  /** The first part that holds NaN or infinity, in words. Finite terms can add up to infinity. */
  public Optional<String> notFinite() {
    if (value.isPresent() && !Double.isFinite(value.getAsDouble())) {
      return Optional.of("the value");
    }
    if (gradient.isPresent() && !Arrays.stream(gradient.get()).allMatch(Double::isFinite)) {
      return Optional.of("the gradient");
    }
    if (hessian instanceof Hessian.Diagonal diagonal
        && !Arrays.stream(diagonal.values()).allMatch(Double::isFinite)) {
      return Optional.of("the diagonal of the Hessian");
    }
    return matrices().entrySet().stream()
        .filter(matrix -> !matrix.getValue().isFinite())
        .map(matrix -> "the matrix " + matrix.getKey())
        .findFirst();
  }

  /** The diagonal of the Hessian, length P, where it is known. */
  public Optional<double[]> hessianDiagonal() {
    if (hessian instanceof Hessian.Full full) {
      return Optional.of(full.matrix().diagonal());
    }
    return hessian instanceof Hessian.Diagonal diagonal
        ? Optional.of(diagonal.values())
        : Optional.empty();
  }
}
