package org.sparkcurvature.job.groups;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.sparkcurvature.job.result.Direction;

/** What is said of groups without estimates. */
final class Messages {
  private static final int MOST_NAMED = 3;

  private Messages() {}

  /** Too few rows. */
  static String few(long rows, int parameters) {
    return "%,d row%s for %,d parameter%s"
        .formatted(rows, rows == 1 ? "" : "s", parameters, parameters == 1 ? "" : "s");
  }

  /**
   * The directions of which rows say nothing, and the parameters that the loss does not depend on.
   *
   * @param names of elements
   */
  static List<String> flat(Space space, int[] unused, List<String> names) {
    List<String> named = new ArrayList<>();
    for (int column : space.dropped()) {
      named.add(Direction.describe(column, space.flat(column), space.scales(), names));
    }
    for (int k : unused) {
      named.add(names.get(k));
    }
    return named;
  }

  /** Directions of which rows say nothing. */
  static String nothing(List<String> flat) {
    int more = flat.size() - MOST_NAMED;
    return "the rows say nothing about "
        + String.join("; ", flat.subList(0, Math.min(MOST_NAMED, flat.size())))
        + (more > 0 ? "; and " + more + " more" : "");
  }

  /** A direction in which the Hessian is singular. */
  static String singular(Space space, double[] direction, List<String> names) {
    return "the Hessian is singular: the rows say nothing about "
        + Direction.describe(parameters(space, direction, names), space.scales(), names);
  }

  /** A direction along which the loss has no minimum. */
  static String separable(Space space, double[] direction, List<String> names) {
    return "there is no minimum: the loss falls for ever along "
        + Direction.signed(parameters(space, direction, names), space.scales(), names);
  }

  /**
   * Parameters at the end of their range.
   *
   * @param at where the fit ended
   * @param from where it began
   */
  static String ended(
      List<Integer> parameters, double[] at, double[] from, Space space, List<String> names) {
    return "no estimate of "
        + parameters.stream()
            .map(
                parameter -> {
                  int d = space.dimension(parameter);
                  return "%s, which goes to the %s end of its range"
                      .formatted(names.get(parameter), at[d] < from[d] ? "lower" : "upper");
                })
            .collect(Collectors.joining("; "));
  }

  private static double[] parameters(Space space, double[] direction, List<String> names) {
    return space.parameters(direction, new double[names.size()]);
  }
}
