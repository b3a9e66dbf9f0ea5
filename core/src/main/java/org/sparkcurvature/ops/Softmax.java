package org.sparkcurvature.ops;

import static java.lang.Math.log1p;
import static java.lang.Math.max;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sparkcurvature.graph.Leaf;
import org.sparkcurvature.graph.Node;

/**
 * Logarithms of sums of exponentials along an axis, and what their derivatives are made of: the
 * shares p_i = exp(z_i) / sum_j exp(z_j). Every result keeps its digits where one share is all but
 * 1, since 1 - p_i is computed as the sum of the other shares.
 */
public final class Softmax {
  private Softmax() {}

  /** The shares of the exponentials of z in their sum. */
  record Shares(int axis) implements Lines {
    @Override
    public String name() {
      return "softmax";
    }

    @Override
    public List<Part> parts() {
      return List.of(Part.LINE);
    }

    @Override
    public Part result() {
      return Part.LINE;
    }

    /** Exponentials of all lines at once. */
    @Override
    public void run(double[][] in, double[] out, double[] room, int lines, int n) {
      double[] z = in[0];
      for (int line = 0, at = 0; line < lines; line++, at += n) {
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < n; i++) {
          most = max(most, z[at + i]);
        }
        for (int i = 0; i < n; i++) {
          z[at + i] -= most;
        }
      }
      Loops.exp(z, out, lines * n);
      for (int line = 0, at = 0; line < lines; line++, at += n) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
          sum += out[at + i];
        }
        double scale = 1 / sum;
        for (int i = 0; i < n; i++) {
          out[at + i] *= scale;
        }
      }
    }

    @Override
    public Node pullback(Algebra algebra, Node node, int operand, Node s, int head) {
      return algebra
          .graph()
          .add(new Jacobian(axis, head, Side.TRANSPOSED), algebra.scale(s, head, node), node);
    }

    /** p' = p (z' - sum_j p_j z'_j). */
    @Override
    public Optional<Node> pushforward(Algebra algebra, Node node, List<Optional<Node>> tangents) {
      return tangents.get(0).map(t -> algebra.scale(ofLogarithms(algebra, axis, t, node), 1, node));
    }
  }

  /** log(sum_i exp(z_i)), of z and its shares. The axis goes. */
  public record LogSumExp(int axis) implements CoupledLines {
    @Override
    public String name() {
      return "logsumexp";
    }

    @Override
    public List<Part> parts() {
      return List.of(Part.LINE, Part.LINE);
    }

    @Override
    public Part result() {
      return Part.SINGLE;
    }

    @Override
    public void run(double[][] in, double[] out, double[] room, int lines, int n) {
      for (int line = 0; line < lines; line++) {
        int at = line * n;
        int largest = largest(in[0], at, n);
        out[line] = in[0][largest] + excess(in[1], at, largest, n);
      }
    }

    @Override
    public Node pullback(Algebra algebra, Node node, int operand, Node s, int head) {
      return algebra.spreadAlong(s, node.operand(1), axis, head);
    }

    @Override
    public Optional<Node> pushforward(Algebra algebra, Node node, List<Optional<Node>> tangents) {
      return tangents.get(0).map(t -> algebra.summedAlong(t, node.operand(1), axis));
    }

    @Override
    public Curvature curvature(Algebra algebra, Node node, Node adjoint) {
      return Curvature.along(
          algebra.graph().add(new Covariance(axis), node.operand(1), adjoint), axis);
    }

    @Override
    public String describe(List<String> operands) {
      return "logsumexp(" + operands.get(0) + ")";
    }
  }

  /** z_i - log(sum_j exp(z_j)), of z and its shares. */
  public record LogSoftmax(int axis) implements CoupledLines {
    @Override
    public String name() {
      return "log_softmax";
    }

    @Override
    public List<Part> parts() {
      return List.of(Part.LINE, Part.LINE);
    }

    @Override
    public Part result() {
      return Part.LINE;
    }

    @Override
    public void run(double[][] in, double[] out, double[] room, int lines, int n) {
      double[] z = in[0];
      for (int line = 0, at = 0; line < lines; line++, at += n) {
        int largest = largest(z, at, n);
        double excess = excess(in[1], at, largest, n);
        for (int i = at; i < at + n; i++) {
          out[i] = z[i] - z[largest] - excess;
        }
      }
    }

    @Override
    public Node pullback(Algebra algebra, Node node, int operand, Node s, int head) {
      return algebra.graph().add(new Jacobian(axis, head, Side.TRANSPOSED), s, node.operand(1));
    }

    @Override
    public Optional<Node> pushforward(Algebra algebra, Node node, List<Optional<Node>> tangents) {
      return tangents.get(0).map(t -> ofLogarithms(algebra, axis, t, node.operand(1)));
    }

    @Override
    public Curvature curvature(Algebra algebra, Node node, Node adjoint) {
      // The sum of what was put at one place, or at several, is that of what was put there.
      Node put =
          adjoint.op() instanceof Structural.Scatter scatter && scatter.axis() == axis
              ? adjoint.operand(0)
              : adjoint;
      Node total = put.shape().rank() < adjoint.shape().rank() ? put : algebra.sum(put, axis);
      Node negated =
          total.op() instanceof Leaf.Fill fill
              ? algebra.graph().fill(-fill.value(), total.shape())
              : algebra.apply("negate", total);
      Node factor = algebra.graph().add(new Covariance(axis), node.operand(1), negated);
      return Curvature.along(factor, axis);
    }

    @Override
    public String describe(List<String> operands) {
      return "log_softmax(" + operands.get(0) + ")";
    }
  }

  /** Which product with the Jacobian of log_softmax. */
  enum Side {
    /** J s = (1 - p_i) s_i - sum of p_j s_j over the others. */
    PLAIN,
    /** J' s = (1 - p_i) s_i - p_i times the sum of s_j over the others. */
    TRANSPOSED
  }

  private static Node ofLogarithms(Algebra algebra, int axis, Node tangent, Node shares) {
    return algebra.graph().add(new Jacobian(axis, 1, Side.PLAIN), tangent, shares);
  }

  /** The Jacobian of log_softmax, or its transpose, times s, of s and the shares p. */
  record Jacobian(int axis, int heads, Side side) implements Lines.Derivative {
    @Override
    public String name() {
      return side == Side.PLAIN ? "log_softmax'" : "log_softmax' transposed";
    }

    @Override
    public List<Part> parts() {
      return List.of(Part.LINE, Part.LINE);
    }

    @Override
    public Part result() {
      return Part.LINE;
    }

    @Override
    public void run(double[][] in, double[] out, double[] room, int lines, int n) {
      double[] s = in[0];
      double[] p = in[1];
      for (int line = 0, at = 0; line < lines; line++, at += n) {
        double above = 0;
        double sharesAbove = 0;
        for (int i = n - 1; i >= 0; i--) {
          room[i] = above;
          room[n + i] = sharesAbove;
          above += side == Side.PLAIN ? p[at + i] * s[at + i] : s[at + i];
          sharesAbove += p[at + i];
        }
        double below = 0;
        double sharesBelow = 0;
        for (int i = 0; i < n; i++) {
          double others = below + room[i];
          double complement = sharesBelow + room[n + i];
          double weight = side == Side.PLAIN ? 1 : p[at + i];
          out[at + i] = s[at + i] * complement - weight * others;
          below += side == Side.PLAIN ? p[at + i] * s[at + i] : s[at + i];
          sharesBelow += p[at + i];
        }
      }
    }

    @Override
    public boolean differentiableIn(int operand) {
      return operand == 0;
    }

    /** J' s moves with s and, by -p'_i sum_j s_j, with p. */
    @Override
    public Optional<Node> pushforward(Algebra algebra, Node node, List<Optional<Node>> tangents) {
      if (side == Side.PLAIN) {
        return Lines.Derivative.super.pushforward(algebra, node, tangents);
      }
      Node s = node.operand(0);
      Node shares = node.operand(1);
      Optional<Node> ofS =
          tangents
              .get(0)
              .map(t -> algebra.graph().add(new Jacobian(axis, heads + 1, side), t, shares));
      Optional<Node> ofShares =
          tangents
              .get(1)
              .map(
                  t -> {
                    List<Integer> out = Labels.range(0, s.shape().rank() + 1);
                    List<Integer> direction =
                        Labels.concat(List.of(0), out.subList(heads + 1, out.size()));
                    List<Integer> summed = new ArrayList<>(out.subList(1, out.size()));
                    summed.set(heads + axis, out.size());
                    return algebra.contract(
                        List.of(t, s),
                        List.of(direction, summed),
                        out,
                        s.shape().behind(t.shape().extent(0)),
                        -1);
                  });
      return ofS.isPresent() && ofShares.isPresent()
          ? Optional.of(algebra.add(ofS.get(), ofShares.get()))
          : ofS.or(() -> ofShares);
    }
  }

  /**
   * The covariance of an indicator of shares p, times a factor for each line: a p_i (1 - p_i) on
   * the diagonal, -a p_i p_j beside it.
   */
  record Covariance(int axis) implements Lines.Derivative {
    @Override
    public String name() {
      return "softmax covariance";
    }

    @Override
    public List<Part> parts() {
      return List.of(Part.LINE, Part.SINGLE);
    }

    @Override
    public Part result() {
      return Part.SQUARE;
    }

    @Override
    public void run(double[][] in, double[] out, double[] room, int lines, int n) {
      double[] p = in[0];
      for (int line = 0, at = 0; line < lines; line++, at += n) {
        double a = in[1][line];
        double above = 0;
        for (int i = n - 1; i >= 0; i--) {
          room[i] = above;
          above += p[at + i];
        }
        double below = 0;
        for (int i = 0; i < n; i++) {
          int row = (at + i) * n;
          double scale = a * p[at + i];
          for (int j = 0; j < n; j++) {
            out[row + j] = -scale * p[at + j];
          }
          out[row + i] = scale * (below + room[i]);
          below += p[at + i];
        }
      }
    }
  }

  private static int largest(double[] z, int from, int n) {
    int largest = from;
    for (int i = from + 1; i < from + n; i++) {
      largest = z[i] > z[largest] ? i : largest;
    }
    return largest;
  }

  /** -log of the largest share: log(1 + o / p) with the sum o of the others. */
  private static double excess(double[] p, int from, int largest, int n) {
    double others = 0;
    for (int i = from; i < from + n; i++) {
      others += i == largest ? 0 : p[i];
    }
    return log1p(others / p[largest]);
  }
}
