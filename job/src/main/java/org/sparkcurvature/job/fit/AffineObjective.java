package org.sparkcurvature.job.fit;

import java.util.Optional;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.QRDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.sparkcurvature.job.solve.SymmetricMatrix;

/**
 * An objective on the affine space where linear equations {@code R x = r} hold, as a function of
 * coordinates u in it: {@code x = origin + basis u}.
 */
public final class AffineObjective implements ObjectiveFunction {
  private final ObjectiveFunction objective;
  private final double[] origin;
  private final RealMatrix basis;

  private AffineObjective(ObjectiveFunction objective, double[] origin, RealMatrix basis) {
    this.objective = objective;
    this.origin = origin;
    this.basis = basis;
  }

  /**
   * An objective where equations hold. Its origin is the point of the space that is nearest to a
   * given one.
   *
   * @param equations R, each row of length P
   * @param missing {@code R x - r} at the given point
   * @param x the given point, length P
   * @param scales of the metric, length P, all above 0: neither origin nor basis depend on units
   * @return empty where the equations do not restrict the elements independently
   */
  public static Optional<AffineObjective> of(
      ObjectiveFunction objective,
      double[][] equations,
      double[] missing,
      double[] x,
      double[] scales) {
    int p = x.length;
    int q = equations.length;
    double[] distance = missing.clone();
    RealMatrix transposed = new Array2DRowRealMatrix(p, q);
    for (int k = 0; k < q; k++) {
      double norm = 0;
      for (int i = 0; i < p; i++) {
        norm = Math.hypot(norm, equations[k][i] / scales[i]);
      }
      for (int i = 0; i < p; i++) {
        transposed.setEntry(i, k, norm == 0 ? 0 : equations[k][i] / scales[i] / norm);
      }
      distance[k] = norm == 0 ? distance[k] : distance[k] / norm;
    }
    QRDecomposition qr = new QRDecomposition(transposed);
    RealMatrix r = qr.getR();
    for (int k = 0; k < q; k++) {
      if (k >= p || !(Math.abs(r.getEntry(k, k)) > 1e-10)) {
        return Optional.empty();
      }
    }
    RealMatrix orthogonal = qr.getQ();
    // R' = Q U, so that Q_1 U^-T missing is the least change.
    double[] least = new double[q];
    for (int k = 0; k < q; k++) {
      least[k] = distance[k];
      for (int j = 0; j < k; j++) {
        least[k] -= r.getEntry(j, k) * least[j];
      }
      least[k] /= r.getEntry(k, k);
    }
    double[] origin = x.clone();
    RealMatrix basis = new Array2DRowRealMatrix(p, p - q);
    for (int i = 0; i < p; i++) {
      for (int k = 0; k < q; k++) {
        origin[i] -= orthogonal.getEntry(i, k) * least[k] / scales[i];
      }
      for (int k = q; k < p; k++) {
        basis.setEntry(i, k - q, orthogonal.getEntry(i, k) / scales[i]);
      }
    }
    return Optional.of(new AffineObjective(objective, origin, basis));
  }

  /** How many coordinates there are. */
  public int length() {
    return basis.getColumnDimension();
  }

  /** The elements at coordinates. */
  public double[] elements(double[] u) {
    double[] x = basis.operate(u);
    for (int i = 0; i < x.length; i++) {
      x[i] += origin[i];
    }
    return x;
  }

  @Override
  public Evaluation at(double[] u, Order order) {
    Evaluation whole = objective.at(elements(u), order);
    return new Evaluation(
        whole.value(),
        basis.preMultiply(whole.gradient()),
        whole.hessian().map(this::restricted),
        whole.weight());
  }

  private SymmetricMatrix restricted(SymmetricMatrix hessian) {
    int p = hessian.order();
    int m = length();
    RealMatrix whole = new Array2DRowRealMatrix(p, p);
    double[] square = hessian.toSquare();
    for (int i = 0; i < p; i++) {
      for (int j = 0; j < p; j++) {
        whole.setEntry(i, j, square[i * p + j]);
      }
    }
    RealMatrix product = basis.transpose().multiply(whole.multiply(basis));
    double[] packed = new double[Math.toIntExact(SymmetricMatrix.packedLength(m))];
    int at = 0;
    for (int i = 0; i < m; i++) {
      for (int j = i; j < m; j++) {
        packed[at++] = (product.getEntry(i, j) + product.getEntry(j, i)) / 2;
      }
    }
    return SymmetricMatrix.ofPacked(m, packed);
  }

  @Override
  public double[] hessianTimes(double[] u, double[] vector) {
    return basis.preMultiply(objective.hessianTimes(elements(u), basis.operate(vector)));
  }

  @Override
  public double[] hessianDiagonal(double[] u) {
    return at(u, Order.HESSIAN).hessian().orElseThrow().diagonal();
  }
}
