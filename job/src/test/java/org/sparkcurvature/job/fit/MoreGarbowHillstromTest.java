package org.sparkcurvature.job.fit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.config.FitMethod;

/**
 * The sums of squares of Moré, Garbow and Hillstrom, "Testing unconstrained optimization software"
 * (ACM TOMS 7, 1981), from the standard start and from 10 and 100 times that: every method ends at
 * a minimum that the paper lists, or says that it did not converge.
 */
class MoreGarbowHillstromTest {
  /** A sum of squares below this is 0: starts have sums from 1 to 1e13. */
  private static final double ZERO = 1e-12;

  /**
   * Starts from which the trust region does not reach a minimum in 1,000 iterations, and says so.
   */
  private static final Set<String> UNREACHED =
      Set.of("Powell badly scaled x10", "Powell badly scaled x100");

  /**
   * A problem.
   *
   * @param objective from a factor of the standard start
   * @param minima of the sum of squares
   * @param factors of the standard start
   */
  private record Problem(
      String name, Start objective, List<Double> minima, List<Integer> factors) {}

  @FunctionalInterface
  private interface Start {
    LocalObjective times(double factor);
  }

  /** A sum of squares over one row: the terms are those of the vector. */
  private static Problem vector(
      String name, String residuals, double[] start, List<Double> minima, Integer... factors) {
    return new Problem(
        name,
        factor ->
            LocalObjective.loss("sum(square(r))")
                .define("r", residuals)
                .parameter("x", Shape.of(start.length), times(factor, start))
                .build(),
        minima,
        List.of(factors));
  }

  /** A sum of squares over rows of a table. */
  private static Problem rows(
      String name,
      String residual,
      double[][] columns,
      double[] start,
      List<Double> minima,
      Integer... factors) {
    return new Problem(
        name,
        factor -> {
          LocalObjective.Builder builder =
              LocalObjective.loss("square(" + residual + ")")
                  .parameter("x", Shape.of(start.length), times(factor, start));
          String[] names = {"t", "y", "v"};
          for (int k = 0; k < columns.length; k++) {
            builder.column(names[k], columns[k]);
          }
          return builder.build();
        },
        minima,
        List.of(factors));
  }

  private static double[] times(double factor, double[] start) {
    return Arrays.stream(start).map(element -> factor * element).toArray();
  }

  private static double[] counted(int n) {
    return IntStream.rangeClosed(1, n).asDoubleStream().toArray();
  }

  private static double[] repeated(int n, double... pattern) {
    return IntStream.range(0, n).mapToDouble(i -> pattern[i % pattern.length]).toArray();
  }

  private static double[] each(double[] t, DoubleUnaryOperator function) {
    return Arrays.stream(t).map(function).toArray();
  }

  private static final double[] BARD = {
    0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39
  };
  private static final double[] GAUSSIAN = {
    0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521, 0.3989, 0.3521, 0.2420, 0.1295, 0.0540,
    0.0175, 0.0044, 0.0009
  };
  private static final double[] MEYER = {
    34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427, 3820, 3307,
    2872
  };
  private static final double[] KOWALIK_Y = {
    0.1957, 0.1947, 0.1735, 0.1600, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246
  };
  private static final double[] KOWALIK_U = {
    4, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625
  };
  private static final double[] OSBORNE_1 = {
    0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.850, 0.818, 0.784, 0.751, 0.718, 0.685,
    0.658, 0.628, 0.603, 0.580, 0.558, 0.538, 0.522, 0.506, 0.490, 0.478, 0.467, 0.457, 0.448,
    0.438, 0.431, 0.424, 0.420, 0.414, 0.411, 0.406
  };
  private static final double[] OSBORNE_2 = {
    1.366, 1.191, 1.112, 1.013, 0.991, 0.885, 0.831, 0.847, 0.786, 0.725, 0.746, 0.679, 0.608,
    0.655, 0.616, 0.606, 0.602, 0.626, 0.651, 0.724, 0.649, 0.649, 0.694, 0.644, 0.624, 0.661,
    0.612, 0.558, 0.533, 0.495, 0.500, 0.423, 0.395, 0.375, 0.372, 0.391, 0.396, 0.405, 0.428,
    0.429, 0.523, 0.562, 0.607, 0.653, 0.672, 0.708, 0.633, 0.668, 0.645, 0.632, 0.591, 0.559,
    0.597, 0.625, 0.739, 0.710, 0.729, 0.720, 0.636, 0.581, 0.428, 0.292, 0.162, 0.098, 0.054
  };

