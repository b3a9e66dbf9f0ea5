package org.sparkcurvature;

import java.util.List;
import org.sparkcurvature.job.command.Programs;
import org.sparkcurvature.job.result.SpectrumSummary;

/** Eigenvalues of a Hessian, and whether the point is a minimum, a saddle or neither. */
public final class Spectrum extends Written {
  private final Programs.Decomposed decomposed;

  Spectrum(Programs.Decomposed decomposed) {
    super(decomposed.writing());
    this.decomposed = decomposed;
  }

  private SpectrumSummary summary() {
    return decomposed.summary();
  }

  /** Ascending: all of them, or those that were computed. */
  public double[] eigenvalues() {
    return summary().eigenvalues().clone();
  }

  /** The eigenvalues to which there are vectors, ascending. */
  public double[] extremeEigenvalues() {
    return summary().extreme().stream().mapToDouble(SpectrumSummary.Pair::value).toArray();
  }

  /** Vectors of norm 1 of {@link #extremeEigenvalues}, one row each, of length P. */
  public double[][] eigenvectors() {
    return summary().extreme().stream().map(pair -> pair.vector().clone()).toArray(double[][]::new);
  }

  /** What the elements of the vectors are called. */
  public List<String> names() {
    return decomposed.names();
  }

  /** What the point is: {@code minimum}, {@code saddle}, {@code flat}, {@code not stationary}. */
  public String verdict() {
    return summary().verdictInWords();
  }

  /**
   * The same as bytes, for other languages: doubles, little-endian, row-major; names as JSON.
   *
   * @param what {@code names}, {@code eigenvalues}, {@code extreme-eigenvalues} or {@code
   *     eigenvectors}
   */
  public byte[] bytes(String what) {
    return switch (what) {
      case "names" -> Packed.texts(names());
      case "eigenvalues" -> Packed.doubles(eigenvalues());
      case "extreme-eigenvalues" -> Packed.doubles(extremeEigenvalues());
      case "eigenvectors" -> Packed.doubles(eigenvectors());
      default ->
          throw Packed.unknown(what, "names, eigenvalues, extreme-eigenvalues, eigenvectors");
    };
  }

  /** What the command prints. */
  @Override
  public String toString() {
    return decomposed.shown();
  }
}
