package org.sparkcurvature.ops;

import static java.lang.Math.abs;
import static java.lang.Math.sqrt;

import java.util.List;
import java.util.Optional;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;

/**
 * The lower triangular L with L L' = S, of S = (A + A') / 2 and A, which is looked at only to see
 * that it is symmetric. With K = L^-1 and the lower triangle F(X) with half its diagonal, L' = L
 * F(K S' K'), and the adjoint of S is K' F(L' adj) K (Murray 2016, "Differentiation of the Cholesky
 * decomposition", arXiv:1602.07527).
 *
 * @param n the order of A
 */
record Cholesky(int n) implements MatrixFunction {
  /** Of a sum, relative to the sum of its terms' sizes, for each term. */
  static final double ROUNDING = 0x1p-53;

  /** How far mirrored elements may differ, relative to the diagonal: rounding, and differences. */
  private static final double ASYMMETRY = 1e-3;

  /** The node of a function of the symmetric part of A. */
  static Node of(Algebra algebra, MatrixFunction function, Node a) {
    Node sum = algebra.add(a, algebra.spread(a, List.of(1, 0)));
    Node symmetric = MatrixFunction.einsum(algebra, "ij->ij", 0.5, sum);
    return algebra.graph().add(function, symmetric, a);
  }

  @Override
  public String name() {
    return "cholesky";
  }

  @Override
  public String describe(List<String> operands) {
    return name() + "(" + operands.get(1) + ")";
  }

  @Override
  public Shape shape(List<Node> operands) {
    return Shape.of(n, n);
  }

  @Override
  public boolean differentiableIn(int operand) {
    return operand == 0;
  }

  @Override
  public int room() {
    return 0;
  }

  @Override
  public double operations() {
    return (double) n * n * n / 6;
  }

  @Override
  public void run(double[][] in, int[] at, double[] out, int to, double[] room) {
    if (!isSymmetric(in[1], at[1], n) || !factor(in[0], at[0], out, to, n)) {
      java.util.Arrays.fill(out, to, to + n * n, Double.NaN);
    }
  }

