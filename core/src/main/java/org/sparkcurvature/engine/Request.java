package org.sparkcurvature.engine;

import java.io.Serializable;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which derivatives are wanted.
 *
 * @param wrt names of parameters and input tensors, in the order in which they are flattened
 *     (row-major each)
 * @param global what is summed over samples
 * @param perSample what is given for every sample
 */
public record Request(List<String> wrt, Global global, PerSample perSample)
    implements Serializable {

  public Request {
    wrt = List.copyOf(wrt);
    int each = perSample.products().vectors();
    if (each > 0 && global.products() > 0 && each != global.products()) {
      throw new IllegalArgumentException(
          "sums are wanted with " + global.products() + " vectors, samples with " + each);
    }
  }

  /**
   * A request of nothing yet, to be followed by {@link #withSums} and {@link #withSamples}.
   *
   * @param wrt names of parameters and input tensors by which derivatives are taken, in this order
   */
  public static Request by(String... wrt) {
    return by(List.of(wrt));
  }

  /** The same. */
  public static Request by(List<String> wrt) {
    return new Request(wrt, Global.NONE, PerSample.NONE);
  }

  /** This request with these sums over samples, such as {@code Global.NONE.withGradient()}. */
  public Request withSums(Global sums) {
    return new Request(wrt, sums, perSample);
  }

  /** This request with these results of each sample, such as {@code PerSample.NONE.withValue()}. */
  public Request withSamples(PerSample samples) {
    return new Request(wrt, global, samples);
  }

  /** How many vectors derivatives are multiplied by. */
  public int vectors() {
    return Math.max(global.products(), perSample.products().vectors());
  }

  /** Whether second derivatives are wanted. */
  boolean second() {
    return global.hessian() != HessianForm.NONE || perSample.hessian() != SampleHessianForm.NONE;
  }

  /** Names of intermediates by which the loss is differentiated, and which it must go on using. */
  Set<String> differentiators() {
    Set<String> names = new LinkedHashSet<>(perSample.adjointOf());
    global.ggn().ifPresent(names::add);
    return names;
  }

  /** Whether derivatives of the loss are wanted, and not of intermediates alone. */
  boolean isOfTheLoss() {
    return second()
        || global.gradient()
        || global.ggn().isPresent()
        || global.opg()
        || global.products() > 0
        || perSample.gradient()
        || perSample.products().hessian()
        || !perSample.adjointOf().isEmpty();
  }

  /** How much of a summed Hessian is wanted. BLOCKS: the square block of each name in wrt. */
  public enum HessianForm {
    NONE,
    DIAGONAL,
    BLOCKS,
    FULL
  }

  /**
   * How a per-sample Hessian is laid out. PACKED: the upper triangle row by row; FULL: row-major P
   * x P.
   */
  public enum SampleHessianForm {
    NONE,
    DIAGONAL,
    PACKED,
    FULL
  }

  /** The Hessian-shaped matrices that can be summed over samples. */
  public enum Curvature {
    HESSIAN,
    /** Generalised Gauss-Newton matrix. */
    GGN,
    /** Outer product of per-sample gradients. */
    OPG
  }

  /**
   * Part of a P x P matrix.
   *
   * @param row its first row
   * @param column its first column
   * @param rows number of rows
   * @param columns number of columns
   */
  public record Rectangle(int row, int column, int rows, int columns) implements Serializable {
    public Rectangle {
      if (row < 0 || column < 0 || rows < 1 || columns < 1) {
        throw new IllegalArgumentException(
            rows + " x " + columns + " elements from (" + row + ", " + column + ")");
      }
    }

    /** Number of elements. */
    public long size() {
      return (long) rows * columns;
    }
  }

  /**
   * Sums over samples, weighted by the samples' weights.
   *
   * @param value whether the loss is summed
   * @param gradient whether gradients are summed
   * @param hessian how much of the Hessian is summed
   * @param ggn the definition z for which the loss is seen as a function of z: the sum of J_z'
   *     (d2l/dz2) J_z
   * @param opg whether outer products of per-sample gradients are summed
   * @param products by how many vectors at once the Hessian is multiplied, without being formed; 0
   *     for none
   * @param parts what is wanted of a FULL Hessian, of ggn and of opg; empty for all of them
   */
  public record Global(
      boolean value,
      boolean gradient,
      HessianForm hessian,
      Optional<String> ggn,
      boolean opg,
      int products,
      List<Rectangle> parts)
      implements Serializable {
    /** No sums; the beginning of every request for some. */
    public static final Global NONE =
        new Global(false, false, HessianForm.NONE, Optional.empty(), false, 0, List.of());

    public Global {
      parts = List.copyOf(parts);
    }

    /** With the sum of the loss. */
    public Global withValue() {
      return withValue(true);
    }

    public Global withValue(boolean wanted) {
      return new Global(wanted, gradient, hessian, ggn, opg, products, parts);
    }

    /** With the sum of the gradients. */
    public Global withGradient() {
      return withGradient(true);
    }

    public Global withGradient(boolean wanted) {
      return new Global(value, wanted, hessian, ggn, opg, products, parts);
    }

    /** With the whole sum of the Hessians. */
    public Global withHessian() {
      return withHessian(HessianForm.FULL);
    }

    /** With so much of the sum of the Hessians. */
    public Global withHessian(HessianForm form) {
      return new Global(value, gradient, form, ggn, opg, products, parts);
    }

    /** With the Gauss-Newton matrix for the loss as a function of the definition z. */
    public Global withGgn(String z) {
      return withGgn(Optional.of(z));
    }

    public Global withGgn(Optional<String> z) {
      return new Global(value, gradient, hessian, z, opg, products, parts);
    }

    /** With the sum of the outer products of gradients. */
    public Global withOpg() {
      return withOpg(true);
    }

    public Global withOpg(boolean wanted) {
      return new Global(value, gradient, hessian, ggn, wanted, products, parts);
    }

    /** With the products of the Hessian with so many vectors, see {@link Engine#setVectors}. */
    public Global withProducts(int vectors) {
      return new Global(value, gradient, hessian, ggn, opg, vectors, parts);
    }

    /** With these parts of the matrices instead of all of them. */
    public Global withParts(List<Rectangle> wanted) {
      return new Global(value, gradient, hessian, ggn, opg, products, wanted);
    }

    private Object writeReplace() {
      return new Wire(value, gradient, hessian, ggn.orElse(null), opg, products, parts);
    }

    /** Optional is not serialisable. */
    private record Wire(
        boolean value,
        boolean gradient,
        HessianForm hessian,
        String ggn,
        boolean opg,
        int products,
        List<Rectangle> parts)
        implements Serializable {
      private Object readResolve() {
        return new Global(value, gradient, hessian, Optional.ofNullable(ggn), opg, products, parts);
      }
    }
  }

  /**
   * Results of each sample, of the unweighted loss.
   *
   * @param value whether the loss is given
   * @param gradient whether the gradient, length P, is given
   * @param hessian how the Hessian is given
   * @param valuesOf names of intermediates whose values are given; `loss` is one
   * @param jacobianOf names of intermediates of K elements whose Jacobian, K x P, is given
   * @param adjointOf names of intermediates z for which dl/dz is given
   * @param products products of derivatives with vectors
   */
  public record PerSample(
      boolean value,
      boolean gradient,
      SampleHessianForm hessian,
      List<String> valuesOf,
      List<String> jacobianOf,
      List<String> adjointOf,
      Products products)
      implements Serializable {
    /** No results of samples; the beginning of every request for some. */
    public static final PerSample NONE =
        new PerSample(
            false, false, SampleHessianForm.NONE, List.of(), List.of(), List.of(), Products.NONE);

    public PerSample {
      valuesOf = List.copyOf(valuesOf);
      jacobianOf = List.copyOf(jacobianOf);
      adjointOf = List.copyOf(adjointOf);
    }

    /** With the loss. */
    public PerSample withValue() {
      return withValue(true);
    }

    public PerSample withValue(boolean wanted) {
      return new PerSample(wanted, gradient, hessian, valuesOf, jacobianOf, adjointOf, products);
    }

    /** With the gradient. */
    public PerSample withGradient() {
      return withGradient(true);
    }

    public PerSample withGradient(boolean wanted) {
      return new PerSample(value, wanted, hessian, valuesOf, jacobianOf, adjointOf, products);
    }

    /** With the Hessian in this form. */
    public PerSample withHessian(SampleHessianForm form) {
      return new PerSample(value, gradient, form, valuesOf, jacobianOf, adjointOf, products);
    }

    /** With the values of these intermediates, and no others. */
    public PerSample withValuesOf(List<String> names) {
      return new PerSample(value, gradient, hessian, names, jacobianOf, adjointOf, products);
    }

    public PerSample withValuesOf(String... names) {
      return withValuesOf(List.of(names));
    }

    /** With the Jacobians of these intermediates, and no others. */
    public PerSample withJacobiansOf(List<String> names) {
      return new PerSample(value, gradient, hessian, valuesOf, names, adjointOf, products);
    }

    public PerSample withJacobiansOf(String... names) {
      return withJacobiansOf(List.of(names));
    }

    /** With the derivatives of the loss by these intermediates, and no others. */
    public PerSample withAdjointsOf(List<String> names) {
      return new PerSample(value, gradient, hessian, valuesOf, jacobianOf, names, products);
    }

    public PerSample withAdjointsOf(String... names) {
      return withAdjointsOf(List.of(names));
    }

    /** With these products with vectors. */
    public PerSample withProducts(Products wanted) {
      return new PerSample(value, gradient, hessian, valuesOf, jacobianOf, adjointOf, wanted);
    }

    /** The names of all intermediates whose values or Jacobians are needed. */
    public List<String> named() {
      return Stream.of(valuesOf, jacobianOf, products.jvpOf(), products.vjpOf())
          .flatMap(List::stream)
          .distinct()
          .toList();
    }
  }

  /**
   * Products of each sample's derivatives with vectors, for which no Hessian and no Jacobian is
   * formed.
   *
   * @param vectors how many vectors of length P there are, see {@link Engine#setVectors}; as many
   *     as {@link Global#products} where that is not 0
   * @param hessian whether the Hessian times each vector is given
   * @param jvpOf names of intermediates z of K elements for which the Jacobian times each vector is
   *     given: K numbers a vector
   * @param vjpOf names of intermediates z for which the transposed Jacobian times a cotangent, see
   *     {@link Engine#cotangent}, is given: P numbers
   */
  public record Products(int vectors, boolean hessian, List<String> jvpOf, List<String> vjpOf)
      implements Serializable {
    public static final Products NONE = new Products(0, false, List.of(), List.of());

    /** Of so many vectors, nothing yet. */
    public static Products of(int vectors) {
      return new Products(vectors, false, List.of(), List.of());
    }

    /** With the Hessian times each vector. */
    public Products withHessian() {
      return new Products(vectors, true, jvpOf, vjpOf);
    }

    /** With the Jacobians of these intermediates times each vector, and no others. */
    public Products withJacobiansOf(List<String> names) {
      return new Products(vectors, hessian, names, vjpOf);
    }

    /** With the transposed Jacobians of these intermediates times cotangents, and no others. */
    public Products withTransposedJacobiansOf(List<String> names) {
      return new Products(vectors, hessian, jvpOf, names);
    }

    public Products {
      jvpOf = List.copyOf(jvpOf);
      vjpOf = List.copyOf(vjpOf);
    }
  }
}
