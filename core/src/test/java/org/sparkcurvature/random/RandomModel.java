package org.sparkcurvature.random;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.hipparchus.analysis.differentiation.DSFactory;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.ops.FunctionRegistry;

/**
 * A model made at random, with data.
 *
 * @param inputs input tensors by which derivatives can be taken
 * @param indices input tensors of integers
 * @param parameters parameters
 * @param definitions named intermediates
 * @param rows number of samples
 * @param values every input, sample after sample, and every parameter
 * @param weights a weight for each sample, some of them 0
 */
record RandomModel(
    List<Term> inputs,
    List<Term> indices,
    List<Term> parameters,
    Map<String, Term> definitions,
    Term loss,
    int rows,
    Map<String, double[]> values,
    double[] weights) {

  /** The tensors by which derivatives can be taken, with the first variable of each. */
  Map<Term, Integer> seeds() {
    Map<Term, Integer> seeds = new IdentityHashMap<>();
    int next = 0;
    for (Term leaf : differentiable()) {
      seeds.put(leaf, next);
      next += leaf.shape().size();
    }
    return seeds;
  }

  List<Term> differentiable() {
    List<Term> leaves = new ArrayList<>(parameters);
    leaves.addAll(inputs);
    return leaves;
  }

  int variables() {
    return differentiable().stream().mapToInt(leaf -> leaf.shape().size()).sum();
  }

  /** Evaluates terms for one sample. */
  Interpreter interpreter(DSFactory factory, int row, Map<Term, Integer> seeds, Random random) {
    Map<String, double[]> leaves = new LinkedHashMap<>();
    parameters.forEach(leaf -> leaves.put(leaf.name(), values.get(leaf.name())));
    for (List<Term> sampled : List.of(inputs, indices)) {
      for (Term leaf : sampled) {
        int size = leaf.shape().size();
        leaves.put(
            leaf.name(), Arrays.copyOfRange(values.get(leaf.name()), row * size, (row + 1) * size));
      }
    }
    return new Interpreter(factory, leaves, seeds, random);
  }

  /** The same in the engine's graph. */
  Model model() {
    Graph graph = new Graph();
    Map<Term, Node> built = new IdentityHashMap<>();
    Map<String, Node> inputNodes = new LinkedHashMap<>();
    Map<String, Node> parameterNodes = new LinkedHashMap<>();
    Map<String, Node> definitionNodes = new LinkedHashMap<>();
    for (List<Term> sampled : List.of(inputs, indices)) {
      sampled.forEach(leaf -> inputNodes.put(leaf.name(), build(leaf, graph, built)));
    }
    parameters.forEach(leaf -> parameterNodes.put(leaf.name(), build(leaf, graph, built)));
    definitions.forEach((name, term) -> definitionNodes.put(name, build(term, graph, built)));
    return new Model(graph, inputNodes, parameterNodes, definitionNodes, build(loss, graph, built));
  }

  private static Node build(Term term, Graph graph, Map<Term, Node> built) {
    Node known = built.get(term);
    if (known != null) {
      return known;
    }
    Node node =
        switch (term.function()) {
          case Term.CONSTANT -> graph.constant(term.value());
          case Term.INPUT -> graph.input(term.name(), term.shape());
          case Term.PARAMETER -> graph.parameter(term.name(), term.shape());
          default -> {
            List<Node> arguments = new ArrayList<>();
            term.arguments().forEach(argument -> arguments.add(build(argument, graph, built)));
            yield FunctionRegistry.call(graph, term.function(), arguments, term.axis());
          }
        };
    built.put(term, node);
    return node;
  }

  /** The model as a person would write it: a line for each expression that is used twice. */
  @Override
  public String toString() {
    Map<Term, Integer> uses = new IdentityHashMap<>();
    List<Term> order = new ArrayList<>();
    definitions.values().forEach(term -> count(term, uses, order));
    count(loss, uses, order);
    Map<Term, String> names = new IdentityHashMap<>();
    definitions.forEach((name, term) -> names.put(term, name));
    StringBuilder text = new StringBuilder();
    for (List<Term> leaves : List.of(parameters, inputs, indices)) {
      for (Term leaf : leaves) {
        text.append(leaf.function() + " " + leaf.name() + leaf.shape() + " = ")
            .append(Arrays.toString(values.get(leaf.name())) + "\n");
      }
    }
    text.append("weights = ").append(Arrays.toString(weights)).append('\n');
    int next = 0;
    for (Term term : order) {
      if (!term.isLeaf() && uses.get(term) > 1 && !names.containsKey(term)) {
        names.put(term, "t" + next++);
      }
    }
    for (Term term : order) {
      if (names.containsKey(term)) {
        text.append(names.get(term)).append(" = ").append(Term.print(term, names)).append('\n');
      }
    }
    return text + "loss = " + Term.print(loss, names);
  }

  private static void count(Term term, Map<Term, Integer> uses, List<Term> order) {
    if (uses.merge(term, 1, Integer::sum) == 1) {
      term.arguments().forEach(argument -> count(argument, uses, order));
      order.add(term);
    }
  }
}
