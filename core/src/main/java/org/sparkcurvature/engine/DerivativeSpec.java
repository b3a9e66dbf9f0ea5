package org.sparkcurvature.engine;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.sparkcurvature.diff.Differentiator;
import org.sparkcurvature.graph.ExpressionException;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.rewrite.Rewriter;

/**
 * A loss, the derivatives wanted of it, and the means: what is sent to whoever computes. Immutable
 * and serialisable; planning is repeated, with the same result, where it is opened.
 *
 * @param model the loss
 * @param request the derivatives
 * @param precision arithmetic inside a block
 * @param blockBytes the working set that one engine may use
 */
public record DerivativeSpec(Model model, Request request, Precision precision, long blockBytes)
    implements Serializable {

  /**
   * One column of per-sample results: its name as in the contract's output (value, gradient,
   * hessian, value_z, adjoint_z, jacobian_z), product, jvp_z or vjp_z, and its length. Products
   * with several vectors follow one another.
   */
  public record Column(String name, int length) implements Serializable {}

  /**
   * What computing takes.
   *
   * @param blockRows samples in a block
   * @param blockBytes working set of one engine for such a block
   * @param bytesPerSample of these, what each sample adds
   * @param operationsPerSample multiply-adds and function evaluations for one sample
   * @param formulas what is computed, in index notation: m is the sample, w its weight, g an
   *     adjoint, H a second derivative, J a Jacobian
   * @param steps the plan's steps for a block, one line each
   */
  public record Cost(
      int blockRows,
      long blockBytes,
      long bytesPerSample,
      double operationsPerSample,
      List<String> formulas,
      List<String> steps) {}

  /** The same loss and means with other derivatives. */
  public DerivativeSpec with(Request other) {
    return new DerivativeSpec(model, other, precision, blockBytes);
  }

  /** Where each tensor of wrt lies in the flattened vector. */
  public Layout layout() {
    return Layout.of(model, request.wrt());
  }

  /** The per-sample results that the request asks for, in the contract's order. */
  public List<Column> columns() {
    int p = layout().length();
    Request.PerSample wanted = request.perSample();
    List<Column> columns = new ArrayList<>();
    if (wanted.value()) {
      columns.add(new Column("value", 1));
    }
    if (wanted.gradient()) {
      columns.add(new Column("gradient", p));
    }
    switch (wanted.hessian()) {
      case NONE -> {}
      case DIAGONAL -> columns.add(new Column("hessian", p));
      case PACKED -> columns.add(new Column("hessian", length("hessian", (long) p * (p + 1) / 2)));
      case FULL -> columns.add(new Column("hessian", length("hessian", (long) p * p)));
    }
    wanted
        .valuesOf()
        .forEach(z -> columns.add(new Column("value_" + z, model.named(z).shape().size())));
    wanted
        .adjointOf()
        .forEach(z -> columns.add(new Column("adjoint_" + z, model.named(z).shape().size())));
    wanted
        .jacobianOf()
        .forEach(
            z ->
                columns.add(
                    new Column(
                        "jacobian_" + z,
                        length("jacobian_" + z, (long) model.named(z).shape().size() * p))));
    Request.Products products = wanted.products();
    if (products.hessian()) {
      columns.add(new Column("product", length("product", (long) products.vectors() * p)));
    }
    for (String z : products.jvpOf()) {
      long k = model.named(z).shape().size();
      columns.add(new Column("jvp_" + z, length("jvp_" + z, products.vectors() * k)));
    }
    products.vjpOf().forEach(z -> columns.add(new Column("vjp_" + z, p)));
    return columns;
  }

  /** The length of a column, which must be that of an array. */
  private static int length(String name, long length) {
    if (length > Integer.MAX_VALUE) {
      throw new ExpressionException(
          "per-sample "
              + name
              + " would have "
              + length
              + " numbers a row, more than an array can hold ("
              + Integer.MAX_VALUE
              + "); ask for a diagonal Hessian, or for fewer tensors in wrt");
    }
    return (int) length;
  }

  /** The expressions that are computed in another form than written, which keeps their digits. */
  public List<Rewriter.Applied> rewritings() {
    return Rewriter.rewrite(model, request.differentiators()).applied();
  }

  /** What computing this takes; plans, but allocates nothing. */
  public Cost cost() {
    return Derivative.of(this).cost();
  }

  /** Plans, for many engines. */
  public CompiledSpec planned() {
    return new CompiledSpec(this);
  }

  /**
   * Plans and allocates. An engine belongs to one thread and is closed by the caller.
   *
   * @param parameters every parameter's elements, row-major
   * @throws IllegalArgumentException if a parameter is missing or of another length
   */
  public Engine open(Map<String, double[]> parameters) {
    return Derivative.of(this).open(parameters);
  }

  /** The same, with second derivatives had in this way, be it the cheaper one or not. */
  public Engine open(Map<String, double[]> parameters, Differentiator.Way way) {
    return Derivative.of(this, way).open(parameters);
  }
}
