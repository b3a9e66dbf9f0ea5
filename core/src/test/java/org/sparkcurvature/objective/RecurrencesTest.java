package org.sparkcurvature.objective;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;

/** Losses written out step by step, of which each uses the same parameters. */
class RecurrencesTest {
  /** A gated recurrent network: {@code units} hidden units, {@code steps} steps of two inputs. */
  private static Model network(int steps, int units) {
    Expressions e = new Expressions();
    Node x = e.input("x", steps, 2);
    Node y = e.input("y");
    Node one = e.constant(1);
    Node[] gates = new Node[3];
    Node state = e.call("multiply", e.constant(0), e.parameter("b", units));
    for (int k = 0; k < 3; k++) {
      e.parameter("W" + k, units, 2);
      e.parameter("U" + k, units, units);
    }
    for (int t = 0; t < steps; t++) {
      Node in = e.call("index", x, e.constant(t));
      for (int k = 0; k < 3; k++) {
        Node before = k == 2 ? e.call("multiply", gates[1], state) : state;
        Node sum =
            e.call(
                "add",
                e.call("matmul", e.parameter("W" + k, units, 2), in),
                e.call("matmul", e.parameter("U" + k, units, units), before));
        sum = e.call("add", sum, e.parameter("b", units));
        gates[k] = e.call(k == 2 ? "tanh" : "sigmoid", sum);
      }
      Node kept = e.call("multiply", gates[0], state);
      Node left = e.call("subtract", one, gates[0]);
      state = e.define("s" + t, e.call("add", kept, e.call("multiply", left, gates[2])));
    }
    return e.model(e.call("square", e.call("subtract", y, e.call("sum", state))));
  }

  /** A variance that follows the squares of what was seen, day by day. */
  private static Model variances(int days) {
    Expressions e = new Expressions();
    Node w = e.parameter("w");
    Node r = e.input("r", days);
    Node variance = w;
    Node loss = e.call("ln", w);
    for (int t = 1; t < days; t++) {
      Node before = e.call("square", e.call("index", r, e.constant(t - 1)));
      Node news = e.call("add", w, e.call("multiply", e.parameter("a"), before));
      variance =
          e.define("v" + t, e.call("add", news, e.call("multiply", e.parameter("b"), variance)));
      Node now = e.call("square", e.call("index", r, e.constant(t)));
      loss =
          e.call(
              "add", loss, e.call("add", e.call("ln", variance), e.call("divide", now, variance)));
    }
    return e.model(loss);
  }

  private static Derivation.Cost cost(Model model) {
    return new Derivation(
            model,
            new Request(
                List.copyOf(model.parameters().keySet()),
                new Request.Global(true, true, Request.HessianForm.FULL, Optional.empty(), false),
                Request.PerSample.NONE),
            Precision.DOUBLE,
            64 << 20)
        .cost();
  }

  /** Second derivatives between the steps two by two would be four times as many. */
  @Test
  void twiceTheStepsCostTwiceAsMuch() {
    Derivation.Cost cost = cost(network(10, 2));
    Derivation.Cost twice = cost(network(20, 2));
    assertThat(twice.operationsPerSample()).isLessThan(2.2 * cost.operationsPerSample());
    assertThat(twice.steps().size()).isLessThan(22 * cost.steps().size() / 10);
  }

  /** Hours, were any pass to look through all steps for each of them. */
  @Test
  @Timeout(value = 3, unit = TimeUnit.MINUTES)
  void hundredsOfDefinitionsArePlanned() {
    assertThat(cost(variances(200)).steps()).hasSizeBetween(2_000, 20_000);
  }
}
