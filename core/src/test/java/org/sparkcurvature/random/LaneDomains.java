package org.sparkcurvature.random;

import java.util.List;
import java.util.Set;
import org.sparkcurvature.ops.LaneFormulas;
import org.sparkcurvature.ops.LaneFormulas.LaneFormula;

/** Where the naive formulas of elementwise functions are accurate. */
final class LaneDomains {
  private LaneDomains() {}

  /** Functions whose formula is accurate wherever their value is moderate. */
  private static final Set<String> EVERYWHERE =
      Set.of(
          "add",
          "subtract",
          "multiply",
          "square",
          "negate",
          "exp",
          "sin",
          "cos",
          "abs",
          "sign",
          "relu",
          "leaky_relu",
          "elu",
          "clip",
          "huber",
          "pinball",
          "not");

  private static final List<LaneFormula> FORMULAS = LaneFormulas.all();

  static boolean isInDomain(String name, Quantity[] arguments) {
    // At 0 the derivative by the exponent is infinite: a power there is left to the rules' tests.
    if (name.equals("pow") && Math.abs(arguments[0].value()) < 1e-6) {
      return false;
    }
    if (EVERYWHERE.contains(name)) {
      return true;
    }
    return FORMULAS.stream()
        .anyMatch(
            f -> f.name().equals(name) && f.arity() == arguments.length && fits(f, arguments));
  }

  private static boolean fits(LaneFormula formula, Quantity[] arguments) {
    for (int k = 0; k < arguments.length; k++) {
      double value = arguments[k].value();
      double written = formula.written().get(k);
      List<Double> bounds = formula.bounds().get(k);
      // An integer as a constant: pow has a derivative by its exponent only where its base is
      // positive.
      boolean constant = arguments[k].isConstant();
      boolean inside =
          bounds.isEmpty() && Double.isNaN(written) && constant && value == Math.rint(value);
      for (int i = 0; i < bounds.size(); i += 2) {
        inside |= value >= bounds.get(i) && value <= bounds.get(i + 1);
      }
      boolean numerator = formula.name().equals("divide") && k == 0;
      if (!inside && !numerator && !(constant && value == written)) {
        return false;
      }
    }
    return true;
  }
}
