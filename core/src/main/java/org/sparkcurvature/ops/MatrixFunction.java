package org.sparkcurvature.ops;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;

/**
 * A function of whole small matrices, computed matrix after matrix. Its derivatives are written
 * with nodes that there are (contractions, inverses), so that nothing but its value needs a kernel.
 */
public interface MatrixFunction extends Coupled {

  @Override
  default Kind kind() {
    return Kind.COUPLED;
  }

  /** How many numbers {@link #run} needs to work in. */
  int room();

  /** Multiply-adds of one run, roughly. */
  double operations();

  /**
   * Computes the result of one sample. Where there is none, for the matrix is singular or not
   * positive definite, or has elements that are not finite, the result is NaN.
   *
   * @param in the operands' arrays
   * @param at where in each the sample's elements begin
   * @param out receives the result
   * @param to where in it the result begins
   * @param room to work in
   */
  void run(double[][] in, int[] at, double[] out, int to, double[] room);

  /**
   * What stands in for an operand of a branch that is not taken, so that value and derivatives are
   * finite; empty where any number will do.
   */
  default Optional<Node> harmless(Algebra algebra, Node node, int operand) {
    return Optional.empty();
  }

  /**
   * A product summed over the letters that the result does not have.
   *
   * @param formula such as {@code pi,*pq,qj->*ij}: a letter per axis, and {@code *} for leading
   *     axes, as many as there are
   */
  static Node einsum(Algebra algebra, String formula, double coefficient, Node... factors) {
    String[] sides = formula.split("->", -1);
    String[] in = sides[0].split(",", -1);
    Map<Integer, Integer> extents = new HashMap<>();
    List<List<Integer>> labels = new ArrayList<>();
    int leading = 0;
    for (int k = 0; k < factors.length; k++) {
      int rank = factors[k].shape().rank();
      leading = in[k].startsWith("*") ? rank - in[k].length() + 1 : leading;
      labels.add(labels(in[k], rank - in[k].length() + 1));
      for (int axis = 0; axis < rank; axis++) {
        extents.put(labels.get(k).get(axis), factors[k].shape().extent(axis));
      }
    }
    List<Integer> out = labels(sides[1], leading);
    Shape shape = new Shape(out.stream().map(extents::get).toList());
    return algebra.contract(List.of(factors), labels, out, shape, coefficient);
  }

  /**
   * An addend of the second derivative.
   *
   * @param formula such as {@code jp,iq->ij,pq}: the axes of the factors, of the rows and of the
   *     columns, a letter each
   */
  static Curvature curvature(String formula, double coefficient, Node... factors) {
    String[] sides = formula.split("->", -1);
    String[] in = sides[0].split(",", -1);
    String[] out = sides[1].split(",", -1);
    List<List<Integer>> labels = Arrays.stream(in).map(letters -> labels(letters, 0)).toList();
    return new Curvature(
        List.of(factors), labels, labels(out[0], 0), labels(out[1], 0), coefficient);
  }

  private static List<Integer> labels(String letters, int leading) {
    List<Integer> labels = new ArrayList<>();
    for (int k = 0; k < letters.length(); k++) {
      char letter = letters.charAt(k);
      if (letter == '*') {
        labels.addAll(Labels.range(128, leading));
      } else {
        labels.add((int) letter);
      }
    }
    return labels;
  }
}