  private static List<Problem> problems() {
    double[] tenths = each(counted(10), i -> i / 10);
    return List.of(
        vector(
            "Rosenbrock",
            "concat(10 * (x[1] - square(x[0])), 1 - x[0])",
            new double[] {-1.2, 1},
            List.of(0.0),
            1,
            10,
            100),
        vector(
            "Freudenstein and Roth",
            "concat(-13 + x[0] + ((5 - x[1]) * x[1] - 2) * x[1],"
                + " -29 + x[0] + ((x[1] + 1) * x[1] - 14) * x[1])",
            new double[] {0.5, -2},
            List.of(0.0, 48.98425367924),
            1,
            10,
            100),
        vector(
            "Powell badly scaled",
            "concat(1e4 * x[0] * x[1] - 1, exp(-x[0]) + exp(-x[1]) - 1.0001)",
            new double[] {0, 1},
            List.of(0.0),
            1,
            10,
            100),
        vector(
            "Brown badly scaled",
            "concat(x[0] - 1e6, x[1] - 2e-6, x[0] * x[1] - 2)",
            new double[] {1, 1},
            List.of(0.0),
            1,
            10,
            100),
        vector(
            "Beale",
            "concat(1.5 - x[0] * (1 - x[1]), 2.25 - x[0] * (1 - square(x[1])),"
                + " 2.625 - x[0] * (1 - pow(x[1], 3)))",
            new double[] {1, 1},
            List.of(0.0, 14.203125),
            1),
        rows(
            "Jennrich and Sampson",
            "2 + 2 * t - (exp(t * x[0]) + exp(t * x[1]))",
            new double[][] {counted(10)},
            new double[] {0.3, 0.4},
            List.of(124.3621823556),
            1),
        vector(
            "helical valley",
            "concat(10 * (x[2] - 10 * (CASE WHEN x[0] > 0 THEN atan(x[1] / x[0]) / (2 * pi())"
                + " ELSE atan(x[1] / x[0]) / (2 * pi()) + 0.5 END)),"
                + " 10 * (norm2(slice(x, 0, 2)) - 1), x[2])",
            new double[] {-1, 0, 0},
            List.of(0.0),
            1,
            10,
            100),
        rows(
            "Bard",
            "y - (x[0] + t / ((16 - t) * x[1] + least(t, 16 - t) * x[2]))",
            new double[][] {counted(15), BARD},
            new double[] {1, 1, 1},
            List.of(8.214877306579e-3, 17.42869333333),
            1),
        rows(
            "Gaussian",
            "x[0] * exp(-x[1] * square((8 - t) / 2 - x[2]) / 2) - y",
            new double[][] {counted(15), GAUSSIAN},
            new double[] {0.4, 1, 0},
            List.of(1.127932769619e-8),
            1),
        rows(
            "Meyer",
            "x[0] * exp(x[1] / (45 + 5 * t + x[2])) - y",
            new double[][] {counted(16), MEYER},
            new double[] {0.02, 4000, 250},
            List.of(87.945855170540),
            1),
        rows(
            "Gulf research and development",
            "exp(-pow(abs(y - x[1]), x[2]) / x[0]) - t",
            new double[][] {
              each(counted(99), i -> i / 100),
              each(counted(99), i -> 25 + Math.pow(-50 * Math.log(i / 100), 2.0 / 3))
            },
            new double[] {5, 2.5, 0.15},
            List.of(0.0),
            1),
        rows(
            "Box three-dimensional",
            "exp(-t * x[0]) - exp(-t * x[1]) - x[2] * (exp(-t) - exp(-10 * t))",
            new double[][] {tenths},
            new double[] {0, 10, 20},
            List.of(0.0, 7.5588756e-2),
            1),
        vector(
            "Powell singular",
            "concat(x[0] + 10 * x[1], sqrt(5) * (x[2] - x[3]), square(x[1] - 2 * x[2]),"
                + " sqrt(10) * square(x[0] - x[3]))",
            new double[] {3, -1, 0, 1},
            List.of(0.0),
            1,
            10,
            100),
        vector(
            "Wood",
            "concat(10 * (x[1] - square(x[0])), 1 - x[0], sqrt(90) * (x[3] - square(x[2])),"
                + " 1 - x[2], sqrt(10) * (x[1] + x[3] - 2), (x[1] - x[3]) / sqrt(10))",
            new double[] {-3, -1, -3, -1},
            List.of(0.0),
            1,
            10,
            100),
        rows(
            "Kowalik and Osborne",
            "y - x[0] * (square(t) + t * x[1]) / (square(t) + t * x[2] + x[3])",
            new double[][] {KOWALIK_U, KOWALIK_Y},
            new double[] {0.25, 0.39, 0.415, 0.39},
            List.of(3.0750560385e-4, 1.0273443e-3),
            1),
        rows(
            "Brown and Dennis",
            "square(x[0] + t * x[1] - exp(t)) + square(x[2] + x[3] * sin(t) - cos(t))",
            new double[][] {each(counted(20), i -> i / 5)},
            new double[] {25, 5, -5, -1},
            List.of(85822.20162636),
            1,
            10,
            100),
        rows(
            "Osborne 1",
            "y - (x[0] + x[1] * exp(-t * x[3]) + x[2] * exp(-t * x[4]))",
            new double[][] {each(counted(33), i -> 10 * (i - 1)), OSBORNE_1},
            new double[] {0.5, 1.5, -1, 0.01, 0.02},
            List.of(5.464894697483e-5),
            1),
        rows(
            "Osborne 2",
            "y - (x[0] * exp(-t * x[4]) + x[1] * exp(-square(t - x[8]) * x[5])"
                + " + x[2] * exp(-square(t - x[9]) * x[6])"
                + " + x[3] * exp(-square(t - x[10]) * x[7]))",
            new double[][] {each(counted(65), i -> (i - 1) / 10), OSBORNE_2},
            new double[] {1.3, 0.65, 0.65, 0.7, 0.6, 3, 5, 7, 2, 4.5, 5.5},
            List.of(4.013773629355e-2),
            1),
        watson(6, 2.287670053552e-3),
        watson(9, 1.399760138097e-6),
        vector(
            "extended Rosenbrock",
            "concat(10 * (x[1] - square(x[0])), 1 - x[0], 10 * (x[3] - square(x[2])), 1 - x[2],"
                + " 10 * (x[5] - square(x[4])), 1 - x[4])",
            repeated(6, -1.2, 1),
            List.of(0.0),
            1,
            10,
            100),
        vector(
            "penalty I",
            "concat(sqrt(1e-5) * (x - 1), sum(square(x)) - 0.25)",
            counted(4),
            List.of(2.249977500562e-5),
            1,
            10,
            100),
        vector(
            "variably dimensioned",
            "concat(x - 1, dot(concat(1, 2, 3, 4, 5, 6), x - 1),"
                + " square(dot(concat(1, 2, 3, 4, 5, 6), x - 1)))",
            each(counted(6), i -> 1 - i / 6),
            List.of(0.0),
            1,
            10,
            100),
        vector(
            "Brown almost linear",
            "concat(slice(x, 0, 9) + (sum(x) - 11), prod(x) - 1)",
            repeated(10, 0.5),
            List.of(0.0, 1.0),
            1,
            10),
        vector(
            "Broyden tridiagonal",
            "(3 - 2 * x) * x - concat(0, slice(x, 0, 9)) - 2 * concat(slice(x, 1, 9), 0) + 1",
            repeated(10, -1),
            List.of(0.0),
            1,
            10,
            100),
        vector(
            "linear, full rank",
            "concat(x - 0.2 * sum(x) - 1, 0 * x - 0.2 * sum(x) - 1)",
            repeated(5, 1),
            List.of(5.0),
            1,
            10,
            100),
        rows(
            "Biggs EXP6",
            "x[2] * exp(-t * x[0]) - x[3] * exp(-t * x[1]) + x[5] * exp(-t * x[4]) - y",
            new double[][] {
              each(counted(13), i -> i / 10),
              each(
                  counted(13),
                  i -> Math.exp(-i / 10) - 5 * Math.exp(-i) + 3 * Math.exp(-4 * i / 10))
            },
            new double[] {1, 2, 1, 1, 1, 1},
            List.of(0.0, 5.65564992552e-3),
            1),
        vector(
            "penalty II",
            "concat(x[0] - 0.2, sqrt(1e-5) * (exp(slice(x, 1, 3) / 10) + exp(slice(x, 0, 3) / 10)"
                + " - exp(concat(0.2, 0.3, 0.4)) - exp(concat(0.1, 0.2, 0.3))),"
                + " sqrt(1e-5) * (exp(slice(x, 1, 3) / 10) - exp(-0.1)),"
                + " dot(concat(4, 3, 2, 1), square(x)) - 1)",
            repeated(4, 0.5),
            List.of(9.37629300735544e-6),
            1,
            10),
        chebyquad(6, 0),
        chebyquad(8, 3.51687372567793e-3),
        vector(
            "trigonometric",
            "10 - sum(cos(x)) + concat(" + numbers(counted(10)) + ") * (1 - cos(x)) - sin(x)",
            repeated(10, 0.1),
            List.of(0.0, 2.79505612187946e-5),
            1),
        vector(
            "discrete boundary value",
            "2 * x - concat(0, slice(x, 0, 9)) - concat(slice(x, 1, 9), 0)"
                + " + pow(x + concat("
                + numbers(each(counted(10), i -> i / 11 + 1))
                + "), 3) / 242",
            each(counted(10), i -> i / 11 * (i / 11 - 1)),
            List.of(0.0),
            1,
            10,
            100),
        integralEquation(),
        vector(
            "Broyden banded",
            "x * (2 + 5 * square(x)) + 1 - concat(" + banded(10) + ")",
            repeated(10, -1),
            List.of(0.0),
            1,
            10,
            100),
        vector(
            "extended Powell singular",
            "concat(x[0] + 10 * x[1], sqrt(5) * (x[2] - x[3]), square(x[1] - 2 * x[2]),"
                + " sqrt(10) * square(x[0] - x[3]), x[4] + 10 * x[5], sqrt(5) * (x[6] - x[7]),"
                + " square(x[5] - 2 * x[6]), sqrt(10) * square(x[4] - x[7]))",
            repeated(8, 3, -1, 0, 1),
            List.of(0.0),
            1,
            10,
            100),
        // m (m - 1) / (2 (2 m + 1)) and (m^2 + 3 m - 6) / (2 (2 m - 3)), m = 5: lines of minima.
        vector(
            "linear, rank 1",
            "concat(1, 2, 3, 4, 5) * dot(concat(1, 2, 3, 4, 5), x) - 1",
            repeated(5, 1),
            List.of(10.0 / 11),
            1,
            10,
            100),
        vector(
            "linear, rank 1 with zeros",
            "concat(0, 1, 2, 3, 0) * dot(concat(0, 2, 3, 4, 0), x) - 1",
            repeated(5, 1),
            List.of(17.0 / 7),
            1,
            10,
            100));
  }

