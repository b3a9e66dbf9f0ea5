package org.sparkcurvature.ops;

import static java.lang.Math.abs;
import static java.lang.Math.max;

import java.util.List;
import java.util.Optional;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;

/**
 * The solution X of A X = B, of a square matrix A of order n, B (a vector, or a matrix of several
 * right-hand sides) and A's {@link Factors}. With V = A^-T adj the adjoints are V of B and -V X' of
 * A (Giles 2008, "Collected matrix derivative results").
 *
 * @param n the order of A
 * @param columns how many right-hand sides there are
 */
record LinearSolve(int n, int columns) implements MatrixFunction {

  /** The node that solves A X = B. */
  static Node of(Algebra algebra, Node a, Node b) {
    int n = a.shape().extent(0);
    Node factors = algebra.graph().add(new Factors(n), a);
    return algebra.graph().add(new LinearSolve(n, b.shape().size() / n), a, b, factors);
  }

  /** The node of A^-1. */
  static Node inverse(Algebra algebra, Node a) {
    return of(algebra, a, algebra.identity(a.shape().extent(0)));
  }

  @Override
  public String name() {
    return "solve";
  }

  @Override
  public String describe(List<String> operands) {
    String a = operands.get(0);
    String b = operands.get(1);
    return b.equals("diag(1)") ? "inverse(" + a + ")" : "solve(" + a + ", " + b + ")";
  }

  @Override
  public Shape shape(List<Node> operands) {
    return operands.get(1).shape();
  }

  @Override
  public boolean differentiableIn(int operand) {
    return operand < 2;
  }

  @Override
  public int room() {
    return n;
  }

  @Override
  public double operations() {
    return (double) n * n * columns;
  }

  @Override
  public void run(double[][] in, int[] at, double[] out, int to, double[] room) {
    Factors.solve(in[2], at[2], in[1], at[1], out, to, n, columns, room);
  }

  /** The axis of the right-hand sides, where there is one. */
  private static String right(Node node) {
    return node.shape().rank() == 1 ? "" : "r";
  }

  /** V = A^-T s. */
  private static Node transposed(Algebra algebra, Node node, Node s) {
    String r = right(node);
    Node inverse = inverse(algebra, node.operand(0));
    return MatrixFunction.einsum(algebra, "ij,*i" + r + "->*j" + r, 1, inverse, s);
  }

  @Override
  public Node pullback(Algebra algebra, Node node, int operand, Node s, int head) {
    String r = right(node);
    Node v = transposed(algebra, node, s);
    return operand == 1
        ? v
        : MatrixFunction.einsum(algebra, "*p" + r + ",q" + r + "->*pq", -1, v, node);
  }

  /** X' = A^-1 (B' - A' X). */
  @Override
  public Optional<Node> pushforward(Algebra algebra, Node node, List<Optional<Node>> tangents) {
    String r = right(node);
    Optional<Node> ofMatrix =
        tangents
            .get(0)
            .map(t -> MatrixFunction.einsum(algebra, "*jq,q" + r + "->*j" + r, -1, t, node));
    Optional<Node> moved =
        ofMatrix.isPresent() && tangents.get(1).isPresent()
            ? Optional.of(algebra.add(ofMatrix.get(), tangents.get(1).get()))
            : ofMatrix.or(() -> tangents.get(1));
    Node inverse = inverse(algebra, node.operand(0));
    return moved.map(m -> MatrixFunction.einsum(algebra, "ij,*j" + r + "->*i" + r, 1, inverse, m));
  }

  /**
   * By A twice B_jp M_iq + B_qi M_pj, by A and the right-hand side -B_jp V_ir, with the inverse B
   * and M = V X'.
   */
  @Override
  public List<Curvature> curvature(Algebra algebra, Node node, int k, int l, Node adjoint) {
    if (k > l) {
      return curvature(algebra, node, l, k, adjoint).stream().map(Curvature::transposed).toList();
    }
    if (k == 1) {
      return List.of();
    }
    String r = right(node);
    Node inverse = inverse(algebra, node.operand(0));
    Node v = transposed(algebra, node, adjoint);
    if (l == 1) {
      return List.of(MatrixFunction.curvature("jp,i" + r + "->ij,p" + r, -1, inverse, v));
    }
    Node m = MatrixFunction.einsum(algebra, "i" + r + ",q" + r + "->iq", 1, v, node);
    return List.of(
        MatrixFunction.curvature("jp,iq->ij,pq", 1, inverse, m),
        MatrixFunction.curvature("qi,pj->ij,pq", 1, inverse, m));
  }

