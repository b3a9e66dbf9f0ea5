package org.sparkcurvature.ops;

import static java.lang.Math.abs;
import static java.lang.Math.max;
import static java.lang.Math.sqrt;

import java.util.List;
import java.util.Optional;
import org.sparkcurvature.graph.Node;

/**
 * The Euclidean norm r along an axis, which goes. At 0 it is flat by convention. With u = x / r the
 * second derivative is -u_i u_j / r beside the diagonal, and on it the sum of the other u_j^2 over
 * r: 1 - u_i^2 has no digits where one element dominates.
 */
public record Norm2(int axis) implements CoupledLines {
  /** Between these the squares of numbers neither overflow nor lose digits. */
  private static final double SMALL = 1e-140;

  private static final double LARGE = 1e150;

  @Override
  public String name() {
    return "norm2";
  }

  @Override
  public List<Part> parts() {
    return List.of(Part.LINE);
  }

  @Override
  public Part result() {
    return Part.SINGLE;
  }

  @Override
  public void run(double[][] in, double[] out, double[] room, int lines, int n) {
    double[] x = in[0];
    for (int line = 0, at = 0; line < lines; line++, at += n) {
      double sum = 0;
      double most = 0;
      for (int i = at; i < at + n; i++) {
        sum += x[i] * x[i];
        most = max(most, abs(x[i]));
      }
      out[line] = sqrt(sum);
      if (most > 0 && most < Double.POSITIVE_INFINITY && !(most > SMALL && most < LARGE)) {
        sum = 0;
        for (int i = at; i < at + n; i++) {
          sum += x[i] / most * (x[i] / most);
        }
        out[line] = most * sqrt(sum);
      }
    }
  }

  @Override
  public boolean hasKink(int operand) {
    return true;
  }

  private Node direction(Algebra algebra, Node node) {
    return algebra.graph().add(new Direction(axis), node.operand(0), node);
  }

  @Override
  public Node pullback(Algebra algebra, Node node, int operand, Node s, int head) {
    return algebra.spreadAlong(s, direction(algebra, node), axis, head);
  }

  @Override
  public Optional<Node> pushforward(Algebra algebra, Node node, List<Optional<Node>> tangents) {
    return tangents.get(0).map(t -> algebra.summedAlong(t, direction(algebra, node), axis));
  }

  @Override
  public Curvature curvature(Algebra algebra, Node node, Node adjoint) {
    Node factor = algebra.graph().add(new Second(axis), direction(algebra, node), node, adjoint);
    return Curvature.along(factor, axis);
  }

  /** x / r, of x and r; 0 at 0. */
  record Direction(int axis) implements Lines.Derivative {
    @Override
    public String name() {
      return "norm2'";
    }

    @Override
    public List<Part> parts() {
      return List.of(Part.LINE, Part.SINGLE);
    }

    @Override
    public Part result() {
      return Part.LINE;
    }

    @Override
    public void run(double[][] in, double[] out, double[] room, int lines, int n) {
      for (int line = 0; line < lines; line++) {
        double r = in[1][line];
        for (int i = line * n; i < (line + 1) * n; i++) {
          out[i] = r == 0 ? 0 : in[0][i] / r;
        }
      }
    }

    @Override
    public Optional<Node> pushforward(Algebra algebra, Node node, List<Optional<Node>> tangents) {
      return tangents
          .get(0)
          .map(t -> algebra.graph().add(new Moved(axis, 1), t, node, node.operand(1)));
    }
  }

  /** How x / r moves with x: the second derivative times a direction s, of s, u and r. */
  record Moved(int axis, int heads) implements Lines.Derivative {
    @Override
    public String name() {
      return "norm2'' times a direction";
    }

    @Override
    public List<Part> parts() {
      return List.of(Part.LINE, Part.LINE, Part.SINGLE);
    }

    @Override
    public Part result() {
      return Part.LINE;
    }

    @Override
    public void run(double[][] in, double[] out, double[] room, int lines, int n) {
      double[] s = in[0];
      double[] u = in[1];
      for (int line = 0, at = 0; line < lines; line++, at += n) {
        double r = in[2][line];
        double above = 0;
        double squaresAbove = 0;
        for (int i = n - 1; i >= 0; i--) {
          room[i] = above;
          room[n + i] = squaresAbove;
          above += u[at + i] * s[at + i];
          squaresAbove += u[at + i] * u[at + i];
        }
        double below = 0;
        double squaresBelow = 0;
        for (int i = 0; i < n; i++) {
          double others = squaresBelow + room[n + i];
          double element = s[at + i] * others - u[at + i] * (below + room[i]);
          out[at + i] = r == 0 ? 0 : element / r;
          below += u[at + i] * s[at + i];
          squaresBelow += u[at + i] * u[at + i];
        }
      }
    }
  }

  /** The second derivative times a factor for each line, of u, r and the factor. */
  record Second(int axis) implements Lines.Derivative {
    @Override
    public String name() {
      return "norm2''";
    }

    @Override
    public List<Part> parts() {
      return List.of(Part.LINE, Part.SINGLE, Part.SINGLE);
    }

    @Override
    public Part result() {
      return Part.SQUARE;
    }

    @Override
    public void run(double[][] in, double[] out, double[] room, int lines, int n) {
      double[] u = in[0];
      for (int line = 0, at = 0; line < lines; line++, at += n) {
        double scale = in[1][line] == 0 ? 0 : in[2][line] / in[1][line];
        double above = 0;
        for (int i = n - 1; i >= 0; i--) {
          room[i] = above;
          above += u[at + i] * u[at + i];
        }
        double below = 0;
        for (int i = 0; i < n; i++) {
          int row = (at + i) * n;
          for (int j = 0; j < n; j++) {
            out[row + j] = -scale * (u[at + i] * u[at + j]);
          }
          out[row + i] = scale * (below + room[i]);
          below += u[at + i] * u[at + i];
        }
      }
    }
  }
}
