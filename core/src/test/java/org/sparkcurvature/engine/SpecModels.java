package org.sparkcurvature.engine;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;

/** Models for tests of everything that can be asked for. */
final class SpecModels {
  private SpecModels() {}

  /** Every way in which a parameter or an input can enter, one model each. */
  static Map<String, Supplier<Model>> models() {
    Map<String, Supplier<Model>> models = new TreeMap<>();
    models.put("linear predictor", SpecModels::logistic);
    models.put("network", SpecModels::network);
    models.put("softmax", SpecModels::softmax);
    models.put(
        "indexed parameter",
        () -> {
          Expressions e = new Expressions();
          Node x = e.input("x");
          Node y = e.input("y");
          Node beta = e.parameter("beta", 3);
          Node fit =
              e.call(
                  "add",
                  e.call("index", beta, e.constant(0)),
                  e.call("multiply", e.call("index", beta, e.constant(1)), x));
          return e.model(
              e.call(
                  "exp",
                  e.call(
                      "subtract",
                      e.call("multiply", fit, e.call("index", beta, e.constant(2))),
                      y)));
        });
    models.put(
        "parameter used twice, in a product and in a penalty",
        () -> {
          Expressions e = new Expressions();
          Node x = e.input("x", 3);
          Node beta = e.parameter("beta", 3);
          Node z = e.call("dot", x, beta);
          return e.model(
              e.call(
                  "add",
                  e.call("tanh", z),
                  e.call("multiply", e.constant(0.3), e.call("dot", beta, beta))));
        });
    models.put(
        "shared matrix",
        () -> {
          Expressions e = new Expressions();
          Node x = e.input("x", 3);
          Node w = e.parameter("W", 3, 3);
          Node h = e.call("tanh", e.call("matmul", w, x));
          Node out = e.call("tanh", e.call("matmul", w, h));
          return e.model(
              e.call("sum", e.call("square", e.call("matmul", e.call("transpose", w), out))));
        });
    models.put(
        "matrices shared by the steps of a recurrence",
        () -> {
          Expressions e = new Expressions();
          Node x = e.input("x", 2);
          Node w = e.parameter("W", 2, 2);
          Node state = x;
          // Three products of two elements are more than the four that W has.
          for (int t = 0; t < 3; t++) {
            state = e.call("tanh", e.call("add", x, e.call("matmul", w, state)));
          }
          return e.model(e.call("dot", state, e.parameter("v", 2)));
        });
    models.put(
        "matrix times matrix",
        () -> {
          Expressions e = new Expressions();
          Node x = e.input("X", 3, 2);
          Node w = e.parameter("W", 4, 3);
          Node v = e.parameter("V", 2, 2);
          Node z = e.call("matmul", e.call("tanh", e.call("matmul", w, x)), v);
          return e.model(e.call("logsumexp", z));
        });
    models.put(
        "products, slices and running sums",
        () -> {
          Expressions e = new Expressions();
          Node x = e.input("x", 4);
          Node a = e.parameter("a", 4);
          Node b = e.parameter("b");
          Node z = e.call("cumsum", e.call("multiply", a, e.call("sin", e.call("multiply", b, x))));
          Node u =
              e.call(
                  "concat",
                  e.call("slice", z, e.constant(1), e.constant(2)),
                  b,
                  e.call("norm2", x));
          Node p = e.call("prod", e.call("add", u, e.constant(2)));
          return e.model(e.call("add", p, e.call("sum", e.along("max", 0, e.call("outer", u, z)))));
        });
    models.put(
        "skip connection",
        () -> {
          Expressions e = new Expressions();
          Node x = e.input("x", 3);
          Node w = e.parameter("W", 3, 3);
          Node v = e.parameter("V", 3, 3);
          Node c = e.parameter("c", 3);
          Node h = e.call("tanh", e.call("add", e.call("matmul", w, x), c));
          Node g = e.call("add", h, e.call("tanh", e.call("matmul", v, h)));
          return e.model(
              e.call("sum", e.call("multiply", e.call("exp", h), e.call("multiply", g, x))));
        });
    models.put(
        "a loss of parameters alone",
        () -> {
          Expressions e = new Expressions();
          e.input("x", 2);
          Node a = e.parameter("a", 3);
          Node w = e.parameter("W", 2, 3);
          return e.model(
              e.call(
                  "add",
                  e.call("logsumexp", e.call("matmul", w, a)),
                  e.call("sum", e.call("square", w))));
        });
    models.put(
        "division and powers of sums",
        () -> {
          Expressions e = new Expressions();
          Node x = e.input("x", 3);
          Node s = e.parameter("s");
          Node beta = e.parameter("beta", 3);
          Node v = e.call("exp", s);
          Node z = e.call("sum", e.call("multiply", x, beta));
          return e.model(
              e.call(
                  "add",
                  e.call("divide", e.call("square", z), v),
                  e.call("pow", e.call("softplus", z), s)));
        });
    models.put(
        "a scalar product that is repeated over a vector, beside another product",
        () -> {
          Expressions e = new Expressions();
          Node x = e.input("x", 3);
          Node u = e.input("u", 2);
          Node v = e.input("v", 4);
          Node y = e.input("y");
          Node beta = e.parameter("beta", 3);
          Node gamma = e.parameter("gamma", 2);
          Node fit = e.call("dot", x, beta);
          Node both = e.call("add", fit, e.call("dot", u, gamma));
          Node first = e.call("square", e.call("subtract", y, both));
          return e.model(
              e.call("add", first, e.call("sum", e.call("square", e.call("subtract", v, fit)))));
        });
    models.put(
        "a scalar product that is repeated over a vector, and added to",
        () -> {
          Expressions e = new Expressions();
          Node x = e.input("x", 3);
          Node v = e.input("v", 4);
          Node a = e.parameter("a");
          Node beta = e.parameter("beta", 3);
          Node fit = e.call("dot", x, beta);
          Node first = e.call("square", e.call("add", e.call("exp", a), fit));
          return e.model(
              e.call("add", first, e.call("sum", e.call("square", e.call("subtract", v, fit)))));
        });
    models.put(
        "a scalar parameter",
        () -> {
          Expressions e = new Expressions();
          Node y = e.input("y");
          Node mu = e.parameter("mu");
          return e.model(e.call("square", e.call("subtract", y, mu)));
        });
    models.put(
        "a matrix and its transpose",
        () -> {
          Expressions e = new Expressions();
          Node x = e.input("x", 5);
          Node w = e.parameter("W", 3, 5);
          Node b = e.parameter("b", 3);
          Node h = e.call("tanh", e.call("add", e.call("matmul", w, x), b));
          Node back = e.define("back", e.call("matmul", e.call("transpose", w), h));
          return e.model(e.call("sum", e.call("square", e.call("subtract", back, x))));
        });
    models.put(
        "one vector cut into matrices",
        () -> {
          Expressions e = new Expressions();
          Node x = e.input("x", 3);
          Node theta = e.parameter("theta", 17);
          Node w =
              e.call(
                  "reshape",
                  e.call("slice", theta, e.constant(0), e.constant(12)),
                  e.constant(4),
                  e.constant(3));
          Node v = e.call("slice", theta, e.constant(12), e.constant(4));
          Node h = e.call("sigmoid", e.call("matmul", w, x));
          Node z = e.define("z", e.call("dot", v, h));
          return e.model(
              e.call("exp", e.call("multiply", z, e.call("index", theta, e.constant(16)))));
        });
    models.put(
        "matrices of as many elements and of transposed shapes",
        () -> {
          Expressions e = new Expressions();
          Node x = e.input("x", 1);
          Node u = e.parameter("U", 2, 1);
          Node v = e.parameter("V", 3, 2);
          Node w = e.parameter("W", 2, 3);
          Node h = e.call("sin", e.call("matmul", u, x));
          Node g = e.call("sin", e.call("matmul", v, h));
          return e.model(e.call("sum", e.call("sin", e.call("matmul", w, g))));
        });
    models.put(
        "a vector read as two matrices, both transposed",
        () -> {
          Expressions e = new Expressions();
          Node x = e.input("x", 2);
          Node theta = e.parameter("theta", 6);
          Node v = e.call("reshape", theta, e.constant(2), e.constant(3));
          Node w = e.call("reshape", theta, e.constant(3), e.constant(2));
          Node h = e.call("tanh", e.call("matmul", e.call("transpose", v), x));
          Node z = e.define("z", e.call("matmul", e.call("transpose", w), h));
          return e.model(e.call("logsumexp", z));
        });
    models.put(
        "a definition of parameters alone, of several parts",
        () -> {
          Expressions e = new Expressions();
          Node x = e.input("x", 3);
          Node a = e.parameter("a", 2);
          Node b = e.parameter("b");
          Node c = e.parameter("c", 1);
          Node first = e.call("add", e.call("concat", c, c), e.call("add", a, b));
          Node z = e.define("z", e.call("concat", first, c));
          return e.model(e.call("exp", e.call("dot", z, x)));
        });
    models.put(
        "an intercept before its coefficients, and a row of a matrix",
        () -> {
          Expressions e = new Expressions();
          Node x = e.input("x", 4);
          Node b0 = e.parameter("b0");
          Node beta = e.parameter("beta", 3);
          Node w = e.parameter("W", 2, 4);
          Node z = e.define("z", e.call("dot", e.call("concat", b0, beta), x));
          Node row = e.call("dot", e.call("index", w, e.constant(1)), x);
          return e.model(
              e.call("add", e.call("softplus", e.call("multiply", z, row)), e.call("square", b0)));
        });
    models.put(
        "softmax rows",
        () -> {
          Expressions e = new Expressions();
          Node x = e.input("x", 4);
          Node w = e.parameter("W", 6, 4);
          Node z = e.call("reshape", e.call("matmul", w, x), e.constant(2), e.constant(3));
          Node p = e.along("softmax", 1, z);
          return e.model(e.call("sum", e.call("multiply", p, e.call("square", z))));
        });
    models.putAll(LookupModels.all());
    return models;
  }

