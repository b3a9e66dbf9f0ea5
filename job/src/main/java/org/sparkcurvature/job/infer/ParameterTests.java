package org.sparkcurvature.job.infer;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.sparkcurvature.job.config.InferConfig;
import org.sparkcurvature.job.language.Formula;

/**
 * The functions of parameters and the equations that a configuration asks for, under the names that
 * they are computed by.
 */
public final class ParameterTests {
  private ParameterTests() {}

  /** The name under which a function is computed. */
  public static String function(String name) {
    return "function " + name;
  }

  /** The name under which an equation of a test is computed. */
  public static String equation(String test, int index) {
    return "test " + test + " " + index;
  }

  /** The names of a test's equations. */
  public static List<String> equations(String test, int count) {
    List<String> names = new ArrayList<>();
    for (int k = 0; k < count; k++) {
      names.add(equation(test, k));
    }
    return names;
  }

  /** The functions of a configuration, by the name under which they are computed. */
  public static Map<String, Formula> functions(InferConfig infer) {
    Map<String, Formula> formulas = new LinkedHashMap<>();
    infer
        .functions()
        .forEach(
            (name, text) ->
                formulas.put(function(name), new Formula("infer.functions." + name, text)));
    return formulas;
  }

  /** The equations of a configuration, by the name under which they are computed. */
  public static Map<String, Formula> equations(InferConfig infer) {
    Map<String, Formula> formulas = new LinkedHashMap<>();
    infer
        .tests()
        .forEach(
            (name, test) -> {
              List<String> equations = test.equations();
              for (int k = 0; k < equations.size(); k++) {
                formulas.put(
                    equation(name, k), new Formula("infer.tests." + name, equations.get(k)));
              }
            });
    return formulas;
  }
}
