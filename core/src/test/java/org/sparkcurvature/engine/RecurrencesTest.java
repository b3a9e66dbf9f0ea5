package org.sparkcurvature.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.sparkcurvature.graph.Model;

/** Planning of losses that are written out step by step. */
class RecurrencesTest {
  private static DerivativeSpec.Cost cost(Model model) {
    return new DerivativeSpec(
            model,
            Request.by(List.copyOf(model.parameters().keySet()))
                .withSums(Request.Global.NONE.withValue().withGradient().withHessian()),
            Precision.DOUBLE,
            64 << 20)
        .cost();
  }

  /** Second derivatives between the steps two by two would be four times as many. */
  @Test
  void twiceTheStepsCostTwiceAsMuch() {
    DerivativeSpec.Cost cost = cost(Recurrences.network(10, 2, 2));
    DerivativeSpec.Cost twice = cost(Recurrences.network(20, 2, 2));
    assertThat(twice.operationsPerSample()).isLessThan(2.2 * cost.operationsPerSample());
    assertThat(twice.steps().size()).isLessThan(22 * cost.steps().size() / 10);
  }

  /** Hours, were any pass to look through all steps for each of them. */
  @Test
  @Timeout(value = 3, unit = TimeUnit.MINUTES)
  void hundredsOfDefinitionsArePlanned() {
    assertThat(cost(Recurrences.variances(200)).steps()).hasSizeBetween(2_000, 20_000);
  }
}
