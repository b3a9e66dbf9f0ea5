package org.sparkcurvature.job.solve;

import dev.ludovic.netlib.arpack.ARPACK;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.netlib.util.doubleW;
import org.netlib.util.intW;

/**
 * Eigenvalues from both ends of a symmetric operator's spectrum, by the implicitly restarted
 * Lanczos method of ARPACK (Lehoucq, Sorensen and Yang 1998). Takes products with vectors alone.
 *
 * @param eigenvalues ascending, those that converged
 * @param eigenvectors one of length n after the other, of norm 1
 * @param products how many products it took
 */
public record Lanczos(double[] eigenvalues, double[] eigenvectors, int products) {
  private static final int MOST_RESTARTS = 300;

  /**
   * Computes eigenvalues.
   *
   * @param n order of the operator, at least k + 2
   * @param k how many, half of them from each end; at least 2
   * @param tolerance of the residuals, relative to the eigenvalues
   * @param operator from a vector of length n to a fresh one
   */
  public static Lanczos of(int n, int k, double tolerance, UnaryOperator<double[]> operator) {
    ARPACK arpack = ARPACK.getInstance();
    int basis = Math.min(n, Math.max(2 * k + 1, 20));
    int[] parameters = new int[11];
    parameters[0] = 1; // exact shifts
    parameters[2] = MOST_RESTARTS;
    parameters[6] = 1; // the standard problem
    int[] pointers = new int[11];
    double[] work = new double[3 * n];
    double[] workBasis = new double[basis * (basis + 8)];
    double[] vectors = new double[n * basis];
    double[] residual = new double[n];
    Arrays.fill(residual, 1 / Math.sqrt(n));
    for (int i = 0; i < n; i++) {
      residual[i] *= 1 + 0.1 * Math.sin(i + 1.0); // no eigenvector of anything symmetric by design
    }
    intW reverse = new intW(0);
    intW count = new intW(k);
    intW info = new intW(1); // the first vector is given, so that every run goes the same way
    doubleW tol = new doubleW(tolerance);
    int products = 0;
    while (true) {
      arpack.dsaupd(
          reverse,
          "I",
          n,
          "BE",
          k,
          tol,
          residual,
          basis,
          vectors,
          n,
          parameters,
          pointers,
          work,
          workBasis,
          workBasis.length,
          info);
      if (reverse.val != -1 && reverse.val != 1) {
        break;
      }
      double[] product =
          operator.apply(Arrays.copyOfRange(work, pointers[0] - 1, pointers[0] - 1 + n));
      System.arraycopy(product, 0, work, pointers[1] - 1, n);
      products++;
    }
    // 1: the most restarts were made; what converged by then is taken.
    if (info.val != 0 && info.val != 1) {
      throw new IllegalStateException("ARPACK's dsaupd returned " + info.val);
    }
    int converged = Math.min(parameters[4], k);
    if (converged == 0) {
      return new Lanczos(new double[0], new double[0], products);
    }
    double[] eigenvalues = new double[k];
    boolean[] select = new boolean[basis];
    double[] eigenvectors = Arrays.copyOf(vectors, n * basis);
    arpack.dseupd(
        true,
        "A",
        select,
        eigenvalues,
        eigenvectors,
        n,
        0.0,
        "I",
        n,
        "BE",
        count,
        tolerance,
        residual,
        basis,
        vectors,
        n,
        parameters,
        pointers,
        work,
        workBasis,
        workBasis.length,
        info);
    if (info.val != 0) {
      throw new IllegalStateException("ARPACK's dseupd returned " + info.val);
    }
    return new Lanczos(
        Arrays.copyOf(eigenvalues, converged),
        Arrays.copyOf(eigenvectors, converged * n),
        products);
  }
}