  @Override
  public Optional<Node> harmless(Algebra algebra, Node node, int operand) {
    return operand == 0
        ? Optional.of(algebra.identity(n))
        : operand == 1
            ? Optional.of(algebra.graph().fill(0, node.operand(1).shape()))
            : Optional.empty();
  }

  /**
   * A factored matrix A: how it was factored, which row of A each row is, and the factors, row by
   * row. A triangular A is its own factor; one that is exactly symmetric is factored by Cholesky,
   * which loses nothing where rows and columns differ in scale, unless it is not positive definite;
   * all others by elimination with scaled partial pivoting. A matrix is singular where no pivot is
   * above the rounding error of the sum that it comes of.
   *
   * @param n the order of A
   */
  record Factors(int n) implements MatrixFunction {
    private static final int SINGULAR = 0;
    private static final int LOWER = 1;
    private static final int UPPER = 2;
    private static final int CHOLESKY = 3;
    private static final int ELIMINATION = 4;

    @Override
    public String name() {
      return "factors";
    }

    @Override
    public Shape shape(List<Node> operands) {
      return Shape.of(1 + n + n * n);
    }

    /** Derivatives are taken by the matrix itself. */
    @Override
    public boolean differentiableIn(int operand) {
      return false;
    }

    @Override
    public Node pullback(Algebra algebra, Node node, int operand, Node s, int head) {
      throw new IllegalStateException("factors are never differentiated");
    }

    @Override
    public Optional<Node> pushforward(Algebra algebra, Node node, List<Optional<Node>> tangents) {
      return Optional.empty();
    }

    @Override
    public List<Curvature> curvature(Algebra algebra, Node node, int k, int l, Node adjoint) {
      return List.of();
    }

    @Override
    public Optional<Node> harmless(Algebra algebra, Node node, int operand) {
      return Optional.of(algebra.identity(n));
    }

    @Override
    public int room() {
      return 3 * n;
    }

    @Override
    public double operations() {
      return (double) n * n * n / 3;
    }

    @Override
    public void run(double[][] in, int[] at, double[] out, int to, double[] room) {
      double[] a = in[0];
      int from = at[0];
      int factors = to + 1 + n;
      for (int i = 0; i < n; i++) {
        out[to + 1 + i] = i;
      }
      System.arraycopy(a, from, out, factors, n * n);
      out[to] = kind(a, from, out, factors, to + 1, room);
      if (out[to] == SINGULAR) {
        // What is left of it must be finite: it is the solution that is not.
        java.util.Arrays.fill(out, factors, factors + n * n, 0);
      }
    }

    private int kind(double[] a, int from, double[] out, int factors, int order, double[] room) {
      boolean lower = true;
      boolean upper = true;
      boolean symmetric = true;
      boolean regular = true;
      for (int i = 0; i < n; i++) {
        regular &= a[from + i * n + i] != 0;
        for (int j = 0; j < n; j++) {
          double element = a[from + i * n + j];
          if (!Double.isFinite(element)) {
            return SINGULAR;
          }
          lower &= j <= i || element == 0;
          upper &= j >= i || element == 0;
          symmetric &= element == a[from + j * n + i];
        }
      }
      if (lower || upper) {
        return regular ? lower ? LOWER : UPPER : SINGULAR;
      }
      if (symmetric) {
        if (Cholesky.factor(a, from, out, factors, n)) {
          return CHOLESKY;
        }
        System.arraycopy(a, from, out, factors, n * n);
      }
      return eliminate(out, factors, order, room) ? ELIMINATION : SINGULAR;
    }

