package org.sparkcurvature.engine;

import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;

/** Losses written out step by step, of which each uses the same parameters. */
public final class Recurrences {
  private Recurrences() {}

  /** One number that is passed on: h = tanh(a h + b x), so many times. */
  public static Model numbers(int steps) {
    Expressions e = new Expressions();
    Node a = e.parameter("a");
    Node b = e.parameter("b");
    Node x = e.input("x", steps);
    Node state = e.constant(0);
    for (int t = 0; t < steps; t++) {
      Node now = e.call("multiply", b, e.call("index", x, e.constant(t)));
      state = e.define("h" + t, e.call("tanh", e.call("add", e.call("multiply", a, state), now)));
    }
    return e.model(e.call("square", e.call("subtract", e.input("y"), state)));
  }

  /** GARCH(1, 1): a variance that follows the squares of what was seen, over so many days. */
  public static Model variances(int days) {
    Expressions e = new Expressions();
    Node w = e.parameter("w");
    Node a = e.parameter("a");
    Node b = e.parameter("b");
    Node r = e.input("r", days);
    Node variance = w;
    Node loss = e.call("ln", w);
    for (int t = 1; t < days; t++) {
      Node before = e.call("square", e.call("index", r, e.constant(t - 1)));
      Node news = e.call("add", w, e.call("multiply", a, before));
      variance = e.define("v" + t, e.call("add", news, e.call("multiply", b, variance)));
      Node now = e.call("square", e.call("index", r, e.constant(t)));
      Node day = e.call("add", e.call("ln", variance), e.call("divide", now, variance));
      loss = e.call("add", loss, day);
    }
    return e.model(loss);
  }

  /** A gated recurrent network of {@code units} hidden units, and an output that weights them. */
  public static Model network(int steps, int inputs, int units) {
    Expressions e = new Expressions();
    Node[] w = new Node[3];
    Node[] u = new Node[3];
    Node[] b = new Node[3];
    for (int k = 0; k < 3; k++) {
      w[k] = e.parameter("W" + k, units, inputs);
      u[k] = e.parameter("U" + k, units, units);
      b[k] = e.parameter("b" + k, units);
    }
    Node x = e.input("x", steps, inputs);
    Node state = e.parameter("start", units);
    for (int t = 0; t < steps; t++) {
      Node in = e.call("index", x, e.constant(t));
      Node[] gates = new Node[3];
      for (int k = 0; k < 3; k++) {
        Node before = k == 2 ? e.call("multiply", gates[1], state) : state;
        Node sum = e.call("add", e.call("matmul", w[k], in), e.call("matmul", u[k], before));
        gates[k] = e.call(k == 2 ? "tanh" : "sigmoid", e.call("add", sum, b[k]));
      }
      Node kept = e.call("multiply", gates[0], state);
      Node left = e.call("subtract", e.constant(1), gates[0]);
      state = e.define("s" + t, e.call("add", kept, e.call("multiply", left, gates[2])));
    }
    Node fit = e.call("dot", e.parameter("v", units), state);
    return e.model(e.call("square", e.call("subtract", e.input("y"), fit)));
  }
}
