package org.sparkcurvature.rewrite;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Leaf;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.ops.Apply;

/**
 * Rewrites a model bottom up: every node is built of rewritten operands, and patterns are tried on
 * it until none fits. Each node is looked at once and each pattern looks at a bounded number of
 * nodes, so that the pass is linear in the graph.
 */
public final class Rewriter {

  /** More replacements than this at one node would be patterns that undo one another. */
  private static final int MOST = 64;

  private static final Set<String> SUMS = Set.of("add", "subtract", "negate");

  /**
   * A replacement that was made.
   *
   * @param patterns the rows of the table, one after the other
   * @param before the expression as written
   * @param after the expression that is computed
   */
  public record Applied(List<String> patterns, String before, String after)
      implements Serializable {
    @Override
    public String toString() {
      return before + " -> " + after;
    }
  }

  /**
   * A model whose expressions keep their digits.
   *
   * @param model equal to the one that was given; the same object where nothing was replaced
   * @param applied what was replaced, in the order of the graph
   */
  public record Result(Model model, List<Applied> applied) {}

  private record Replacement(List<String> patterns, Node before, Node after) {}

  private final Graph graph = new Graph();
  private final Set<Node> opaque = new HashSet<>();
  private final Map<Patterns, Map<Node, Node>> normal = new HashMap<>();
  private final List<Replacement> replacements = new ArrayList<>();
  private final Expressions expressions = new Expressions(graph, this, opaque);

  private Rewriter() {}

  /**
   * Rewrites a model.
   *
   * @param model the loss and its definitions
   * @param kept names of nodes with respect to which the loss is differentiated: what uses them
   *     goes on using them
   */
  public static Result rewrite(Model model, Set<String> kept) {
    return new Rewriter().run(model, kept);
  }

  /** The names of all patterns. */
  public static Set<String> patterns() {
    return Patterns.names();
  }

  private Result run(Model model, Set<String> kept) {
    Set<Node> pinned = new HashSet<>();
    kept.forEach(name -> pinned.add(model.named(name)));
    List<Node> roots = new ArrayList<>(model.definitions().values());
    roots.add(model.loss());
    BitSet reachable = Model.reachable(roots);
    Map<Node, Node> rebuilt = new HashMap<>();
    // Sums as sums use them: those are rewritten as a whole, by their last addition.
    Map<Node, Node> within = new HashMap<>();
    Set<Node> whole = whole(model, reachable, roots);
    for (Node node : model.graph().nodes()) {
      if (!reachable.get(node.id()) && !(node.op() instanceof Leaf)) {
        continue;
      }
      boolean sum = isSum(node);
      List<Node> operands = new ArrayList<>();
      for (Node operand : node.operands()) {
        operands.add(
            sum && within.containsKey(operand) ? within.get(operand) : rebuilt.get(operand));
      }
      Node plain = graph.add(node.op(), operands);
      boolean pin = pinned.contains(node) && !(node.op() instanceof Leaf);
      if (sum && !pin) {
        within.put(node, normal(plain, Patterns.PARTS));
      }
      if (!sum || pin || whole.contains(node)) {
        rebuilt.put(node, normal(plain));
      }
      if (pin) {
        opaque.add(rebuilt.get(node));
      }
    }
    if (replacements.isEmpty()) {
      return new Result(model, List.of());
    }
    Map<String, Node> definitions = new LinkedHashMap<>();
    model.definitions().forEach((name, node) -> definitions.put(name, rebuilt.get(node)));
    Map<Node, String> names = new HashMap<>();
    definitions.forEach((name, node) -> names.putIfAbsent(node, name));
    Node loss = rebuilt.get(model.loss());
    List<Node> ends = new ArrayList<>(definitions.values());
    ends.add(loss);
    BitSet used = Model.reachable(ends);
    BitSet ofLoss = Model.reachable(List.of(loss));
    Model result = compact(model, definitions, loss, used);
    Set<String> told = new HashSet<>();
    List<Applied> applied = new ArrayList<>();
    for (Replacement r : replacements) {
      if (!ofLoss.get(r.after().id())) {
        continue; // a part of what was replaced in turn
      }
      Applied a =
          new Applied(r.patterns(), describe(r.before(), names), describe(r.after(), names));
      if (told.add(a.toString())) {
        applied.add(a);
      }
    }
    return new Result(result, applied);
  }

