package org.sparkcurvature.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;

/** Derivatives in index notation, as pencil and paper have them. */
class FormulasTest {

  private static List<String> formulas(Model model) {
    Request.Global global = Request.Global.NONE.withValue().withGradient().withHessian().withOpg();
    List<String> wrt = List.copyOf(model.parameters().keySet());
    return new DerivativeSpec(model, Request.by(wrt).withSums(global), Precision.DOUBLE, 1 << 20)
        .cost()
        .formulas();
  }

  @Test
  void linearPredictor() {
    Expressions e = new Expressions();
    Node x = e.input("x", 4);
    Node y = e.input("y");
    Node b0 = e.parameter("b0");
    Node beta = e.parameter("beta", 4);
    Node eta = e.define("eta", e.call("add", b0, e.call("dot", x, beta)));
    Model model = e.model(e.call("subtract", e.call("softplus", eta), e.call("multiply", y, eta)));
    assertThat(formulas(model))
        .containsExactly(
            "g[b0] = sum_m w_m g[eta]_m",
            "g[beta]_i = sum_m w_m g[eta]_m x_mi",
            "H[b0, b0] = sum_m w_m H[eta, eta]_m",
            "H[b0, beta]_i = sum_m w_m H[eta, eta]_m x_mi",
            "H[beta, beta]_ij = sum_m w_m H[eta, eta]_m x_mi x_mj",
            "G[b0] = sum_m w_m g[eta]_m g[eta]_m",
            "G[b0, beta]_i = sum_m w_m g[eta]_m g[eta]_m x_mi",
            "G[beta]_ij = sum_m w_m g[eta]_m x_mi g[eta]_m x_mj");
  }

  @Test
  void networkHasTheBracketOfFactorsThatDependOnOneAnother() {
    Expressions e = new Expressions();
    Node x = e.input("x", 3);
    Node w = e.parameter("W", 4, 3);
    Node v = e.parameter("v", 4);
    Node z = e.define("z", e.call("matmul", w, x));
    Node h = e.define("h", e.call("tanh", z));
    Node f = e.define("f", e.call("dot", v, h));
    assertThat(formulas(e.model(e.call("square", f))))
        .contains(
            "g[W]_ij = sum_m w_m g[z]_mi x_mj",
            // The diagonal that z's own second derivative has by tanh'' is in the dense part.
            "H[W, W]_ijkl = sum_m w_m H[z, z]_mik x_mj x_ml",
            "H[W, v]_ijk = sum_m (w_m H[f, z]_mi x_mj h_mk + w_m J[h, z]_mi g[f]_m x_mj 1[i=k])");
  }

  @Test
  void hessianByFewInputsOfANetworkIsASumOverWhatIsCurved() {
    Expressions e = new Expressions();
    Node x = e.input("x", 20);
    Node a = e.define("a", e.call("matmul", e.parameter("W", 32, 20), x));
    Node b = e.define("b", e.call("matmul", e.parameter("V", 16, 32), e.call("tanh", a)));
    Node h = e.define("h", e.call("tanh", b));
    Model model = e.model(e.call("dot", e.parameter("c", 16), h));
    Request.PerSample packed = Request.PerSample.NONE.withHessian(Request.SampleHessianForm.PACKED);
    Request request = Request.by("x").withSamples(packed);
    assertThat(new DerivativeSpec(model, request, Precision.DOUBLE, 1 << 20).cost().formulas())
        .containsExactly(
            "H[x, x]_mij = sum_k J'[a, x]_ik C[tanh(a)]_mk J'[a, x]_jk"
                + " + sum_k J'[b, x]_mik C[h]_mk J'[b, x]_mjk");
  }
}
