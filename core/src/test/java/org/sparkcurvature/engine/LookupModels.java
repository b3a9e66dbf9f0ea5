package org.sparkcurvature.engine;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;

/** The ways in which a parameter can be looked up by an index of each sample, one model each. */
final class LookupModels {
  /** Rows of tables: enough for sums by index to cost less than products with one-hot vectors. */
  private static final int ROWS = 8;

  private LookupModels() {}

  /** An index of a row, another for each sample. */
  private static Node index(Expressions e, String name) {
    Node bits = e.input(name, 3);
    Node index = e.constant(0);
    for (int k = 0; k < 3; k++) {
      Node bit = e.call("less", e.constant(0), e.call("index", bits, e.constant(k)));
      index = e.call("add", index, e.call("multiply", e.constant(1 << k), bit));
    }
    return index;
  }

  static Map<String, Supplier<Model>> all() {
    Map<String, Supplier<Model>> models = new TreeMap<>();
    models.put("looked up: an intercept of each group", LookupModels::groupIntercepts);
    models.put("looked up: coefficients of each group", LookupModels::groupCoefficients);
    models.put("looked up: products of vectors of two tables", LookupModels::factorisation);
    models.put("looked up: differences within one table", LookupModels::pairedComparison);
    models.put("looked up: an element of a matrix", LookupModels::elements);
    models.put("looked up: a vector that goes on into a network", LookupModels::embedding);
    models.put("looked up: rows of a matrix that is a factor as well", LookupModels::tied);
    models.put("looked up: in what is made of parameters", LookupModels::rearranged);
    models.put("looked up: in a branch", LookupModels::branches);
    models.put("looked up: a row and an element of it by another index", LookupModels::rowTwice);
    models.put("looked up: several of which some are equal", LookupModels::several);
    models.put("looked up: several shares of which some are equal", LookupModels::severalShares);
    return models;
  }

  private static Model groupIntercepts() {
    Expressions e = new Expressions();
    Node x = e.input("x", 3);
    Node y = e.input("y");
    Node a = e.parameter("a", ROWS);
    Node beta = e.parameter("beta", 3);
    Node z =
        e.define("z", e.call("add", e.call("index", a, index(e, "i")), e.call("dot", x, beta)));
    return e.model(e.call("subtract", e.call("softplus", z), e.call("multiply", y, z)));
  }

  private static Model groupCoefficients() {
    Expressions e = new Expressions();
    Node x = e.input("x", 3);
    Node b = e.parameter("B", ROWS, 3);
    Node gamma = e.parameter("gamma", 3);
    Node own = e.call("dot", e.call("index", b, index(e, "i")), x);
    return e.model(e.call("softplus", e.call("add", own, e.call("dot", x, gamma))));
  }

  private static Model factorisation() {
    Expressions e = new Expressions();
    Node y = e.input("y");
    Node u = e.parameter("U", ROWS, 2);
    Node v = e.parameter("V", ROWS, 2);
    Node fit = e.call("dot", e.call("index", u, index(e, "i")), e.call("index", v, index(e, "j")));
    return e.model(e.call("square", e.call("subtract", y, e.define("fit", fit))));
  }

  private static Model pairedComparison() {
    Expressions e = new Expressions();
    Node s = e.parameter("s", ROWS);
    Node difference =
        e.call("subtract", e.call("index", s, index(e, "i")), e.call("index", s, index(e, "j")));
    return e.model(e.call("softplus", difference));
  }

  private static Model elements() {
    Expressions e = new Expressions();
    Node w = e.parameter("W", ROWS, ROWS);
    Node row = e.call("index", w, index(e, "i"));
    return e.model(e.call("exp", e.call("index", row, index(e, "j"))));
  }

  private static Model embedding() {
    Expressions e = new Expressions();
    Node x = e.input("x", 2);
    Node u = e.parameter("U", ROWS, 2);
    Node w = e.parameter("W", 3, 4);
    Node h = e.call("concat", e.call("tanh", e.call("index", u, index(e, "i"))), x);
    return e.model(e.call("logsumexp", e.call("matmul", w, h)));
  }

  private static Model tied() {
    Expressions e = new Expressions();
    Node x = e.input("x", 2);
    Node w = e.parameter("W", ROWS, 2);
    Node logits = e.call("matmul", w, e.call("sin", e.call("add", x, found(e, w))));
    return e.model(e.call("logsumexp", logits));
  }

  private static Node found(Expressions e, Node table) {
    return e.call("index", table, index(e, "i"));
  }

  private static Model rearranged() {
    Expressions e = new Expressions();
    Node x = e.input("x", 2);
    Node theta = e.parameter("theta", ROWS);
    Node b = e.parameter("b", ROWS);
    Node s = e.parameter("s", ROWS);
    Node table =
        e.call(
            "transpose",
            e.call("reshape", e.call("concat", theta, b), e.constant(2), e.constant(ROWS)));
    Node own = e.call("dot", found(e, table), x);
    Node scale = e.call("index", e.call("exp", s), index(e, "j"));
    return e.model(e.call("square", e.call("multiply", own, scale)));
  }

  private static Model branches() {
    Expressions e = new Expressions();
    Node x = e.input("x");
    Node a = e.parameter("a", ROWS);
    Node b = e.parameter("b", ROWS);
    Node i = index(e, "i");
    Node outside = e.call("subtract", i, e.constant(3));
    Node taken = e.call("less", outside, e.constant(0));
    Node then = e.call("multiply", e.call("index", a, i), x);
    Node otherwise = e.call("exp", e.call("index", b, outside));
    return e.model(e.call("square", e.call("where", taken, then, otherwise)));
  }

  /** An index of four elements, the first and the last of them equal: a mean of embeddings. */
  private static Model several() {
    Expressions e = new Expressions();
    Node table = e.parameter("E", ROWS, 2);
    Node offsets = e.parameter("P", 4, 2);
    Node i = index(e, "i");
    Node all = e.call("concat", i, index(e, "j"), index(e, "k"), i);
    Node words = e.call("add", e.call("index", table, all), offsets);
    return e.model(e.call("square", e.call("sum", e.call("tanh", words))));
  }

  private static Model severalShares() {
    Expressions e = new Expressions();
    Node i = index(e, "i");
    Node all = e.call("concat", i, index(e, "j"), i);
    Node logarithms = e.along("log_softmax", 0, e.parameter("E", ROWS, 2));
    return e.model(e.call("square", e.call("logsumexp", e.call("index", logarithms, all))));
  }

  private static Model rowTwice() {
    Expressions e = new Expressions();
    Node x = e.input("x", ROWS);
    Node w = e.parameter("W", ROWS, ROWS);
    Node row = e.call("index", w, index(e, "i"));
    Node one = e.call("index", row, index(e, "j"));
    return e.model(e.call("multiply", e.call("tanh", e.call("dot", row, x)), one));
  }
}