  /** A replaced node is written out even where it has a name. */
  private static String describe(Node node, Map<Node, String> names) {
    Map<Node, String> others = new HashMap<>(names);
    others.remove(node);
    return node.describe(others);
  }

  /** Sums that something other than a sum uses, or that are wanted for their own sake. */
  private static Set<Node> whole(Model model, BitSet reachable, List<Node> roots) {
    Set<Node> whole = new HashSet<>(roots);
    for (Node node : model.graph().nodes()) {
      if (reachable.get(node.id()) && !isSum(node)) {
        whole.addAll(node.operands());
      }
    }
    return whole;
  }

  private static boolean isSum(Node node) {
    return node.op() instanceof Apply apply
        && apply.partial().isEmpty()
        && SUMS.contains(apply.function());
  }

  /** What a node of this graph is rewritten to. */
  Node normal(Node node) {
    return normal(node, Patterns.ALL);
  }

  private Node normal(Node node, Patterns patterns) {
    Map<Node, Node> known = normal.computeIfAbsent(patterns, p -> new HashMap<>());
    if (known.containsKey(node)) {
      return known.get(node);
    }
    Node current = node;
    for (int k = 0; k < MOST; k++) {
      Optional<Node> next = step(current, patterns);
      if (next.isEmpty()) {
        break;
      }
      current = next.get();
      if (known.containsKey(current)) {
        current = known.get(current);
        break;
      }
    }
    known.put(node, current);
    known.put(current, current);
    return current;
  }

  private Optional<Node> step(Node node, Patterns patterns) {
    for (Pattern pattern : patterns.of(node)) {
      Optional<Node> after = pattern.rule().apply(expressions, node);
      if (after.isPresent() && after.get() != node) {
        note(pattern.name(), node, after.get());
        return after;
      }
    }
    return Optional.empty();
  }

  /** A replacement of what a pattern has just made is told as one with that. */
  private void note(String pattern, Node before, Node after) {
    for (int k = replacements.size() - 1; k >= 0; k--) {
      Replacement last = replacements.get(k);
      if (last.after() == before) {
        replacements.remove(k);
        List<String> both = new ArrayList<>(last.patterns());
        both.add(pattern);
        replacements.add(new Replacement(List.copyOf(both), last.before(), after));
        return;
      }
    }
    replacements.add(new Replacement(List.of(pattern), before, after));
  }

  /** The nodes that are used, in a graph of their own; leaves stay where they were declared. */
  private Model compact(Model model, Map<String, Node> definitions, Node loss, BitSet used) {
    Graph compact = new Graph();
    Map<Node, Node> copies = new HashMap<>();
    for (Node node : graph.nodes()) {
      if (used.get(node.id())
          || node.op() instanceof Leaf.Input
          || node.op() instanceof Leaf.Parameter) {
        copies.put(
            node, compact.add(node.op(), node.operands().stream().map(copies::get).toList()));
      }
    }
    return new Model(
        compact,
        copied(model.inputs(), compact),
        copied(model.parameters(), compact),
        copiedDefinitions(definitions, copies),
        copies.get(loss));
  }

  private static Map<String, Node> copied(Map<String, Node> leaves, Graph compact) {
    Map<String, Node> result = new LinkedHashMap<>();
    leaves.forEach((name, node) -> result.put(name, compact.add(node.op())));
    return result;
  }

  private static Map<String, Node> copiedDefinitions(
      Map<String, Node> definitions, Map<Node, Node> copies) {
    Map<String, Node> result = new LinkedHashMap<>();
    definitions.forEach((name, node) -> result.put(name, copies.get(node)));
    return result;
  }
}
