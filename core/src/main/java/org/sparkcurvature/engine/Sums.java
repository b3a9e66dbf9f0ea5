package org.sparkcurvature.engine;

import java.io.Serializable;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Sums over samples: what a task adds up, what tasks hand on, what is reduced; accurate however
 * many samples there are.
 */
public final class Sums implements Serializable {
  private static final long serialVersionUID = 1L;

  private long rows;
  private final CompensatedSum weight = new CompensatedSum(1);
  private final CompensatedSum value = new CompensatedSum(1);
  private final CompensatedSum gradient;
  private final CompensatedSum products;
  private final EnumMap<Request.Curvature, CompensatedSum> curvatures =
      new EnumMap<>(Request.Curvature.class);

  private Sums(int gradientLength, int productsLength, Map<Request.Curvature, Integer> lengths) {
    gradient = new CompensatedSum(gradientLength);
    products = new CompensatedSum(productsLength);
    lengths.forEach((kind, length) -> curvatures.put(kind, new CompensatedSum(length)));
  }

  /** Nothing added yet, of the sums that {@code spec} asks for. */
  public static Sums zero(DerivativeSpec spec) {
    Map<Request.Curvature, Integer> lengths = new EnumMap<>(Request.Curvature.class);
    lengths(spec).forEach((kind, length) -> lengths.put(kind, Math.toIntExact(length)));
    Request.Global global = spec.request().global();
    int p = spec.layout().length();
    return new Sums(global.gradient() ? p : 0, Math.multiplyExact(global.products(), p), lengths);
  }

  /** The number of elements of each curvature matrix that the request asks for. */
  private static Map<Request.Curvature, Long> lengths(DerivativeSpec spec) {
    Layout layout = spec.layout();
    Map<Request.Curvature, Long> lengths = new EnumMap<>(Request.Curvature.class);
    long p = layout.length();
    Request.Global global = spec.request().global();
    long matrix =
        global.parts().isEmpty()
            ? p * (p + 1) / 2
            : global.parts().stream().mapToLong(Request.Rectangle::size).sum();
    switch (global.hessian()) {
      case NONE -> {}
      case DIAGONAL -> lengths.put(Request.Curvature.HESSIAN, p);
      case FULL -> lengths.put(Request.Curvature.HESSIAN, matrix);
      case BLOCKS ->
          lengths.put(
              Request.Curvature.HESSIAN,
              layout.entries().stream()
                  .mapToLong(e -> e.shape().size())
                  .map(n -> n * (n + 1) / 2)
                  .sum());
    }
    if (global.ggn().isPresent()) {
      lengths.put(Request.Curvature.GGN, matrix);
    }
    if (global.opg()) {
      lengths.put(Request.Curvature.OPG, matrix);
    }
    return lengths;
  }

  /**
   * Bytes that the sums of a request take, by name of the sum; to say beforehand what will not fit.
   */
  public static Map<String, Long> bytes(DerivativeSpec spec) {
    Map<String, Long> bytes = new LinkedHashMap<>();
    if (spec.request().global().gradient()) {
      bytes.put("gradient", 16L * spec.layout().length());
    }
    if (spec.request().global().products() > 0) {
      bytes.put("products", 16L * spec.request().global().products() * spec.layout().length());
    }
    lengths(spec)
        .forEach(
            (kind, length) ->
                bytes.put(kind.name().toLowerCase(java.util.Locale.ROOT), 16 * length));
    return bytes;
  }

  void count(int samples) {
    rows += samples;
  }

  void addWeights(double[] weights, int count) {
    boolean ones = true;
    for (int k = 0; k < count; k++) {
      ones &= weights[k] == 1;
    }
    if (ones) {
      weight.add(0, count);
      return;
    }
    for (int k = 0; k < count; k++) {
      weight.add(0, weights[k]);
    }
  }

  void addValue(double sum) {
    value.add(0, sum);
  }

  /** The sums of the gradient's elements, to be added to. */
  CompensatedSum gradients() {
    return gradient;
  }

  /** The same, of the Hessian's products with vectors. */
  CompensatedSum hessianProducts() {
    return products;
  }

  /**
   * Adds another partial sum. The order of merging decides the last bits.
   *
   * @throws IllegalArgumentException if the other's sums are of other lengths
   */
  public void merge(Sums other) {
    rows += other.rows;
    weight.add(other.weight);
    value.add(other.value);
    gradient.add(other.gradient);
    products.add(other.products);
    curvatures.forEach((kind, sums) -> sums.add(other.curvatures.get(kind)));
  }

  /** Number of samples added, those of weight 0 not counted. */
  public long rows() {
    return rows;
  }

  /** Sum of the weights. */
  public double weight() {
    return weight.values()[0];
  }

  /** Weighted sum of the loss. */
  public double value() {
    return value.values()[0];
  }

  /** Weighted sum of the gradients: length P; empty if it was not asked for. */
  public double[] gradient() {
    return gradient.values();
  }

  /**
   * The weighted sum of the Hessians times each vector: one vector of length P after the other;
   * empty if it was not asked for.
   */
  public double[] products() {
    return products.values();
  }

  /**
   * A weighted sum of curvature. FULL: the upper triangle packed row by row, length P(P+1)/2.
   * BLOCKS: the packed upper triangles of the blocks one after the other, in the order of wrt.
   * DIAGONAL: length P. Parts: each row-major, one after the other.
   *
   * @throws IllegalArgumentException if it was not asked for
   */
  public double[] curvature(Request.Curvature kind) {
    return sums(kind).values();
  }

  /**
   * Some rows of what {@link #curvature} returns, as sums that others can be added to.
   *
   * @param from where the first of them begins
   * @param rows how many there are
   * @param length the length of each
   * @param stride from the beginning of one to that of the next
   * @throws IllegalArgumentException if the matrix was not asked for
   */
  public CompensatedSum curvature(
      Request.Curvature kind, int from, int rows, int length, int stride) {
    return sums(kind).rows(from, rows, length, stride);
  }

  /** The same as {@link #gradients}, of a curvature matrix. */
  CompensatedSum sums(Request.Curvature kind) {
    CompensatedSum sums = curvatures.get(kind);
    if (sums == null) {
      throw new IllegalArgumentException(kind + " was not asked for");
    }
    return sums;
  }
}