    /**
     * L U = P A, column by column, with a unit diagonal in L. Rows compete by their pivots relative
     * to their largest elements, columns scaled to 1.
     *
     * @param f where the matrix is, and the factors will be, from {@code at} on
     * @param order where in {@code f} the numbers of the rows are
     * @param room for the rows' scales, a column, and the sums of what its elements come of
     */
    private boolean eliminate(double[] f, int at, int order, double[] room) {
      scale(f, at, room);
      int column = n;
      int sizes = 2 * n;
      for (int k = 0; k < n; k++) {
        for (int i = 0; i < n; i++) {
          double element = f[at + i * n + k];
          double size = abs(element);
          for (int j = 0; j < Math.min(i, k); j++) {
            double term = f[at + i * n + j] * room[column + j];
            element -= term;
            size += abs(term);
          }
          room[column + i] = element;
          room[sizes + i] = size;
        }
        int pivot = -1;
        for (int i = k; i < n; i++) {
          boolean known = abs(room[column + i]) > n * Cholesky.ROUNDING * room[sizes + i];
          if (known
              && (pivot < 0
                  || abs(room[column + i]) * room[i] > abs(room[column + pivot]) * room[pivot])) {
            pivot = i;
          }
        }
        if (pivot < 0 || !Double.isFinite(room[column + pivot])) {
          return false;
        }
        for (int i = 0; i < n; i++) {
          f[at + i * n + k] =
              i <= k || i == pivot ? room[column + i] : room[column + i] / room[column + pivot];
        }
        if (pivot != k) {
          f[at + k * n + k] = room[column + k] / room[column + pivot];
          for (int j = 0; j < n; j++) {
            double moved = f[at + k * n + j];
            f[at + k * n + j] = f[at + pivot * n + j];
            f[at + pivot * n + j] = moved;
          }
          double row = f[order + k];
          f[order + k] = f[order + pivot];
          f[order + pivot] = row;
          room[pivot] = room[k];
        }
      }
      return true;
    }

    /** Of each row 1 over its largest element, columns scaled to 1. */
    private void scale(double[] f, int at, double[] room) {
      java.util.Arrays.fill(room, 0, 2 * n, 0);
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          room[n + j] = max(room[n + j], abs(f[at + i * n + j]));
        }
      }
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          if (room[n + j] > 0) {
            room[i] = max(room[i], abs(f[at + i * n + j]) / room[n + j]);
          }
        }
        room[i] = room[i] > 0 ? 1 / room[i] : 0;
      }
    }

    /** Solves for all right-hand sides, {@code b} a row of them after the other. */
    static void solve(
        double[] f,
        int start,
        double[] b,
        int from,
        double[] x,
        int to,
        int n,
        int columns,
        double[] room) {
      int kind = (int) f[start];
      int at = start + 1 + n;
      for (int c = 0; c < columns; c++) {
        for (int i = 0; i < n; i++) {
          room[i] = b[from + ((int) f[start + 1 + i]) * columns + c];
        }
        switch (kind) {
          case LOWER -> forward(f, at, n, room, false);
          case UPPER -> backward(f, at, n, room);
          case CHOLESKY -> {
            forward(f, at, n, room, false);
            backwardTransposed(f, at, n, room);
          }
          case ELIMINATION -> {
            forward(f, at, n, room, true);
            backward(f, at, n, room);
          }
          default -> java.util.Arrays.fill(room, 0, n, Double.NaN);
        }
        for (int i = 0; i < n; i++) {
          x[to + i * columns + c] = room[i];
        }
      }
    }

    private static void forward(double[] f, int at, int n, double[] y, boolean unit) {
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < i; j++) {
          y[i] -= f[at + i * n + j] * y[j];
        }
        y[i] = unit ? y[i] : y[i] / f[at + i * n + i];
      }
    }

    private static void backward(double[] f, int at, int n, double[] y) {
      for (int i = n - 1; i >= 0; i--) {
        for (int j = i + 1; j < n; j++) {
          y[i] -= f[at + i * n + j] * y[j];
        }
        y[i] /= f[at + i * n + i];
      }
    }

    private static void backwardTransposed(double[] f, int at, int n, double[] y) {
      for (int i = n - 1; i >= 0; i--) {
        for (int j = i + 1; j < n; j++) {
          y[i] -= f[at + j * n + i] * y[j];
        }
        y[i] /= f[at + i * n + i];
      }
    }
  }
}
