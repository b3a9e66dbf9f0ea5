package org.sparkcurvature.job.language;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.sparkcurvature.graph.ExpressionException;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.config.Transform;
import org.sparkcurvature.job.language.LossModel.Parsed;
import org.sparkcurvature.ops.FunctionRegistry;

/**
 * Builds one graph. Where something is wrong, what depends on it is left out and the rest is still
 * looked at.
 */
final class ModelCompiler {
  private final Graph graph = new Graph();
  private final Map<String, Node> inputs = new LinkedHashMap<>();
  private final Map<String, Node> parameters = new LinkedHashMap<>();
  private final Map<String, Node> natural = new LinkedHashMap<>();
  private final Map<String, Parsed> definitions;
  private final Map<String, Optional<Node>> compiled = new HashMap<>();
  private final Map<Term, Optional<Node>> known = new IdentityHashMap<>();
  private final List<Fault> faults;

  /**
   * @param parameters shapes on the natural scale
   * @param transforms the scale of parameters that are not on their natural one; a graph's
   *     parameters are free elements, and a parameter's name in an expression is a function of them
   * @param definitions all of them; they are compiled when asked for
   * @param faults what is wrong is added here
   */
  ModelCompiler(
      Map<String, Shape> inputs,
      Map<String, Shape> parameters,
      Map<String, Transform> transforms,
      Map<String, Parsed> definitions,
      List<Fault> faults) {
    inputs.forEach((name, shape) -> this.inputs.put(name, graph.input(name, shape)));
    parameters.forEach(
        (name, shape) -> {
          Transform transform = transforms.getOrDefault(name, Transform.NONE);
          Node free = graph.parameter(name, transform.free(shape));
          this.parameters.put(name, free);
          this.natural.put(name, NaturalScale.of(graph, free, transform));
        });
    this.definitions = definitions;
    this.faults = faults;
  }

  /** The node of a definition; empty where something is wrong with it. */
  Optional<Node> definition(String name) {
    Optional<Node> node = compiled.get(name);
    if (node == null) {
      node = node(definitions.get(name));
      compiled.put(name, node);
    }
    return node;
  }

  /**
   * The model whose loss an expression is.
   *
   * @param names the definitions that the model declares
   */
  Optional<Model> model(Parsed loss, List<String> names) {
    Optional<Node> node = node(loss);
    if (node.isPresent() && !node.get().shape().isScalar()) {
      faults.add(notScalar(loss, node.get().shape()));
      return Optional.empty();
    }
    Map<String, Node> declared = new LinkedHashMap<>();
    names.forEach(name -> definition(name).ifPresent(n -> declared.put(name, n)));
    return node.map(n -> new Model(graph, inputs, parameters, declared, n));
  }

  /**
   * A model of parameters alone: what it declares are functions of them.
   *
   * @param functions by the name under which they are declared
   */
  Optional<Model> functions(Map<String, Parsed> functions) {
    Map<String, Node> declared = new LinkedHashMap<>();
    natural.forEach((name, node) -> declared.put(ParameterFunctions.naturalName(name), node));
    functions.forEach((name, parsed) -> node(parsed).ifPresent(node -> declared.put(name, node)));
    return faults.isEmpty()
        ? Optional.of(new Model(graph, inputs, parameters, declared, graph.constant(0)))
        : Optional.empty();
  }

  private Optional<Node> node(Parsed parsed) {
    try {
      return node(parsed.formula(), parsed.term());
    } catch (StackOverflowError e) {
      faults.add(Refusals.tooDeep(parsed.formula()));
      return Optional.empty();
    }
  }

  private Optional<Node> node(Formula formula, Term term) {
    Optional<Node> node = known.get(term);
    if (node == null) {
      node = make(formula, term);
      known.put(term, node);
    }
    return node;
  }

  private Optional<Node> make(Formula formula, Term term) {
    if (term instanceof Term.Literal number) {
      return Optional.of(graph.constant(number.value()));
    }
    if (term instanceof Term.Name name) {
      return named(name.name());
    }
    Term.Call call = (Term.Call) term;
    List<Node> arguments = new ArrayList<>();
    for (Term argument : call.arguments()) {
      node(formula, argument).ifPresent(arguments::add);
    }
    if (arguments.size() < call.arguments().size()) {
      return Optional.empty();
    }
    try {
      return Optional.of(FunctionRegistry.call(graph, call.function(), arguments, call.axis()));
    } catch (ExpressionException e) {
      faults.add(new Fault(formula, call.span(), e.getMessage(), remedy(formula, call, arguments)));
      return Optional.empty();
    }
  }

  private Optional<Node> named(String name) {
    if (inputs.containsKey(name)) {
      return Optional.of(inputs.get(name));
    }
    if (natural.containsKey(name)) {
      return Optional.of(natural.get(name));
    }
    return definition(name);
  }

  /** A matrix times a vector is the product that people write with * most often. */
  private static String remedy(Formula formula, Term.Call call, List<Node> arguments) {
    if (call.function().equals("multiply")
        && arguments.stream().anyMatch(a -> a.shape().rank() == 2)
        && arguments.stream().noneMatch(a -> a.shape().isScalar())) {
      return "* multiplies element by element; a product of matrices is matmul("
          + formula.at(call.arguments().get(0).span())
          + ", "
          + formula.at(call.arguments().get(1).span())
          + ")";
    }
    return "";
  }

  /**
   * The advice is about a product of data and parameters of the loss's shape, where there is one.
   */
  private Fault notScalar(Parsed loss, Shape shape) {
    String what =
        "the "
            + loss.formula().path().replaceFirst(".*\\.", "")
            + " must be a scalar, and has the shape "
            + shape;
    return Stream.concat(Stream.of(loss), definitions.values().stream())
        .flatMap(
            parsed ->
                product(parsed.formula(), parsed.term(), shape)
                    .map(call -> advice(parsed.formula(), call, what))
                    .stream())
        .findFirst()
        .orElseGet(
            () ->
                new Fault(
                    loss.formula(),
                    loss.formula().whole(),
                    what,
                    "reduce it, as in sum(...) or mean(...)"));
  }

  private Fault advice(Formula formula, Term.Call call, String what) {
    boolean dataFirst = known.get(call.arguments().get(0)).orElseThrow().sampled();
    String data = formula.at(call.arguments().get(dataFirst ? 0 : 1).span());
    String parameter = formula.at(call.arguments().get(dataFirst ? 1 : 0).span());
    return new Fault(
        formula,
        call.span(),
        what + ": " + formula.at(call.span()) + " multiplies element by element",
        "the product that adds up is dot(" + data + ", " + parameter + ")");
  }

  /** The first elementwise product of data and parameters of this shape within a term. */
  private Optional<Term.Call> product(Formula formula, Term term, Shape shape) {
    if (!(term instanceof Term.Call call)) {
      return Optional.empty();
    }
    if (call.function().equals("multiply")) {
      List<Node> operands =
          call.arguments().stream()
              .flatMap(a -> known.getOrDefault(a, Optional.empty()).stream())
              .toList();
      if (operands.size() == 2
          && operands.stream().allMatch(o -> o.shape().equals(shape))
          && operands.get(0).sampled() != operands.get(1).sampled()) {
        return Optional.of(call);
      }
    }
    return call.arguments().stream().flatMap(a -> product(formula, a, shape).stream()).findFirst();
  }
}
