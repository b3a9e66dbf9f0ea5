package org.sparkcurvature.job.result;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.sparkcurvature.engine.Layout;
import org.sparkcurvature.graph.Shape;

class ElementNamesTest {
  private final ElementNames names =
      ElementNames.of(Map.of("beta", List.of("lncoins", "idp"), "c", List.of("age")));

  @Test
  void labelsComeFirstAndPositionsOtherwise() {
    assertThat(names.names("b0", Shape.SCALAR)).containsExactly("b0");
    assertThat(names.names("beta", Shape.of(2))).containsExactly("beta[lncoins]", "beta[idp]");
    assertThat(names.names("c", Shape.of(1))).containsExactly("c[age]");
    assertThat(names.names("v", Shape.of(2))).containsExactly("v[0]", "v[1]");
    assertThat(names.names("W", Shape.of(2, 2)))
        .containsExactly("W[0, 0]", "W[0, 1]", "W[1, 0]", "W[1, 1]");
  }

  @Test
  void labelsThatAreNotOneForEachElementAreLeftAside() {
    assertThat(names.names("beta", Shape.of(3))).containsExactly("beta[0]", "beta[1]", "beta[2]");
  }

  @Test
  void theFlattenedVectorHasAllOfThem() {
    Layout layout =
        new Layout(
            List.of(
                new Layout.Entry("b0", 0, Shape.SCALAR), new Layout.Entry("beta", 1, Shape.of(2))));
    assertThat(names.names(layout)).containsExactly("b0", "beta[lncoins]", "beta[idp]");
  }
}
