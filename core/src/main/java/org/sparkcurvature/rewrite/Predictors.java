package org.sparkcurvature.rewrite;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Leaf;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.ops.Algebra;
import org.sparkcurvature.ops.Apply;
import org.sparkcurvature.ops.Differentiable;
import org.sparkcurvature.ops.Elementwise;
import org.sparkcurvature.ops.Structural;

/**
 * A sample's loss as a function of predictors z, each affine in the parameters: {@code l(z_1, ...,
 * z_q)}, {@code z_k = a_k' theta + c_k}. Every loss is of this form, if need be with the parameters
 * themselves for predictors; a generalised linear model has one. What is known of the derivatives
 * by theta is then the few derivatives by z, and the numbers a and c, which do not change with
 * theta. Nor do what the loss has beside the predictors: constants of a sample such as {@code
 * lgamma(y + 1)} are input tensors of the loss, too.
 *
 * @param loss the loss, with constants and predictors for further input tensors behind those that
 *     it still has, and without the parameters that predictors are made of
 * @param affine the model with constants and predictors for definitions: the predictors' Jacobians
 *     are a, their values where theta is 0 are c
 * @param predictors in the order of {@code loss}'s further input tensors
 * @param constants the names of the constants, likewise
 */
public record Predictors(
    Model loss, Model affine, List<Predictor> predictors, List<String> constants) {
  private static final String NAME = "predictor__";
  private static final String CONSTANT = "constant__";

  /** Constants of more elements would take more memory than they save time. */
  private static final int LARGEST_CONSTANT = 4;

  /**
   * A tensor of predictors.
   *
   * @param name of the input tensor of the loss, and of the definition of the affine model
   * @param size how many predictors it is
   * @param parameters that it is made of
   * @param isParameter whether it is a parameter, the only one of them, element by element
   */
  public record Predictor(String name, int size, List<String> parameters, boolean isParameter) {}

  public Predictors {
    predictors = List.copyOf(predictors);
    constants = List.copyOf(constants);
  }

  /** How many predictors there are, q. */
  public int size() {
    return predictors.stream().mapToInt(Predictor::size).sum();
  }

  /**
   * Finds the predictors of a model.
   *
   * @param wrt the parameters theta
   * @param wanted definitions whose values are asked for: the loss's model has them, too
   */
  public static Predictors of(Model model, List<String> wrt, List<String> wanted) {
    Cut cut = new Cut(model, wrt, wanted);
    List<Node> outermost = cut.outermost();
    int length = wrt.stream().mapToInt(name -> model.named(name).shape().size()).sum();
    int size = outermost.stream().mapToInt(node -> node.shape().size()).sum();
    List<Node> ends = size > length ? cut.used() : outermost;
    return build(model, wrt, wanted, ends, cut.constants(ends));
  }

  /** As {@link #of}, with the parameters themselves for predictors. */
  public static Predictors byParameters(Model model, List<String> wrt, List<String> wanted) {
    Cut cut = new Cut(model, wrt, wanted);
    return build(model, wrt, wanted, cut.used(), cut.constants(cut.used()));
  }

  private static Predictors build(
      Model model, List<String> wrt, List<String> wanted, List<Node> cut, List<Node> constants) {
    Graph graph = new Graph();
    List<Node> copies = new ArrayList<>();
    List<Predictor> predictors = new ArrayList<>();
    Map<String, Node> inputs = new LinkedHashMap<>();
    Map<String, Node> affine = new LinkedHashMap<>();
    Map<Node, String> names = new LinkedHashMap<>();
    for (Node node : cut) {
      String name = NAME + predictors.size();
      names.put(node, name);
      affine.put(name, node);
      predictors.add(
          new Predictor(
              name,
              node.shape().size(),
              wrt.stream().filter(parameter -> uses(node, model.named(parameter))).toList(),
              node.op() instanceof Leaf.Parameter));
    }
    List<String> constantNames = new ArrayList<>();
    for (Node node : constants) {
      String name = CONSTANT + constantNames.size();
      names.put(node, name);
      affine.put(name, node);
      constantNames.add(name);
    }
    for (Node node : model.graph().nodes()) {
      copies.add(
          names.containsKey(node)
              ? graph.input(names.get(node), node.shape())
              : copy(graph, node, node.operands().stream().map(o -> copies.get(o.id())).toList()));
    }
    List<Node> ends = new ArrayList<>(List.of(copies.get(model.loss().id())));
    wanted.forEach(name -> ends.add(copies.get(model.named(name).id())));
    BitSet used = Model.reachable(ends);
    model
        .inputs()
        .forEach(
            (name, node) -> {
              if (used.get(copies.get(node.id()).id())) {
                inputs.put(name, copies.get(node.id()));
              }
            });
    constants.forEach(node -> inputs.put(names.get(node), copies.get(node.id())));
    cut.forEach(node -> inputs.put(names.get(node), copies.get(node.id())));
    Map<String, Node> parameters = new LinkedHashMap<>();
    model.parameters().forEach((name, node) -> parameters.put(name, copies.get(node.id())));
    parameters.keySet().removeAll(wrt);
    Map<String, Node> definitions = new LinkedHashMap<>();
    wanted.forEach(name -> definitions.put(name, copies.get(model.named(name).id())));
    return new Predictors(
        new Model(graph, inputs, parameters, definitions, copies.get(model.loss().id())).copy(),
        new Model(model.graph(), model.inputs(), model.parameters(), affine, model.loss()).copy(),
        predictors,
        constantNames);
  }

  /**
   * A node of the same value: log_sigmoid by softplus. In that form the loss of counts whose
   * dispersion goes to 0 ends where it can fall no further; in the other one, steps of rounding go
   * on.
   */
  private static Node copy(Graph graph, Node node, List<Node> operands) {
    if (node.op() instanceof Apply apply
        && apply.partial().isEmpty()
        && apply.function().equals("log_sigmoid")) {
      Algebra algebra = new Algebra(graph);
      Node opposite = algebra.apply("negate", operands.get(0));
      return algebra.apply("negate", algebra.apply("softplus", opposite));
    }
    return graph.add(node.op(), operands);
  }

  private static boolean uses(Node node, Node parameter) {
    return Model.reachable(List.of(node)).get(parameter.id());
  }

  /** Which nodes depend on the parameters, and which of these are affine in them. */
  private static final class Cut {
    private final Model model;
    private final List<Node> roots = new ArrayList<>();
    private final Set<Node> parameters = new LinkedHashSet<>();
    private final BitSet reached;
    private final BitSet depends = new BitSet();
    private final BitSet affine = new BitSet();

    Cut(Model model, List<String> wrt, List<String> wanted) {
      this.model = model;
      roots.add(model.loss());
      wanted.forEach(name -> roots.add(model.named(name)));
      this.reached = Model.reachable(roots);
      wrt.forEach(name -> parameters.add(model.named(name)));
      for (Node node : model.graph().nodes()) {
        boolean isOne = parameters.contains(node);
        boolean dependent = isOne || node.operands().stream().anyMatch(o -> depends.get(o.id()));
        depends.set(node.id(), dependent);
        affine.set(node.id(), isOne || dependent && isAffine(node));
      }
    }

    private boolean isAffine(Node node) {
      if (!(node.op() instanceof Differentiable op)) {
        return false;
      }
      List<Integer> dependent = new ArrayList<>();
      for (int k = 0; k < node.operands().size(); k++) {
        if (depends.get(node.operand(k).id())) {
          dependent.add(k);
          if (!affine.get(node.operand(k).id()) || !op.differentiableIn(k)) {
            return false;
          }
        }
      }
      return switch (op.kind()) {
        case LINEAR -> !(op instanceof Structural.Maximum);
        case MULTILINEAR -> dependent.size() == 1;
        case ELEMENTWISE -> op instanceof Apply apply && isStraight(apply, dependent);
        case COUPLED -> false;
      };
    }

    /** Whether an elementwise function has neither curvature nor kinks in these operands. */
    private static boolean isStraight(Apply apply, List<Integer> dependent) {
      return apply.partial().isEmpty()
          && dependent.stream()
              .allMatch(
                  k ->
                      !apply.row().hasKink(k)
                          && dependent.stream()
                              .allMatch(l -> apply.row().second(k, l) instanceof Elementwise.Zero));
    }

    /** The affine nodes that something which is not affine is made of, or that are asked for. */
    List<Node> outermost() {
      Set<Node> cut = new LinkedHashSet<>();
      for (Node node : model.graph().nodes()) {
        if (reached.get(node.id()) && !affine.get(node.id())) {
          node.operands().stream().filter(o -> affine.get(o.id())).forEach(cut::add);
        }
      }
      roots.stream().filter(root -> affine.get(root.id())).forEach(cut::add);
      // y * z beside z is no predictor of its own.
      List<Node> candidates = new ArrayList<>(cut);
      candidates.sort(Comparator.comparingInt(Node::id).reversed());
      for (Node node : candidates) {
        cut.remove(node);
        if (reachesParameter(node, cut)) {
          cut.add(node);
        }
      }
      return cut.stream().sorted(Comparator.comparingInt(Node::id)).toList();
    }

    /** Whether a node depends on a parameter in another way than through these. */
    private boolean reachesParameter(Node from, Set<Node> through) {
      List<Node> open = new ArrayList<>(List.of(from));
      BitSet seen = new BitSet();
      while (!open.isEmpty()) {
        Node node = open.remove(open.size() - 1);
        if (through.contains(node) || !depends.get(node.id()) || seen.get(node.id())) {
          continue;
        }
        if (parameters.contains(node)) {
          return true;
        }
        seen.set(node.id());
        open.addAll(node.operands());
      }
      return false;
    }

    /** What is computed of a sample alone, and used beside what depends on the parameters. */
    List<Node> constants(List<Node> cut) {
      Set<Node> constants = new LinkedHashSet<>();
      List<Node> open = new ArrayList<>(roots);
      BitSet seen = new BitSet();
      while (!open.isEmpty()) {
        Node node = open.remove(open.size() - 1);
        if (seen.get(node.id()) || cut.contains(node)) {
          continue;
        }
        seen.set(node.id());
        if (isConstant(node)) {
          constants.add(node);
        } else {
          open.addAll(node.operands());
        }
      }
      return constants.stream().sorted(Comparator.comparingInt(Node::id)).toList();
    }

    private boolean isConstant(Node node) {
      return !depends.get(node.id())
          && node.sampled()
          && !(node.op() instanceof Leaf)
          && node.shape().size() <= LARGEST_CONSTANT;
    }

    /** The parameters that the loss and the wanted definitions depend on. */
    List<Node> used() {
      return parameters.stream().filter(node -> reached.get(node.id())).toList();
    }
  }
}