  static boolean isSymmetric(double[] a, int at, int n) {
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < i; j++) {
        double difference = abs(a[at + i * n + j] - a[at + j * n + i]);
        double size = sqrt(abs(a[at + i * n + i])) * sqrt(abs(a[at + j * n + j]));
        if (!(difference <= ASYMMETRY * size)) {
          return false;
        }
      }
    }
    return true;
  }

  /**
   * Writes L, zeros above it, from the lower triangle of S; false if S is not positive definite: a
   * pivot is not above the rounding error of the sum that it comes of.
   */
  static boolean factor(double[] s, int at, double[] l, int to, int n) {
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        double sum = s[at + i * n + j];
        for (int k = 0; k < j; k++) {
          sum -= l[to + i * n + k] * l[to + j * n + k];
        }
        if (j < i) {
          l[to + i * n + j] = sum / l[to + j * n + j];
          l[to + j * n + i] = 0;
        } else if (sum > 2 * n * ROUNDING * s[at + i * n + i] && Double.isFinite(sum)) {
          l[to + i * n + i] = sqrt(sum);
        } else {
          return false;
        }
      }
    }
    return true;
  }

  /** 1 below the diagonal, 1/2 on it, 0 above. */
  private Node half(Algebra algebra) {
    Node identity = algebra.identity(n);
    return algebra.add(
        algebra.graph().add(new Structural.CumulativeSum(0, false), identity),
        MatrixFunction.einsum(algebra, "ij->ij", -0.5, identity));
  }

  @Override
  public Node pullback(Algebra algebra, Node node, int operand, Node s, int head) {
    Node inverse = LinearSolve.inverse(algebra, node);
    Node product = MatrixFunction.einsum(algebra, "ap,*aq->*pq", 1, node, s);
    Node lower = MatrixFunction.einsum(algebra, "*pq,pq->*pq", 1, product, half(algebra));
    return MatrixFunction.einsum(algebra, "pi,*pq,qj->*ij", 1, inverse, lower, inverse);
  }

  @Override
  public Optional<Node> pushforward(Algebra algebra, Node node, List<Optional<Node>> tangents) {
    Node inverse = LinearSolve.inverse(algebra, node);
    return tangents
        .get(0)
        .map(t -> MatrixFunction.einsum(algebra, "ai,*ij,bj->*ab", 1, inverse, t, inverse))
        .map(x -> MatrixFunction.einsum(algebra, "*ab,ab->*ab", 1, x, half(algebra)))
        .map(y -> MatrixFunction.einsum(algebra, "ac,*cb->*ab", 1, node, y));
  }

  /**
   * The derivative of the pullback K' N K, N = F(G), G = L' adj, along S_ij, in which K moves by -Y
   * K and L by L Y, Y = F(K e_i e_j' K'): K' (-Y' N + F(Y' G) - N Y) K. It is right for symmetric
   * directions; half the sum with its transpose is symmetric besides.
   */
  @Override
  public List<Curvature> curvature(Algebra algebra, Node node, int k, int l, Node adjoint) {
    Node inverse = LinearSolve.inverse(algebra, node);
    Node half = half(algebra);
    Node g = MatrixFunction.einsum(algebra, "ap,aq->pq", 1, node, adjoint);
    Node lower = MatrixFunction.einsum(algebra, "pq,pq->pq", 1, g, half);
    Node y = MatrixFunction.einsum(algebra, "ab,ai,bj->ijab", 1, half, inverse, inverse);
    Node inner =
        algebra.add(
            MatrixFunction.einsum(algebra, "ijcu,uv,cv->ijuv", 1, y, half, g),
            algebra.add(
                MatrixFunction.einsum(algebra, "ijcu,cv->ijuv", -1, y, lower),
                MatrixFunction.einsum(algebra, "ub,ijbv->ijuv", -1, lower, y)));
    return List.of(
        MatrixFunction.curvature("up,ijuv,vq->ij,pq", 0.5, inverse, inner, inverse),
        MatrixFunction.curvature("up,ijuv,vq->pq,ij", 0.5, inverse, inner, inverse));
  }

  @Override
  public Optional<Node> harmless(Algebra algebra, Node node, int operand) {
    return Optional.of(algebra.identity(n));
  }

  /**
   * The logarithm of the determinant of S, of the same operands: 2 sum_i log L_ii. Its derivative
   * is the inverse B, its second derivative -B_qi B_jp.
   *
   * @param n the order of A
   */
  record LogDeterminant(int n) implements MatrixFunction {
    @Override
    public String name() {
      return "logdet";
    }

    @Override
    public String describe(List<String> operands) {
      return name() + "(" + operands.get(1) + ")";
    }

    @Override
    public Shape shape(List<Node> operands) {
      return Shape.SCALAR;
    }

    @Override
    public boolean differentiableIn(int operand) {
      return operand == 0;
    }

    @Override
    public int room() {
      return n * n;
    }

    @Override
    public double operations() {
      return (double) n * n * n / 6;
    }

    @Override
    public void run(double[][] in, int[] at, double[] out, int to, double[] room) {
      out[to] = Double.NaN;
      if (isSymmetric(in[1], at[1], n) && factor(in[0], at[0], room, 0, n)) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
          sum += Math.log(room[i * n + i]);
        }
        out[to] = 2 * sum;
      }
    }

    @Override
    public Node pullback(Algebra algebra, Node node, int operand, Node s, int head) {
      Node inverse = LinearSolve.inverse(algebra, node.operand(0));
      return MatrixFunction.einsum(algebra, "*,qp->*pq", 1, s, inverse);
    }

    @Override
    public Optional<Node> pushforward(Algebra algebra, Node node, List<Optional<Node>> tangents) {
      Node inverse = LinearSolve.inverse(algebra, node.operand(0));
      return tangents.get(0).map(t -> MatrixFunction.einsum(algebra, "*pq,qp->*", 1, t, inverse));
    }

    @Override
    public List<Curvature> curvature(Algebra algebra, Node node, int k, int l, Node adjoint) {
      Node inverse = LinearSolve.inverse(algebra, node.operand(0));
      return List.of(MatrixFunction.curvature(",qi,jp->ij,pq", -1, adjoint, inverse, inverse));
    }

    @Override
    public Optional<Node> harmless(Algebra algebra, Node node, int operand) {
      return Optional.of(algebra.identity(n));
    }
  }
}
