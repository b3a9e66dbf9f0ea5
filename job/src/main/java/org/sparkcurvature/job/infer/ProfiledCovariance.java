package org.sparkcurvature.job.infer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.sparkcurvature.job.estimate.FreeModel;
import org.sparkcurvature.job.estimate.ProfiledHessian;
import org.sparkcurvature.job.solve.SymmetricMatrix;

/**
 * What an inference is about where the covariance of all free elements is not formed: A, the
 * Jacobian of what is told of and of its functions, m x P, and {@code H^-1 A'}. The covariance of
 * what is told of is {@code A H^-1 M H^-1 A'}, whose middle is the sum of outer products of {@code
 * A H^-1 s}, s the scores: m numbers a row.
 */
final class ProfiledCovariance implements Covariances {
  private final int told;
  private final Map<String, Integer> offsets = new LinkedHashMap<>();
  private final Map<String, Integer> lengths = new LinkedHashMap<>();
  private final double[] jacobian;
  private final double[] solved;
  private final int p;
  private SymmetricMatrix covariance;

  /**
   * @param x the estimates' free elements
   * @param names of the parameters that are told of
   * @param functions of the parameters that are asked for
   */
  ProfiledCovariance(
      FreeModel model,
      double[] x,
      List<String> names,
      List<String> functions,
      ProfiledHessian hessian) {
    this.p = x.length;
    double[] own = model.naturalJacobian(x, names);
    this.told = own.length / p;
    List<double[]> rows = new ArrayList<>(List.of(own));
    int at = told;
    for (String function : functions) {
      double[] jacobian = model.functions().jacobian(model.free(x), List.of(function));
      rows.add(jacobian);
      offsets.put(function, at);
      lengths.put(function, jacobian.length / p);
      at += jacobian.length / p;
    }
    this.jacobian = rows.stream().flatMapToDouble(Arrays::stream).toArray();
    this.solved = hessian.solve(jacobian);
  }

  /** {@code H^-1 A'}: m vectors of length P, one after the other. */
  double[] solved() {
    return solved;
  }

  /** m. */
  int length() {
    return jacobian.length / p;
  }

  /** {@code A H^-1 A'}. */
  SymmetricMatrix inverse() {
    int m = length();
    double[] packed = new double[Math.toIntExact(SymmetricMatrix.packedLength(m))];
    int at = 0;
    for (int i = 0; i < m; i++) {
      for (int j = i; j < m; j++) {
        packed[at++] = (product(i, j) + product(j, i)) / 2;
      }
    }
    return SymmetricMatrix.ofPacked(m, packed);
  }

  private double product(int i, int j) {
    double sum = 0;
    for (int k = 0; k < p; k++) {
      sum += jacobian[i * p + k] * solved[j * p + k];
    }
    return sum;
  }

  /** With the covariance of what is told of, and of the functions. */
  ProfiledCovariance with(SymmetricMatrix matrix) {
    covariance = matrix;
    return this;
  }

  @Override
  public SymmetricMatrix told() {
    return covariance.leading(told);
  }

  @Override
  public SymmetricMatrix functions(List<String> names) {
    int[] rows =
        names.stream()
            .flatMapToInt(
                name -> IntStream.range(offsets.get(name), offsets.get(name) + lengths.get(name)))
            .toArray();
    return covariance.part(rows);
  }
}