  private static String numbers(double[] values) {
    return Arrays.stream(values).mapToObj(Double::toString).collect(Collectors.joining(", "));
  }

  /** By the recurrence of Chebyshev's polynomials shifted to [0, 1]. */
  private static Problem chebyquad(int n, double minimum) {
    return new Problem(
        "Chebyquad " + n,
        factor -> {
          LocalObjective.Builder builder = LocalObjective.loss("sum(square(r))");
          builder.define("t0", "0 * x + 1").define("t1", "2 * x - 1");
          StringBuilder residuals = new StringBuilder();
          for (int i = 1; i <= n; i++) {
            if (i > 1) {
              builder.define("t" + i, "2 * (2 * x - 1) * t%d - t%d".formatted(i - 1, i - 2));
            }
            residuals
                .append(i == 1 ? "concat(" : ", ")
                .append("sum(t%d) / %d".formatted(i, n))
                .append(i % 2 == 0 ? " + 1 / " + (i * i - 1.0) : "");
          }
          double[] start = each(counted(n), j -> j / (n + 1));
          return builder
              .define("r", residuals.append(")").toString())
              .parameter("x", Shape.of(n), times(factor, start))
              .build();
        },
        List.of(minimum),
        List.of(1));
  }

  private static Problem integralEquation() {
    int n = 10;
    double[] t = each(counted(n), i -> i / (n + 1));
    return new Problem(
        "discrete integral equation",
        factor ->
            LocalObjective.loss("sum(square(r))")
                .define("t", "concat(" + numbers(t) + ")")
                .define("c", "pow(x + t + 1, 3)")
                .define("below", "cumsum(t * c)")
                .define("above", "sum((1 - t) * c) - cumsum((1 - t) * c)")
                .define("r", "x + ((1 - t) * below + t * above) / 22")
                .parameter("x", Shape.of(n), times(factor, each(t, v -> v * (v - 1))))
                .build(),
        List.of(0.0),
        List.of(1, 10, 100));
  }

