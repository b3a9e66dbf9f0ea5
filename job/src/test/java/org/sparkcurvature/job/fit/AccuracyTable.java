package org.sparkcurvature.job.fit;

import java.util.Locale;
import org.sparkcurvature.job.config.FitMethod;
import org.sparkcurvature.job.errors.JobException;

/** Prints how accurately every certified problem is solved, by each method. */
public final class AccuracyTable {
  private AccuracyTable() {}

  /** Arguments: methods, and optionally names of problems. */
  public static void main(String[] arguments) {
    System.out.println("| problem | start | method | iterations | passes | ending | digits of estimates | digits of errors |");
    System.out.println("|---|---|---|---|---|---|---|---|");
    for (String name : CertifiedProblem.NAMES) {
      if (arguments.length > 1 && !java.util.List.of(arguments).contains(name)) continue;
      CertifiedProblem problem = CertifiedProblem.load(name);
      for (String method : arguments[0].split(",")) {
      for (int start = 0; start < problem.starts(); start++) {
        System.out.println(row(problem, start, FitMethod.valueOf(method)));
      }
      }
    }
  }

  private static String row(CertifiedProblem problem, int start, FitMethod method) {
    LocalObjective objective = problem.objective(start);
    String end;
    try {
      FitResult result = objective.fit(method, 1e-10, Integer.getInteger("iterations", 100));
      if (Boolean.getBoolean("verbose")) {
        result.state().history().forEach(System.out::println);
      }
      double[] x = result.state().x();
      return String.format(
          Locale.ROOT,
          "| %s | %d | %s | %d | %d | %s | %.1f | %.1f |",
          problem.name(),
          start + 1,
          method,
          result.state().iteration(), objective.passes(),
          result.ending().name(),
          problem.digits(x, problem.estimates()),
          problem.digits(problem.deviations(objective, x), problem.deviations()));
    } catch (JobException e) {
      end = e.getMessage().lines().findFirst().orElse("");
    }
    return "| " + problem.name() + " | " + (start + 1) + " | " + method + " | | | " + end + " | | |";
  }
}
