package org.sparkcurvature.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.objective.Derivation;
import org.sparkcurvature.objective.Precision;
import org.sparkcurvature.objective.Request;

/** {@code deploy/bench planning}: how long planning takes, over the length of a loss. */
public final class PlanningBench {
  private static final int UNITS = 8;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private PlanningBench() {}

  /** Prints a table: seconds of processor time for value, gradient and Hessian. */
  public static void main(String[] arguments) {
    Locale.setDefault(Locale.ROOT);
    Map<String, IntFunction<Model>> losses = new LinkedHashMap<>();
    losses.put("h = tanh(a h + b x), over and over", PlanningBench::recurrence);
    losses.put("GARCH(1, 1) over so many days", PlanningBench::variances);
    losses.put("gated recurrent network, 8 units (P = 328)", PlanningBench::network);
    System.out.printf("%-44s %6s %8s %8s %8s%n", "loss", "length", "nodes", "steps", "s");
    losses.forEach(
        (name, loss) -> {
          int[] lengths =
              name.startsWith("gated") ? new int[] {20, 50} : new int[] {100, 200, 1000};
          // Once for the compiler.
          derivation(loss.apply(lengths[0])).cost();
          for (int length : lengths) {
            Model model = loss.apply(length);
            int nodes = model.graph().nodes().size();
            long before = THREADS.getCurrentThreadCpuTime();
            int steps = derivation(model).cost().steps().size();
            double seconds = 1e-9 * (THREADS.getCurrentThreadCpuTime() - before);
            System.out.printf("%-44s %6d %8d %8d %8.2f%n", name, length, nodes, steps, seconds);
          }
        });
  }

  private static Derivation derivation(Model model) {
    return new Derivation(
        model,
        new Request(
            List.copyOf(model.parameters().keySet()),
            new Request.Global(true, true, Request.HessianForm.FULL, Optional.empty(), false),
            Request.PerSample.NONE),
        Precision.DOUBLE,
        64 << 20);
  }

  private static Model recurrence(int length) {
    Case.Expressions e = new Case.Expressions();
    Node x = e.input("x", length);
    Node state = e.constant(0);
    for (int t = 0; t < length; t++) {
      Node before = e.call("multiply", e.parameter("a"), state);
      Node now = e.call("multiply", e.parameter("b"), e.call("index", x, e.constant(t)));
      state = e.call("tanh", e.call("add", before, now));
    }
    return e.model(e.call("square", e.call("subtract", e.input("y"), state)));
  }

  private static Model variances(int days) {
    Case.Expressions e = new Case.Expressions();
    Node r = e.input("r", days);
    Node variance = e.parameter("w");
    Node loss = e.call("ln", variance);
    for (int t = 1; t < days; t++) {
      Node before = e.call("square", e.call("index", r, e.constant(t - 1)));
      Node news = e.call("add", e.parameter("w"), e.call("multiply", e.parameter("a"), before));
      variance = e.call("add", news, e.call("multiply", e.parameter("b"), variance));
      Node now = e.call("square", e.call("index", r, e.constant(t)));
      Node day = e.call("add", e.call("ln", variance), e.call("divide", now, variance));
      loss = e.call("add", loss, day);
    }
    return e.model(loss);
  }

  private static Model network(int steps) {
    Case.Expressions e = new Case.Expressions();
    Node x = e.input("x", steps, 4);
    Node state = e.parameter("start", UNITS);
    for (int t = 0; t < steps; t++) {
      Node in = e.call("index", x, e.constant(t));
      Node[] gates = new Node[3];
      for (int k = 0; k < 3; k++) {
        Node before = k == 2 ? e.call("multiply", gates[1], state) : state;
        Node product = e.call("matmul", e.parameter("U" + k, UNITS, UNITS), before);
        Node sum = e.call("add", e.call("matmul", e.parameter("W" + k, UNITS, 4), in), product);
        sum = e.call("add", sum, e.parameter("b" + k, UNITS));
        gates[k] = e.call(k == 2 ? "tanh" : "sigmoid", sum);
      }
      Node kept = e.call("multiply", gates[0], state);
      Node left = e.call("subtract", e.constant(1), gates[0]);
      state = e.call("add", kept, e.call("multiply", left, gates[2]));
    }
    Node fit = e.call("dot", e.parameter("v", UNITS), state);
    return e.model(e.call("square", e.call("subtract", e.input("y"), fit)));
  }
}