  /** The sums of x_j (1 + x_j) over j from i - 5 to i + 1 without i. */
  private static String banded(int n) {
    return IntStream.range(0, n)
        .mapToObj(
            i ->
                IntStream.rangeClosed(Math.max(0, i - 5), Math.min(n - 1, i + 1))
                    .filter(j -> j != i)
                    .mapToObj(j -> "x[%d] * (1 + x[%d])".formatted(j, j))
                    .collect(Collectors.joining(" + ")))
        .collect(Collectors.joining(", "));
  }

  /** With m = 31 rows, the last two of which are conditions at 0. */
  private static Problem watson(int n, double minimum) {
    double[] t = each(counted(29), i -> i / 29);
    StringBuilder value = new StringBuilder();
    StringBuilder slope = new StringBuilder();
    for (int j = n - 1; j >= 0; j--) {
      value.insert(0, "x[" + j + "] + t * (").append(")");
      if (j > 0) {
        slope.insert(0, j + " * x[" + j + "] + t * (").append(")");
      }
    }
    String fitted = value.toString().replace(" + t * ()", "");
    String derived = slope.toString().replace(" + t * ()", "");
    return new Problem(
        "Watson " + n,
        factor ->
            LocalObjective.loss("square(" + derived + " - square(" + fitted + ") - 1)")
                .penalty("square(x[0]) + square(x[1] - square(x[0]) - 1)")
                .parameter("x", Shape.of(n), new double[n])
                .column("t", t)
                .build(),
        List.of(minimum),
        List.of(1));
  }

