package org.sparkcurvature.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.ops.FunctionRegistry;

/**
 * A loss, derivatives of it, and the least that computing them can take.
 *
 * @param name what the case is called
 * @param model the loss
 * @param samples number of samples
 * @param classes inputs of this name hold whole numbers below this bound
 * @param request the derivatives
 * @param target the most that our time may be of the limit's
 * @param limit milliseconds of the matrix products and copies that cannot be avoided
 */
record Case(
    String name,
    Model model,
    int samples,
    Map<String, Integer> classes,
    Request request,
    double target,
    ToDoubleFunction<Limits> limit) {

  private static final Request.Global HESSIAN =
      Request.Global.NONE.withValue().withGradient().withHessian();

  /** The cases that targets are set for. */
  static List<Case> all() {
    return List.of(
        logisticHessian(100_000, 100),
        softmaxHessian(),
        networkHessian(),
        networkInputHessians(),
        networkGradients(),
        logisticHessians(),
        networkProducts(),
        groupsHessian());
  }

  /** Value, gradient and Hessian: at the least the product X' (wX). */
  static Case logisticHessian(int samples, int p) {
    Model model = logistic(p);
    return new Case(
        "logistic-hessian",
        model,
        samples,
        Map.of("y", 2),
        Request.by("beta").withSums(HESSIAN),
        1.2,
        limits -> limits.summed(p, samples, p));
  }

  /** At the least half of the product that [P, M] with [M, P] is. */
  private static Case softmaxHessian() {
    Expressions e = new Expressions();
    Node x = e.input("x", 64);
    Node t = e.input("t");
    Node z = e.call("add", e.call("matmul", e.parameter("W", 10, 64), x), e.parameter("b", 10));
    int samples = 10_000;
    return new Case(
        "softmax-hessian",
        e.model(e.call("cross_entropy", z, t)),
        samples,
        Map.of("t", 10),
        Request.by("W", "b").withSums(HESSIAN),
        3,
        limits -> limits.summed(650, samples, 325));
  }

  private static Case networkHessian() {
    int samples = 1000;
    return new Case(
        "network-hessian",
        network(),
        samples,
        Map.of(),
        Request.by("W0", "b0", "W1", "b1", "W2", "b2").withSums(HESSIAN),
        3,
        limits -> limits.summed(1217, samples, 609));
  }

  /**
   * At the least: z1 = W0 x, z2 = W1 h1 and the adjoint W1' d2; the Jacobian W1 D1 W0 of z2; the
   * curvature W0' diag(c1) W0 and J2' diag(c2) J2, a half of each; and a copy of the result.
   */
  private static Case networkInputHessians() {
    int samples = 10_000;
    return new Case(
        "network-input-hessians",
        network(),
        samples,
        Map.of(),
        Request.by("x")
            .withSamples(Request.PerSample.NONE.withHessian(Request.SampleHessianForm.FULL)),
        2,
        limits ->
            limits.shared(samples, 20, 32)
                + limits.shared(samples, 32, 16)
                + limits.shared(samples, 16, 32)
                + limits.shared(samples * 20, 32, 16)
                + limits.shared(samples, 32, 210)
                + limits.shared(samples * 20, 16, 10)
                + limits.copy(samples * 400L));
  }

  private static Case networkGradients() {
    int samples = 10_000;
    return new Case(
        "network-gradients",
        network(),
        samples,
        Map.of(),
        Request.by("W0", "b0", "W1", "b1", "W2", "b2")
            .withSamples(Request.PerSample.NONE.withGradient()),
        3,
        limits -> limits.copy(samples * 1217L));
  }

  private static Case logisticHessians() {
    int samples = 10_000;
    return new Case(
        "logistic-hessians",
        logistic(100),
        samples,
        Map.of("y", 2),
        Request.by("beta")
            .withSamples(Request.PerSample.NONE.withHessian(Request.SampleHessianForm.PACKED)),
        3,
        limits -> limits.copy(samples * 5050L));
  }

  /**
   * At the least, for eight vectors V side by side: forward and backward; V a, and W times the
   * tangent of a; V' d, and W' times the tangent of d; the tangent of d times a', and d times the
   * tangent of a', summed over samples. The first layer's input has neither tangent nor adjoint.
   */
  private static Case networkProducts() {
    int samples = 1000;
    int vectors = 8;
    Expressions e = new Expressions();
    Node h = e.layer(e.input("x", 784), 784, 512, 0);
    h = e.layer(h, 512, 256, 1);
    Node z = e.call("add", e.call("matmul", e.parameter("W2", 10, 256), h), e.parameter("b2", 10));
    Request.Global products = Request.Global.NONE.withProducts(vectors);
    return new Case(
        "network-products",
        e.model(e.call("cross_entropy", z, e.input("t"))),
        samples,
        Map.of("t", 10),
        Request.by("W0", "b0", "W1", "b1", "W2", "b2").withSums(products),
        2,
        limits -> {
          int[] widths = {784, 512, 256, 10};
          double sum = 0;
          for (int k = 0; k < 3; k++) {
            int in = widths[k];
            int out = widths[k + 1];
            sum += limits.shared(samples, in, out);
            sum += limits.shared(samples, in, vectors * out);
            sum += limits.summed(vectors * out, samples, in);
            if (k > 0) {
              sum += limits.shared(samples, out, in);
              sum += limits.shared(vectors * samples, in, out);
              sum += limits.shared(samples, out, vectors * in);
              sum += limits.shared(vectors * samples, out, in);
              sum += limits.summed(out, samples, vectors * in);
            }
          }
          return sum;
        });
  }

  /**
   * An intercept for each of 500 groups: at the least what is read is copied, and the block of the
   * coefficients is a product.
   */
  private static Case groupsHessian() {
    Expressions e = new Expressions();
    int samples = 20_000;
    Node intercept = e.call("index", e.parameter("a", 500), e.input("i"));
    Node z = e.call("add", intercept, e.call("dot", e.input("x", 10), e.parameter("beta", 10)));
    Node y = e.input("y");
    return new Case(
        "groups-hessian",
        e.model(e.call("subtract", e.call("softplus", z), e.call("multiply", y, z))),
        samples,
        Map.of("i", 500, "y", 2),
        Request.by("a", "beta").withSums(HESSIAN),
        20,
        limits -> limits.copy(samples * 12L) + limits.summed(10, samples, 10));
  }

  private static Model logistic(int p) {
    Expressions e = new Expressions();
    Node z = e.call("dot", e.input("x", p), e.parameter("beta", p));
    Node y = e.input("y");
    return e.model(e.call("subtract", e.call("softplus", z), e.call("multiply", y, z)));
  }

  /** 20-32-16-1, tanh, squared error. */
  private static Model network() {
    Expressions e = new Expressions();
    Node h = e.layer(e.layer(e.input("x", 20), 20, 32, 0), 32, 16, 1);
    Node f = e.call("add", e.call("dot", e.parameter("W2", 16), h), e.parameter("b2"));
    return e.model(e.call("square", e.call("subtract", f, e.input("y"))));
  }

  /** Writes a model down. */
  private static final class Expressions {
    private final Graph graph = new Graph();
    private final Map<String, Node> inputs = new LinkedHashMap<>();
    private final Map<String, Node> parameters = new LinkedHashMap<>();

    Node input(String name, int... extents) {
      return inputs.computeIfAbsent(name, n -> graph.input(n, Shape.of(extents)));
    }

    Node parameter(String name, int... extents) {
      return parameters.computeIfAbsent(name, n -> graph.parameter(n, Shape.of(extents)));
    }

    Node call(String function, Node... arguments) {
      return FunctionRegistry.call(graph, function, List.of(arguments), OptionalInt.empty());
    }

    Node layer(Node a, int in, int out, int number) {
      Node product = call("matmul", parameter("W" + number, out, in), a);
      return call("tanh", call("add", product, parameter("b" + number, out)));
    }

    Model model(Node loss) {
      return new Model(graph, inputs, parameters, Map.of(), loss);
    }
  }

  /**
   * A tensor.
   *
   * @param extents its shape, samples first where it has them
   * @param values its elements, row-major
   */
  record Tensor(List<Integer> extents, double[] values) {}

  /** Normal numbers for every input, sample after sample; whole ones for classes. */
  Map<String, Tensor> inputs() {
    Random random = new Random(1);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    model
        .inputs()
        .forEach(
            (name, node) -> {
              double[] values = new double[Math.multiplyExact(samples, node.shape().size())];
              for (int k = 0; k < values.length; k++) {
                values[k] =
                    classes.containsKey(name)
                        ? random.nextInt(classes.get(name))
                        : random.nextGaussian();
              }
              tensors.put(name, new Tensor(extents(samples, node), values));
            });
    return tensors;
  }

  /** Normal numbers for every parameter, divided by the root of the number that is summed. */
  Map<String, Tensor> parameters() {
    Random random = new Random(2);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    model
        .parameters()
        .forEach(
            (name, node) -> {
              double[] values = new double[node.shape().size()];
              List<Integer> extents = extents(0, node);
              int summed = extents.isEmpty() ? 1 : extents.get(extents.size() - 1);
              for (int k = 0; k < values.length; k++) {
                values[k] = random.nextGaussian() / Math.sqrt(summed);
              }
              tensors.put(name, new Tensor(extents, values));
            });
    return tensors;
  }

  /** OutputSink between -1 and 1 for the vectors that the Hessian is multiplied by. */
  double[] vectors(int p) {
    Random random = new Random(3);
    return random.doubles((long) request.global().products() * p, -1, 1).toArray();
  }

  private static List<Integer> extents(int samples, Node node) {
    List<Integer> extents = new ArrayList<>();
    if (samples > 0) {
      extents.add(samples);
    }
    for (int axis = 0; axis < node.shape().rank(); axis++) {
      extents.add(node.shape().extent(axis));
    }
    return extents;
  }
}
