package org.sparkcurvature.engine;

import java.io.Serializable;

/**
 * A kind of per-sample result. Its length a sample is 1 for the value, P for the gradient, for the
 * Hessian that of its form; K of an intermediate of K elements for its value and its adjoint, K x P
 * row-major for its Jacobian; with V vectors V x P for the product of the Hessian, V x K for that
 * of a Jacobian, and P for that of a transposed Jacobian with a cotangent.
 *
 * @param column the name of its column, as files have it: value, gradient, hessian, value_z,
 *     adjoint_z, jacobian_z, product, jvp_z, vjp_z
 */
public record SampleResult(String column) implements Serializable {
  public static final SampleResult VALUE = new SampleResult("value");
  public static final SampleResult GRADIENT = new SampleResult("gradient");
  public static final SampleResult HESSIAN = new SampleResult("hessian");

  /** The Hessian times the vectors. */
  public static final SampleResult PRODUCT = new SampleResult("product");

  /** The value of an intermediate. */
  public static SampleResult valueOf(String name) {
    return new SampleResult("value_" + name);
  }

  /** The derivative of the loss by an intermediate. */
  public static SampleResult adjointOf(String name) {
    return new SampleResult("adjoint_" + name);
  }

  /** The Jacobian of an intermediate. */
  public static SampleResult jacobianOf(String name) {
    return new SampleResult("jacobian_" + name);
  }

  /** The Jacobian of an intermediate times the vectors. */
  public static SampleResult jacobianProductOf(String name) {
    return new SampleResult("jvp_" + name);
  }

  /** The transposed Jacobian of an intermediate times its cotangent. */
  public static SampleResult transposedJacobianProductOf(String name) {
    return new SampleResult("vjp_" + name);
  }
}