  static Stream<Arguments> starts() {
    return problems().stream()
        .flatMap(problem -> problem.factors().stream().map(f -> Arguments.of(problem.name(), f)));
  }

  private static Problem named(String name) {
    return problems().stream().filter(p -> p.name().equals(name)).findFirst().orElseThrow();
  }

  @ParameterizedTest
  @MethodSource("starts")
  void everyMethodEndsAtAListedMinimumOrSaysThatItDoesNot(String name, int factor) {
    Problem problem = named(name);
    for (FitMethod method :
        List.of(FitMethod.TRUST_REGION_NEWTON, FitMethod.NEWTON_CG, FitMethod.LBFGS)) {
      FitResult result = problem.objective().times(factor).fit(method, 1e-10, 1000);
      boolean listed =
          problem.minima().stream()
              .anyMatch(
                  minimum ->
                      minimum == 0
                          ? result.value() < ZERO
                          : Math.abs(result.value() / minimum - 1) < 1e-6);
      if (result.termination().converged()) {
        assertThat(listed).as("%s ends at %s", method, result.value()).isTrue();
      } else if (method == FitMethod.TRUST_REGION_NEWTON) {
        assertThat(UNREACHED).as(result.termination().toString()).contains(name + " x" + factor);
      }
    }
  }
}
