package org.sparkcurvature.job.language;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.config.Transform;
import org.sparkcurvature.job.language.LossModel.Parsed;

/**
 * Expressions of parameters alone, after parsing. Immutable.
 *
 * <p>Compiled they are the definitions of a model without input tensors, whose loss is 0 and whose
 * parameters are free elements; every parameter's value on the natural scale is a definition, too,
 * under {@link #naturalName}.
 */
public final class ParameterFunctions {
  private final Map<String, Parsed> functions;
  private final Map<String, Parsed> definitions;

  ParameterFunctions(Map<String, Parsed> functions, Map<String, Parsed> definitions) {
    this.functions = functions;
    this.definitions = definitions;
  }

  /** The definition that is a parameter's value on the natural scale. No identifier is like it. */
  public static String naturalName(String parameter) {
    return "natural " + parameter;
  }

  /**
   * The functions in core's form.
   *
   * @param parameters shapes of all parameters on the natural scale, as they are declared
   * @param transforms scales of those that are not on their natural one
   * @throws LanguageException with everything that is wrong
   */
  public Model compile(Map<String, Shape> parameters, Map<String, Transform> transforms) {
    List<Fault> faults = new ArrayList<>();
    return new ModelCompiler(Map.of(), requireNonNull(parameters), transforms, definitions, faults)
        .functions(functions)
        .orElseThrow(() -> new LanguageException(faults));
  }
}