  private static Model logistic() {
    Expressions e = new Expressions();
    Node x = e.input("x", 4);
    Node y = e.input("y");
    Node b0 = e.parameter("b0");
    Node beta = e.parameter("beta", 4);
    Node z = e.define("z", e.call("add", b0, e.call("dot", x, beta)));
    return e.model(e.call("subtract", e.call("softplus", z), e.call("multiply", y, z)));
  }

  private static Model softmax() {
    Expressions e = new Expressions();
    Node x = e.input("x", 3);
    Node t = e.input("t");
    Node w = e.parameter("W", 4, 3);
    Node b = e.parameter("b", 4);
    Node z = e.define("z", e.call("add", e.call("matmul", w, x), b));
    return e.model(
        e.call(
            "subtract",
            e.call("logsumexp", z),
            e.call("sum", e.call("multiply", z, e.call("sin", t)))));
  }

  private static Model network() {
    Expressions e = new Expressions();
    Node x = e.input("x", 3);
    Node y = e.input("y");
    Node w1 = e.parameter("W1", 4, 3);
    Node b1 = e.parameter("b1", 4);
    Node w2 = e.parameter("W2", 2, 4);
    Node b2 = e.parameter("b2", 2);
    Node w3 = e.parameter("w3", 2);
    Node b3 = e.parameter("b3");
    Node h1 = e.define("h1", e.call("tanh", e.call("add", e.call("matmul", w1, x), b1)));
    Node h2 = e.define("h2", e.call("tanh", e.call("add", e.call("matmul", w2, h1), b2)));
    Node f = e.define("f", e.call("add", e.call("dot", w3, h2), b3));
    return e.model(e.call("square", e.call("subtract", y, f)));
  }

  /** Each with its name, for parameterized tests. */
  static Stream<Arguments> cases() {
    return models().entrySet().stream().map(e -> Arguments.of(e.getKey(), e.getValue().get()));
  }
}
