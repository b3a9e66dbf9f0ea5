package org.sparkcurvature.ops;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.hipparchus.analysis.differentiation.DerivativeStructure;

/**
 * The elementwise functions of the test's table as functions of one element of each argument, for
 * tests outside of this package. A function that gets a row in {@link Rows} is here by itself.
 */
public final class LaneFormulas {
  private LaneFormulas() {}

  /** Functions that the language makes of others, and that act element by element. */
  private static final Set<String> COMPOSED = Set.of("ln", "leaky_relu", "greatest", "least");

  /**
   * An elementwise function.
   *
   * @param bounds for each argument the intervals {@code [from, to, from, to, ...]} in which the
   *     formula is accurate and smooth; empty for an argument of integers or of truth values
   * @param written for each argument the constant that it must be; NaN where it may be anything
   */
  public record LaneFormula(String name, List<List<Double>> bounds, List<Double> written) {

    public int arity() {
      return bounds.size();
    }
  }

  /** Every way to call an elementwise function, by what distinguishes it. */
  public static List<LaneFormula> all() {
    List<LaneFormula> all = new ArrayList<>();
    of().forEach((row, formula) -> all.add(formula));
    return all;
  }

  private static Map<Row, LaneFormula> of() {
    Map<Row, LaneFormula> formulas = new LinkedHashMap<>();
    for (Row row : Rows.TABLE) {
      boolean lanes = Elementwise.table().containsKey(row.name()) || COMPOSED.contains(row.name());
      if (lanes && FunctionRegistry.names().contains(row.name())) {
        List<List<Double>> bounds = new ArrayList<>();
        List<Double> written = new ArrayList<>();
        for (Row.Domain domain : row.arguments()) {
          bounds.add(domain instanceof Row.Reals reals ? reals.bounds() : List.of());
          written.add(domain instanceof Row.Written w ? w.value() : Double.NaN);
        }
        formulas.put(row, new LaneFormula(row.name(), bounds, written));
      }
    }
    return formulas;
  }

  /**
   * The formula of a function: that of the first row whose arguments may be these, else that of the
   * first row.
   */
  public static Function<List<DerivativeStructure>, DerivativeStructure> formula(
      String name, double... values) {
    List<Row> rows =
        Rows.TABLE.stream()
            .filter(row -> row.name().equals(name) && row.arguments().size() == values.length)
            .toList();
    Row row = rows.stream().filter(r -> fits(r, values)).findFirst().orElse(rows.get(0));
    return arguments -> row.formula().of(arguments.stream().map(List::of).toList()).get(0);
  }

  private static boolean fits(Row row, double[] values) {
    for (int k = 0; k < values.length; k++) {
      double value = values[k];
      boolean inside = false;
      if (row.arguments().get(k) instanceof Row.Reals reals) {
        for (int i = 0; i < reals.bounds().size(); i += 2) {
          inside |= value >= reals.bounds().get(i) && value <= reals.bounds().get(i + 1);
        }
      } else if (row.arguments().get(k) instanceof Row.Written written) {
        inside = value == written.value();
      } else {
        inside = value == Math.rint(value);
      }
      if (!inside) {
        return false;
      }
    }
    return true;
  }
}
