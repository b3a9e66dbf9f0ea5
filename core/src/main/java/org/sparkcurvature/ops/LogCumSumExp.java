package org.sparkcurvature.ops;

import static java.lang.Math.exp;
import static java.lang.Math.log1p;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sparkcurvature.graph.Node;

/**
 * Logarithms y_k = log(sum of exp(z_j) for j up to k) of the running sums of exponentials along an
 * axis. Their Jacobian is J_kj = exp(z_j - y_k), j up to k. Derivatives are computed by recurrences
 * over k in which every exponential is at most 1.
 */
public record LogCumSumExp(int axis) implements CoupledLines {
  @Override
  public String name() {
    return "logcumsumexp";
  }

  @Override
  public List<Part> parts() {
    return List.of(Part.LINE);
  }

  @Override
  public Part result() {
    return Part.LINE;
  }

  @Override
  public void run(double[][] in, double[] out, double[] room, int lines, int n) {
    double[] z = in[0];
    for (int at = 0; at < lines * n; at += n) {
      // exp(most) times sum is the running sum; the sum without its largest term keeps its digits.
      double most = z[at];
      double others = 0;
      out[at] = most;
      for (int i = at + 1; i < at + n; i++) {
        if (z[i] > most) {
          others = (1 + others) * exp(most - z[i]);
          most = z[i];
        } else {
          others += exp(z[i] - most);
        }
        out[i] = most + log1p(others);
      }
    }
  }

  @Override
  public Node pullback(Algebra algebra, Node node, int operand, Node s, int head) {
    return algebra.graph().add(new Transposed(axis, head), s, node.operand(0), node);
  }

  @Override
  public Optional<Node> pushforward(Algebra algebra, Node node, List<Optional<Node>> tangents) {
    return tangents
        .get(0)
        .map(t -> algebra.graph().add(new Jacobian(axis, 1), t, node.operand(0), node));
  }

  @Override
  public Curvature curvature(Algebra algebra, Node node, Node adjoint) {
    return Curvature.along(
        algebra.graph().add(new Second(axis), adjoint, node.operand(0), node), axis);
  }

  @Override
  public Node reached(Algebra algebra, Node node, Node mask) {
    return algebra.graph().add(new Structural.CumulativeSum(axis, true), mask);
  }

  /** J s, of s, z and y. */
  record Jacobian(int axis, int heads) implements Lines.Derivative {
    @Override
    public String name() {
      return "logcumsumexp'";
    }

    @Override
    public List<Part> parts() {
      return List.of(Part.LINE, Part.LINE, Part.LINE);
    }

    @Override
    public Part result() {
      return Part.LINE;
    }

    @Override
    public void run(double[][] in, double[] out, double[] room, int lines, int n) {
      double[] z = in[1];
      double[] y = in[2];
      for (int at = 0; at < lines * n; at += n) {
        double sum = 0;
        for (int k = at; k < at + n; k++) {
          double kept = k == at ? 0 : sum * exp(y[k - 1] - y[k]);
          sum = kept + in[0][k] * exp(z[k] - y[k]);
          out[k] = sum;
        }
      }
    }
  }

  /** J' s, of s, z and y: exp(z_j - y_j) times the sum of s_k exp(y_j - y_k) for k from j on. */
  record Transposed(int axis, int heads) implements Lines.Derivative {
    @Override
    public String name() {
      return "logcumsumexp' transposed";
    }

    @Override
    public List<Part> parts() {
      return List.of(Part.LINE, Part.LINE, Part.LINE);
    }

    @Override
    public Part result() {
      return Part.LINE;
    }

    @Override
    public void run(double[][] in, double[] out, double[] room, int lines, int n) {
      double[] z = in[1];
      double[] y = in[2];
      for (int at = 0; at < lines * n; at += n) {
        double sum = 0;
        for (int k = at + n - 1; k >= at; k--) {
          double kept = k == at + n - 1 ? 0 : sum * exp(y[k] - y[k + 1]);
          sum = kept + in[0][k];
          out[k] = sum * exp(z[k] - y[k]);
        }
      }
    }

    /** J' s' + z' J' s - J' (y' s). */
    @Override
    public Optional<Node> pushforward(Algebra algebra, Node node, List<Optional<Node>> tangents) {
      Node s = node.operand(0);
      List<Node> parts = new ArrayList<>();
      tangents.get(0).ifPresent(t -> parts.add(times(algebra, node, t)));
      tangents.get(1).ifPresent(t -> parts.add(scaled(algebra, t, node, 1)));
      tangents.get(2).ifPresent(t -> parts.add(times(algebra, node, scaled(algebra, t, s, -1))));
      return parts.stream().reduce(algebra::add);
    }

    private Node times(Algebra algebra, Node node, Node s) {
      return algebra
          .graph()
          .add(new Transposed(axis, heads + 1), s, node.operand(1), node.operand(2));
    }

    /** Directions without this node's leading axes times a tensor that has them. */
    private Node scaled(Algebra algebra, Node directions, Node tensor, double coefficient) {
      List<Integer> out = Labels.range(0, tensor.shape().rank() + 1);
      return algebra.contract(
          List.of(directions, tensor),
          List.of(
              Labels.concat(List.of(0), out.subList(heads + 1, out.size())),
              out.subList(1, out.size())),
          out,
          tensor.shape().behind(directions.shape().extent(0)),
          coefficient);
    }
  }

  /**
   * The sum over k of a_k times the second derivatives of y_k, of a, z and y. Beside the diagonal,
   * for i before j: -J_ji J_jj q_j with q_j the sum of a_k exp(2 (y_j - y_k)) for k from j on. Its
   * rows add up to 0, as adding a constant to z adds it to y, which gives the diagonal.
   */
  record Second(int axis) implements Lines.Derivative {
    @Override
    public String name() {
      return "logcumsumexp''";
    }

    @Override
    public List<Part> parts() {
      return List.of(Part.LINE, Part.LINE, Part.LINE);
    }

    @Override
    public Part result() {
      return Part.SQUARE;
    }

    @Override
    public void run(double[][] in, double[] out, double[] room, int lines, int n) {
      double[] z = in[1];
      double[] y = in[2];
      for (int at = 0; at < lines * n; at += n) {
        for (int i = 0; i < n; i++) {
          out[(at + i) * n + i] = 0;
        }
        double q = 0;
        for (int j = n - 1; j >= 0; j--) {
          q = (j == n - 1 ? 0 : q * exp(2 * (y[at + j] - y[at + j + 1]))) + in[0][at + j];
          double scale = q * exp(z[at + j] - y[at + j]);
          for (int i = 0; i < j; i++) {
            double element = scale * exp(z[at + i] - y[at + j]);
            out[(at + i) * n + j] = -element;
            out[(at + j) * n + i] = -element;
            out[(at + i) * n + i] += element;
            out[(at + j) * n + j] += element;
          }
        }
      }
    }
  }
}
