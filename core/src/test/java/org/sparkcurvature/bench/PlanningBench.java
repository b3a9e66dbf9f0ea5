package org.sparkcurvature.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntFunction;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Precision;
import org.sparkcurvature.engine.Recurrences;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.graph.Model;

/** {@code deploy/bench planning}: how long planning takes, over the length of a loss. */
public final class PlanningBench {
  private static final int UNITS = 8;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private PlanningBench() {}

  /** Prints a table: seconds of processor time for value, gradient and Hessian. */
  public static void main(String[] arguments) {
    Locale.setDefault(Locale.ROOT);
    Map<String, IntFunction<Model>> losses = new LinkedHashMap<>();
    losses.put("h = tanh(a h + b x), over and over", Recurrences::numbers);
    losses.put("GARCH(1, 1) over so many days", Recurrences::variances);
    losses.put(
        "gated recurrent network, 8 units (P = 328)",
        steps -> Recurrences.network(steps, 4, UNITS));
    System.out.printf("%-44s %6s %8s %8s %8s%n", "loss", "length", "nodes", "steps", "s");
    losses.forEach(
        (name, loss) -> {
          int[] lengths =
              name.startsWith("gated") ? new int[] {20, 50} : new int[] {100, 200, 1000};
          // Once for the compiler.
          spec(loss.apply(lengths[0])).cost();
          for (int length : lengths) {
            Model model = loss.apply(length);
            int nodes = model.graph().nodes().size();
            long before = THREADS.getCurrentThreadCpuTime();
            int steps = spec(model).cost().steps().size();
            double seconds = 1e-9 * (THREADS.getCurrentThreadCpuTime() - before);
            System.out.printf("%-44s %6d %8d %8d %8.2f%n", name, length, nodes, steps, seconds);
          }
        });
  }

  private static DerivativeSpec spec(Model model) {
    return new DerivativeSpec(
        model,
        Request.by(List.copyOf(model.parameters().keySet()))
            .withSums(Request.Global.NONE.withValue().withGradient().withHessian()),
        Precision.DOUBLE,
        64 << 20);
  }
}
