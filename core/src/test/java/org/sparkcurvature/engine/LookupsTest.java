package org.sparkcurvature.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;

/** What is looked up by an index of each sample costs what is found there, not the whole table. */
class LookupsTest {
  private static final int GROUPS = 5_000;

  private static DerivativeSpec spec(Model model, Request.Global global) {
    return new DerivativeSpec(
        model,
        Request.by(List.copyOf(model.parameters().keySet())).withSums(global),
        Precision.DOUBLE,
        64 << 20);
  }

  private static Model groupCoefficients() {
    Expressions e = new Expressions();
    Node x = e.input("x", 3);
    Node found = e.call("index", e.parameter("B", GROUPS, 3), e.input("group"));
    return e.model(e.call("softplus", e.define("z", e.call("dot", found, x))));
  }

  /** A classifier of the mean of the embeddings of 64 tokens. */
  private static Model tokens(int words) {
    Expressions e = new Expressions();
    Node found = e.call("index", e.parameter("E", words, 8), e.input("t", 64));
    Node mean = e.along("mean", 0, e.call("tanh", found));
    Node z = e.call("matmul", e.parameter("W", 5, 8), mean);
    return e.model(e.call("cross_entropy", z, e.input("y")));
  }

  private static Request.Global parts(Request.Rectangle... parts) {
    return Request.Global.NONE.withHessian().withParts(List.of(parts));
  }

  @Test
  void nothingOfTheTablesSizeIsMadeForASample() {
    Request.Global gradient =
        Request.Global.NONE.withValue().withGradient().withHessian(Request.HessianForm.DIAGONAL);
    DerivativeSpec.Cost cost = spec(groupCoefficients(), gradient).cost();
    assertThat(cost.bytesPerSample()).isLessThan(1_000);
    assertThat(cost.operationsPerSample()).isLessThan(100);
    assertThat(cost.steps()).anyMatch(step -> step.contains("sums by index [M, 3] -> [15000]"));
  }

  @Test
  void aTileOfTheHessianCostsWhatFallsIntoIt() {
    DerivativeSpec.Cost cost =
        spec(groupCoefficients(), parts(new Request.Rectangle(512, 1024, 512, 2048))).cost();
    assertThat(cost.bytesPerSample()).isLessThan(1_000);
    assertThat(cost.operationsPerSample()).isLessThan(200);
  }

  @Test
  void aVectorOfIndicesIsOneLookup() {
    Request.Global gradient = Request.Global.NONE.withValue().withGradient();
    DerivativeSpec.Cost cost = spec(tokens(1000), gradient).cost();
    assertThat(cost.bytesPerSample()).isLessThan(30_000);
    DerivativeSpec.Cost large = spec(tokens(100_000), gradient).cost();
    assertThat(large.bytesPerSample()).isLessThan(30_000);
    assertThat(large.operationsPerSample()).isEqualTo(cost.operationsPerSample());
    assertThat(cost.steps()).hasSizeLessThan(40);
    assertThat(cost.steps()).anyMatch(step -> step.contains("sums by index [M, 512] -> [8000]"));
    assertThat(cost.formulas()).contains("g[E]_ij = sum_m sum_k w_m g[E[t]]_mkj 1[t_mk=i]");
    Request.Global hessian = Request.Global.NONE.withValue().withGradient().withHessian();
    assertThat(spec(tokens(20), hessian).cost().steps()).hasSizeLessThan(100);
  }

  @Test
  void formulasSayWhereSumsGo() {
    Request.Global full =
        Request.Global.NONE.withGradient().withHessian(Request.HessianForm.DIAGONAL);
    assertThat(spec(groupCoefficients(), full).cost().formulas())
        .contains("g[B]_ij = sum_m w_m g[z]_m x_mj 1[group_m=i]");
  }
}
