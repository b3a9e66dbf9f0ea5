package org.sparkcurvature.job.fit;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.sparkcurvature.job.config.FitMethod;
import org.sparkcurvature.job.errors.JobException;

/**
 * Prints how many digits of NIST's certified values each method reaches, as the table that {@code
 * job/ACCURACY.md} holds.
 */
public final class AccuracyTable {
  /** Enough for the slowest problem from its far start. */
  static final int MOST_ITERATIONS = 3000;

  private AccuracyTable() {}

  /**
   * Prints the table.
   *
   * @param arguments names of problems; all without
   */
  public static void main(String[] arguments) {
    System.out.println(
        "| problem | start | method | iterations | passes | termination | estimates | errors |");
    System.out.println("|---|---|---|---|---|---|---|---|");
    List<String> names = arguments.length > 0 ? Arrays.asList(arguments) : CertifiedProblem.NAMES;
    for (String name : names) {
      CertifiedProblem problem = CertifiedProblem.load(name);
      for (int start = 0; start < problem.starts(); start++) {
        for (FitMethod method :
            List.of(FitMethod.TRUST_REGION_NEWTON, FitMethod.NEWTON_CG, FitMethod.LBFGS)) {
          System.out.println(row(problem, start, method));
        }
      }
    }
  }

  private static String row(CertifiedProblem problem, int start, FitMethod method) {
    String head =
        "| %s | %d | %s "
            .formatted(
                problem.name(),
                start + 1,
                method.name().toLowerCase(Locale.ROOT).replace('_', '-'));
    LocalObjective objective = problem.objective(start);
    try {
      FitResult result = objective.fit(method, 1e-10, MOST_ITERATIONS);
      double[] x = result.state().x();
      return String.format(
          Locale.ROOT,
          "%s| %d | %d | %s | %.1f | %.1f |",
          head,
          result.state().iteration(),
          objective.passes(),
          result.termination().name().toLowerCase(Locale.ROOT),
          problem.digits(problem.ordered(x, x), problem.estimates()),
          problem.digits(
              problem.ordered(x, problem.deviations(objective, x)), problem.deviations()));
    } catch (JobException e) {
      return head + "| | | " + e.getMessage().lines().findFirst().orElse("") + " | | |";
    }
  }
}
