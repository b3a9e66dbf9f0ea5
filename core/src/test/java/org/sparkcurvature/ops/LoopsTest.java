package org.sparkcurvature.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every loop over many lanes beside the function that computes one. */
class LoopsTest {
  /** Eight units in the last place, and of the least numbers one. */
  private static final double TOLERANCE = 8 * Math.ulp(1.0) / 2;

  private static final double[] SPECIAL = {
    0,
    -0.0,
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    Double.MIN_VALUE,
    -Double.MIN_VALUE,
    Double.MAX_VALUE,
    -Double.MAX_VALUE,
    22,
    -22,
    19.0625,
    350,
    -354.5,
    372.5,
    373,
    500,
    709.78,
    709.79,
    710,
    -708.4,
    -710,
    -740,
    -745.13,
    -746,
    1e5
  };

  private record Function(Elementwise row, List<Integer> partial) {
    @Override
    public String toString() {
      return row.name() + "'".repeat(partial.size());
    }

    Elementwise.Loop loop() {
      return row.loop(partial).orElseThrow();
    }
  }

  static Stream<Function> functions() {
    return Elementwise.table().values().stream()
        .flatMap(
            row ->
                Stream.of(0, 1, 2)
                    .filter(order -> order == 0 || row.arity() == 1)
                    .map(order -> new Function(row, Collections.nCopies(order, 0))))
        .filter(function -> function.row().loop(function.partial()).isPresent());
  }

  @Test
  void everyLoopHasBeenFound() {
    assertThat(functions().map(Function::toString))
        .containsExactlyInAnyOrder(
            "add",
            "subtract",
            "multiply",
            "divide",
            "negate",
            "square",
            "square'",
            "exp",
            "log",
            "tanh",
            "tanh'",
            "tanh''",
            "sigmoid",
            "sigmoid'",
            "softplus",
            "softplus'",
            "softplus''",
            "log_sigmoid",
            "log_sigmoid'",
            "log_sigmoid''");
  }

  private static double[] arguments() {
    Random random = new Random(3);
    List<Double> all = new ArrayList<>();
    for (double special : SPECIAL) {
      all.add(special);
    }
    for (double scale = 1e-300; scale < 1e300; scale *= 1e20) {
      all.add(scale * random.nextGaussian());
    }
    for (double scale : new double[] {1e-8, 1e-4, 0.01, 0.1, 0.3, 1, 3, 10, 100, 300}) {
      for (int k = 0; k < 5000; k++) {
        all.add(scale * random.nextGaussian());
      }
    }
    return all.stream().mapToDouble(Double::doubleValue).toArray();
  }

  @ParameterizedTest
  @MethodSource("functions")
  void agreesWithOneLane(Function function) {
    double[] a = arguments();
    int n = a.length;
    double[] b = new double[n];
    double[] c = new double[n];
    Elementwise row = function.row();
    for (int k = 0; k < n; k++) {
      // What is at hand of a function of one operand is its value and its first derivative.
      if (row.arity() > 1) {
        b[k] = a[(7 * k + 11) % n];
      } else if (!function.partial().isEmpty()) {
        b[k] = row.lane(List.of()).at(a[k], 0, 0);
        c[k] = row.lane(List.of(0)).at(a[k], b[k], 0);
      }
    }
    double[] y = new double[n];
    function.loop().run(a.clone(), b.clone(), c.clone(), y, n);
    Elementwise.Lane lane = row.lane(function.partial());
    for (int k = 0; k < n; k++) {
      double expected = lane.at(a[k], b[k], c[k]);
      boolean close =
          y[k] == expected
              || Double.isNaN(y[k]) && Double.isNaN(expected)
              || Math.abs(y[k] - expected)
                  <= Math.max(TOLERANCE * Math.abs(expected), Double.MIN_VALUE);
      assertThat(close).as("%s of %s: %s, not %s", function, a[k], y[k], expected).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("functions")
  void aLaneHasTheSameBitsWhereverItLies(Function function) {
    Random random = new Random(5);
    int n = 301;
    double[][] x = new double[3][n];
    for (double[] array : x) {
      for (int k = 0; k < n; k++) {
        array[k] = 5 * random.nextGaussian();
      }
    }
    double[] all = new double[n];
    function.loop().run(x[0].clone(), x[1].clone(), x[2].clone(), all, n);
    for (int k = 0; k < n; k++) {
      double[] one = new double[1];
      function
          .loop()
          .run(new double[] {x[0][k]}, new double[] {x[1][k]}, new double[] {x[2][k]}, one, 1);
      assertThat(Double.doubleToLongBits(one[0])).isEqualTo(Double.doubleToLongBits(all[k]));
    }
  }

  /** Functions of one operand that share their work with others, with the orders that do. */
  static Stream<Function> members() {
    return Elementwise.table().values().stream()
        .flatMap(
            row ->
                IntStream.range(0, 3)
                    .filter(order -> row.member(order, false).isPresent())
                    .mapToObj(order -> new Function(row, Collections.nCopies(order, 0))));
  }

  @Test
  void everyMemberOfAFamilyHasBeenFound() {
    assertThat(members().map(Function::toString))
        .containsExactlyInAnyOrder(
            "tanh",
            "tanh'",
            "sigmoid",
            "sigmoid'",
            "softplus",
            "softplus'",
            "softplus''",
            "log_sigmoid",
            "log_sigmoid'",
            "log_sigmoid''");
  }

  @ParameterizedTest
  @MethodSource("members")
  void ofAFamilyEachHasTheBitsThatItHasAlone(Function function) {
    double[] a = arguments();
    int n = a.length;
    int order = function.partial().size();
    for (boolean opposite : new boolean[] {false, true}) {
      Elementwise.Member member = function.row().member(order, opposite).orElseThrow();
      double[] of = Arrays.stream(a).map(u -> opposite ? -u : u).toArray();
      double[] alone = new double[n];
      function.loop().run(of, new double[n], new double[n], alone, n);
      for (boolean all : new boolean[] {false, true}) {
        double[][] together = new double[member.family().results()][];
        for (int k = 0; k < together.length; k++) {
          together[k] = all || k == member.result() ? new double[n] : null;
        }
        member.family().loop().run(a.clone(), new double[n], new double[n], together, n);
        for (int k = 0; k < n; k++) {
          double result = together[member.result()][k];
          assertThat(Double.doubleToLongBits(member.negated() ? -result : result))
              .as("%s at %s, opposite: %s", function, a[k], opposite)
              .isEqualTo(Double.doubleToLongBits(alone[k]));
        }
      }
    }
  }
}
