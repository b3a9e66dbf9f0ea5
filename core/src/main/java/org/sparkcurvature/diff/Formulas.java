package org.sparkcurvature.diff;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.sparkcurvature.graph.Leaf;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.ops.Labels;
import org.sparkcurvature.ops.Structural;

/**
 * Derivatives in index notation, as {@code H[beta, beta]_ij = sum_m w_m H[eta, eta]_m x_mi x_mj}.
 */
final class Formulas {
  private static final String LETTERS = "ijklopqrsuvabcdefgh";

  private final Function<Node, String> symbols;

  /** Each once, though a matrix may be made in parts. */
  private final Set<String> lines = new LinkedHashSet<>();

  /**
   * @param symbols a short name of a node
   */
  Formulas(Function<Node, String> symbols) {
    this.symbols = symbols;
  }

  List<String> lines() {
    return List.copyOf(lines);
  }

  /** Writes down that {@code result} is the sum of these terms. */
  void add(String result, List<Terms.Term> terms, Differentiator.Reduction reduction) {
    if (terms.isEmpty()) {
      lines.add(result + " = 0");
      return;
    }
    boolean summed = reduction == Differentiator.Reduction.SUM;
    Terms.Term first = terms.get(0);
    String left =
        result
            + "_"
            + (summed ? "" : "m")
            + subscript(positions(first.rows().size() + first.columns().size()));
    String right =
        terms.stream().map(term -> text(term, summed)).collect(Collectors.joining(" + "));
    lines.add(
        (left.endsWith("_") ? result : left)
            + " = "
            + (summed ? "sum_m " : "")
            + (summed && terms.size() > 1 ? "(" + right + ")" : right));
  }

  private static List<String> positions(int count) {
    return Labels.range(0, count).stream().map(Formulas::letter).toList();
  }

  private static String letter(int index) {
    return index < LETTERS.length() ? LETTERS.substring(index, index + 1) : "i" + index;
  }

  private static String subscript(List<String> letters) {
    return String.join("", letters);
  }

  private String text(Terms.Term term, boolean summed) {
    Map<Integer, String> names = new HashMap<>();
    List<Integer> wanted = Labels.concat(term.rows(), term.columns());
    List<String> deltas = new ArrayList<>();
    for (int k = 0; k < wanted.size(); k++) {
      String before = names.putIfAbsent(wanted.get(k), letter(k));
      if (before != null) {
        deltas.add("1[" + before + "=" + letter(k) + "]");
      }
    }
    Set<Integer> rest = new LinkedHashSet<>();
    term.labels().forEach(rest::addAll);
    rest.removeAll(names.keySet());
    List<String> inner = new ArrayList<>();
    for (int label : rest) {
      names.put(label, letter(wanted.size() + inner.size()));
      inner.add(names.get(label));
    }
    List<String> factors = new ArrayList<>();
    if (term.coefficient() != 1) {
      factors.add(Double.toString(term.coefficient()));
    }
    if (!inner.isEmpty()) {
      factors.add("sum_" + subscript(inner));
    }
    if (summed) {
      factors.add("w_m");
    }
    for (int k = 0; k < term.factors().size(); k++) {
      Node factor = term.factors().get(k);
      if (factor.op() instanceof Leaf.Fill fill && fill.value() == 1) {
        continue;
      }
      if (Structural.isOneHot(factor)) {
        Node index = factor.operand(1);
        List<String> at = term.labels().get(k).stream().map(names::get).toList();
        String element = (index.sampled() ? "m" : "") + subscript(at.subList(0, at.size() - 1));
        deltas.add(
            "1["
                + symbols.apply(index)
                + (element.isEmpty() ? "" : "_" + element)
                + "="
                + at.get(at.size() - 1)
                + "]");
        continue;
      }
      String index =
          (factor.sampled() ? "m" : "")
              + subscript(term.labels().get(k).stream().map(names::get).toList());
      factors.add(symbols.apply(factor) + (index.isEmpty() ? "" : "_" + index));
    }
    factors.addAll(deltas);
    return factors.isEmpty() ? "1" : String.join(" ", factors);
  }
}
