package org.sparkcurvature.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;

/** What rows of the table say of kinks, against what their functions do. */
class SmoothnessTest {
  private static final double[] GRID = {-2, -1, -0.5, 0, 0.5, 1, 2};
  private static final double STEP = 1e-9;
  private static final double JUMP = 1e-3;

  /** Beyond this a difference is that of a pole, not of a jump. */
  private static final double LARGE = 1e3;

  /** Kinks that differences do not see: the root has no other side, its slope is infinite. */
  private static final Map<String, Set<Integer>> UNSEEN = Map.of("norm_root", Set.of(0));

  static Stream<String> functions() {
    return Elementwise.table().keySet().stream();
  }

  @ParameterizedTest
  @MethodSource("functions")
  void kinksAreWhereARowSaysSo(String name) {
    Elementwise row = Elementwise.row(name);
    Set<Integer> said = new TreeSet<>();
    Set<Integer> seen = new TreeSet<>(UNSEEN.getOrDefault(name, Set.of()));
    for (int k = 0; k < row.arity(); k++) {
      if (row.hasKink(k)) {
        said.add(k);
      }
      for (int point = 0; point < Math.pow(GRID.length, row.arity()); point++) {
        double[] u = new double[3];
        for (int i = 0, rest = point; i < row.arity(); i++, rest /= GRID.length) {
          u[i] = GRID[rest % GRID.length];
        }
        if (isOutside(name, u)) {
          continue;
        }
        Elementwise.Lane value = row.lane(List.of());
        Elementwise.Lane slope = row.lane(List.of(k));
        if (jumps(value, u, k) || jumps(withValue(row.arity(), value, slope), u, k)) {
          seen.add(k);
        }
      }
    }
    assertThat(said).isEqualTo(seen);
  }

  /**
   * Ends of domains, where no parameter goes through: 0 to the power of 0, a negative width, bounds
   * that do not have the given distance. A symmetric interval is where the bound that counts
   * changes: derivatives by single arguments jump, and none along a parameter.
   */
  private static boolean isOutside(String name, double[] u) {
    return switch (name) {
      case "pow", "pow_exp" -> u[0] == 0;
      case "huber" -> u[1] <= 0;
      case "normal_log_interval" -> u[2] != u[1] - u[0] || u[0] + u[1] == 0;
      default -> false;
    };
  }

  /** A derivative that is given the value behind the operands. */
  private static Elementwise.Lane withValue(
      int arity, Elementwise.Lane value, Elementwise.Lane slope) {
    return switch (arity) {
      case 1 -> (a, b, c) -> slope.at(a, value.at(a, b, c), c);
      case 2 -> (a, b, c) -> slope.at(a, b, value.at(a, b, c));
      default -> slope;
    };
  }

  private static boolean jumps(Elementwise.Lane lane, double[] u, int k) {
    double[] values = new double[3];
    for (int side = -1; side <= 1; side++) {
      double[] v = Arrays.copyOf(u, 3);
      v[k] += side * STEP;
      values[side + 1] = lane.at(v[0], v[1], v[2]);
    }
    return jumps(values[0], values[1]) || jumps(values[1], values[2]);
  }

  private static final Graph GRAPH = new Graph();
  private static final Node X = GRAPH.input("x", Shape.of(3));
  private static final Node A = GRAPH.parameter("a", Shape.of(3));

  private static Node call(String function, Node... arguments) {
    return FunctionRegistry.call(GRAPH, function, List.of(arguments), OptionalInt.empty());
  }

  private static boolean hasKinks(Node loss) {
    Node sum = call("sum", loss);
    return Smoothness.hasKinks(new Model(GRAPH, Map.of("x", X), Map.of("a", A), Map.of(), sum));
  }

  @Test
  void onlyKinksInParametersCount() {
    assertThat(hasKinks(call("multiply", call("abs", X), A))).isFalse();
    assertThat(hasKinks(call("multiply", call("max", X), A))).isFalse();
    assertThat(hasKinks(call("where", call("less", X, call("max", X)), A, X))).isFalse();
    assertThat(hasKinks(call("square", A))).isFalse();
    assertThat(hasKinks(call("where", call("less", A, X), A, X))).isTrue();
    for (String function : List.of("abs", "relu", "max", "min", "norm2", "sign")) {
      assertThat(hasKinks(call(function, A))).as(function).isTrue();
    }
    for (String function : List.of("greatest", "least", "less")) {
      assertThat(hasKinks(call(function, X, A))).as(function).isTrue();
    }
  }

  private static boolean jumps(double a, double b) {
    return Math.abs(a) < LARGE && Math.abs(b) < LARGE && Math.abs(a - b) > JUMP;
  }
}
