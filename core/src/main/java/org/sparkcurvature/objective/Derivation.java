package org.sparkcurvature.objective;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import org.sparkcurvature.graph.Model;

/**
 * A loss, the derivatives wanted of it, and the means: what is sent to whoever computes. Immutable
 * and serialisable; planning is repeated, with the same result, where it is opened.
 *
 * @param model the loss
 * @param request the derivatives
 * @param precision arithmetic inside a block
 * @param blockBytes the working set that one engine may use
 */
public record Derivation(Model model, Request request, Precision precision, long blockBytes)
    implements Serializable {

  /** Where each tensor of wrt lies in the flattened vector. */
  public Layout layout() {
    return Layout.of(model, request.wrt());
  }

  /**
   * One column of per-sample results: its name as in the contract's output (value, gradient,
   * hessian, value_z, adjoint_z, jacobian_z) and its length.
   */
  public record Column(String name, int length) implements Serializable {}

  /** The per-sample results that the request asks for, in the contract's order. */
  public List<Column> columns() {
    throw new UnsupportedOperationException();
  }

  /**
   * Plans and allocates. An engine belongs to one thread and is closed by the caller.
   *
   * @param parameters every parameter's elements, row-major
   */
  public Engine open(Map<String, double[]> parameters) {
    throw new UnsupportedOperationException();
  }
}
