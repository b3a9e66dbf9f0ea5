package org.sparkcurvature;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.sparkcurvature.job.command.Programs;
import org.sparkcurvature.job.result.Objective;
import org.sparkcurvature.job.solve.SymmetricMatrix;

/** Derivatives of a loss summed over rows (or their mean, {@code derive.reduction}), and by row. */
public final class Derivatives extends Written {
  private final Programs.Derived derived;

  Derivatives(Programs.Derived derived) {
    super(derived.writing());
    this.derived = derived;
  }

  /** The value; NaN where it was not asked for. */
  public double value() {
    return derived.objective().value().orElse(Double.NaN);
  }

  /** What the elements are called: those of {@code wrt}, flattened row-major; length P. */
  public List<String> names() {
    return derived.names();
  }

  /** The gradient, length P. */
  public double[] gradient() {
    return derived
        .objective()
        .gradient()
        .map(double[]::clone)
        .orElseThrow(() -> notAskedFor("gradient", "gradient = true"));
  }

  /** The Hessian, P x P. */
  public double[][] hessian() {
    return square(full());
  }

  private SymmetricMatrix full() {
    if (derived.objective().hessian() instanceof Objective.Hessian.Full full) {
      return full.matrix();
    }
    throw notAskedFor("Hessian", "hessian = full");
  }

  /**
   * Results by row, computed when the data frame is: the columns of the table's own (those that
   * {@code input.carry} names where it names any), then {@code row}, {@code value}, {@code
   * gradient}, ... as {@code derive.per-sample} asks. One that is called as a column of the table's
   * gets {@code _1} behind its name.
   *
   * @param columns of these, or expressions of them; none: all
   */
  public Dataset<Row> perSample(String... columns) {
    return Curvature.translated(() -> derived.perSample().apply(Arrays.asList(columns)));
  }

  /**
   * The same as bytes, for other languages: doubles, little-endian, row-major; names as JSON.
   *
   * @param what {@code names}, {@code gradient} or {@code hessian}
   */
  public byte[] bytes(String what) {
    return switch (what) {
      case "names" -> Packed.texts(names());
      case "gradient" -> Packed.doubles(gradient());
      case "hessian" -> Packed.doubles(full().toSquare());
      default -> throw Packed.unknown(what, "names, gradient, hessian");
    };
  }

  /**
   * Some rows of a matrix' upper triangle as bytes, each from the diagonal on: large ones cross to
   * other languages in parts.
   *
   * @param what {@code hessian}
   * @param from the first row
   * @param rows how many; none come behind the last
   */
  public byte[] bytes(String what, int from, int rows) {
    if (!what.equals("hessian")) {
      throw Packed.unknown(what, "hessian");
    }
    return Packed.doubles(full(), from, rows);
  }

  /** What a user should know, in sentences. */
  public List<String> warnings() {
    return derived.warnings();
  }

  static double[][] square(SymmetricMatrix matrix) {
    int n = matrix.order();
    double[] flat = matrix.toSquare();
    double[][] square = new double[n][];
    for (int i = 0; i < n; i++) {
      square[i] = Arrays.copyOfRange(flat, i * n, (i + 1) * n);
    }
    return square;
  }

  private static CurvatureException notAskedFor(String what, String key) {
    return new CurvatureException(
        2,
        "the " + what + " was not asked for",
        "curvature.derive.global",
        "ask for it: derive.global." + key,
        null);
  }
}
