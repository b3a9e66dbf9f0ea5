package org.sparkcurvature.engine;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sparkcurvature.diff.Differentiator;
import org.sparkcurvature.graph.ExpressionException;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;
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
  private static final long USUAL_BLOCK_BYTES = 64L << 20;

  /** In double precision, with a working set of 64 MB. */
  public static DerivativeSpec of(Model model, Request request) {
    return new DerivativeSpec(model, request, Precision.DOUBLE, USUAL_BLOCK_BYTES);
  }

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
        .forEach(
            z ->
                columns.add(
                    new Column(SampleResult.valueOf(z).column(), model.named(z).shape().size())));
    wanted
        .adjointOf()
        .forEach(
            z ->
                columns.add(
                    new Column(SampleResult.adjointOf(z).column(), model.named(z).shape().size())));
    wanted
        .jacobianOf()
        .forEach(
            z ->
                columns.add(
                    new Column(
                        SampleResult.jacobianOf(z).column(),
                        length(
                            SampleResult.jacobianOf(z).column(),
                            (long) model.named(z).shape().size() * p))));
    Request.Products products = wanted.products();
    if (products.hessian()) {
      columns.add(new Column("product", length("product", (long) products.vectors() * p)));
    }
    for (String z : products.jvpOf()) {
      long k = model.named(z).shape().size();
      columns.add(
          new Column(
              SampleResult.jacobianProductOf(z).column(),
              length(SampleResult.jacobianProductOf(z).column(), products.vectors() * k)));
    }
    products
        .vjpOf()
        .forEach(
            z -> columns.add(new Column(SampleResult.transposedJacobianProductOf(z).column(), p)));
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
    return planned().cost();
  }

  /** Plans, for many engines. */
  public CompiledSpec planned() {
    return CheapestMode.of(this);
  }

  /**
   * Plans and allocates. An engine belongs to one thread and is closed by the caller.
   *
   * @param parameters every parameter's elements, row-major
   * @throws IllegalArgumentException if a parameter is missing or of another length
   * @throws ExpressionException if a name of the request is not one of the model's, or is used in a
   *     way in which it cannot be
   */
  public Engine open(Map<String, double[]> parameters) {
    return planned().open(parameters);
  }

  /**
   * The sums over the samples of whole arrays, each of weight 1.
   *
   * @param parameters every parameter's elements, row-major
   * @param inputs every input tensor, sample after sample, row-major each
   * @throws IllegalArgumentException if a parameter or an input is missing or of another length
   * @throws NonFiniteException if a value or derivative is NaN or infinite
   * @throws ExpressionException if a name of the request is not one of the model's
   */
  public Sums sums(Map<String, double[]> parameters, Map<String, double[]> inputs) {
    return sums(parameters, inputs, Optional.empty());
  }

  /**
   * The same with weights.
   *
   * @param weights of each sample
   */
  public Sums sums(
      Map<String, double[]> parameters, Map<String, double[]> inputs, double[] weights) {
    return sums(parameters, inputs, Optional.of(weights));
  }

  private Sums sums(
      Map<String, double[]> parameters, Map<String, double[]> inputs, Optional<double[]> weights) {
    int rows = rows(inputs);
    weights
        .filter(given -> given.length != rows)
        .ifPresent(
            given -> {
              throw new IllegalArgumentException(
                  "there are " + given.length + " weights of " + rows + " samples");
            });
    Sums sums = Sums.zero(this);
    try (Engine engine = open(parameters)) {
      for (int first = 0; first < rows; first += engine.blockRows()) {
        int count = Math.min(engine.blockRows(), rows - first);
        for (String name : model.inputs().keySet()) {
          engine.supply(name, inputs.get(name), first);
        }
        if (weights.isPresent()) {
          System.arraycopy(weights.get(), first, engine.weights(), 0, count);
        }
        engine.evaluate(count);
        engine.addTo(sums);
      }
    }
    return sums;
  }

  /** The number of samples of arrays; 1 where there is no input. */
  private int rows(Map<String, double[]> inputs) {
    int rows = 1;
    String first = null;
    for (Map.Entry<String, Node> input : model.inputs().entrySet()) {
      String name = input.getKey();
      double[] values = inputs.get(name);
      if (values == null) {
        throw new IllegalArgumentException("there are no values of input " + name);
      }
      int size = input.getValue().shape().size();
      if (values.length % size != 0) {
        throw new IllegalArgumentException(
            "input %s has %d numbers, which are no whole samples of %d"
                .formatted(name, values.length, size));
      }
      if (first != null && values.length / size != rows) {
        throw new IllegalArgumentException(
            "input %s has %d samples of %d numbers, %s %d of %d"
                .formatted(
                    first,
                    rows,
                    model.inputs().get(first).shape().size(),
                    name,
                    values.length / size,
                    size));
      }
      rows = values.length / size;
      first = first == null ? name : first;
    }
    return rows;
  }

  /** The same, in forward or reverse mode, whichever costs less. For tests. */
  public Engine open(Map<String, double[]> parameters, Differentiator.Mode mode) {
    return CheapestMode.in(mode, this).open(parameters);
  }
}
