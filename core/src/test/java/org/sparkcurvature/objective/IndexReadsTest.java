package org.sparkcurvature.objective;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;

/** Whether a sample reads an index, by the branches that it takes. */
class IndexReadsTest {

  /** CASE WHEN y = 3 THEN square(b) WHEN {@code second} THEN c[y] ELSE b END. */
  private static Model model(boolean byParameter) {
    Expressions e = new Expressions();
    Node y = e.input("y");
    Node b = e.parameter("b");
    Node c = e.parameter("c", 3);
    Node second = e.call("greater", byParameter ? b : y, e.constant(1));
    Node inner = e.call("where", second, e.call("index", c, y), b);
    return e.model(e.call("where", e.call("equal", y, e.constant(3)), e.call("square", b), inner));
  }

  private static boolean isRead(Model model, double y) {
    return new IndexReads(model).isRead("y", Map.of("y", new double[] {y}));
  }

  @Test
  void onlyInTheBranchThatIsTaken() {
    Model model = model(false);
    assertThat(isRead(model, 3)).isFalse();
    assertThat(isRead(model, 0)).isFalse();
    assertThat(isRead(model, 2)).isTrue();
    assertThat(isRead(model, 5)).isTrue();
  }

  @Test
  void inBothBranchesWhereAParameterDecides() {
    Model model = model(true);
    assertThat(isRead(model, 3)).isFalse();
    assertThat(isRead(model, 0)).isTrue();
  }

  @Test
  void conditionsOfElementsThatDiffer() {
    Expressions e = new Expressions();
    Node x = e.input("x", 2);
    Node y = e.input("y");
    Node found = e.call("index", e.parameter("c", 3), y);
    Node taken = e.call("where", e.call("greater", x, e.constant(0)), found, e.constant(0));
    IndexReads reads = new IndexReads(e.model(e.call("sum", taken)));
    double[] outside = {7};
    assertThat(reads.isRead("y", Map.of("x", new double[] {-1, -2}, "y", outside))).isFalse();
    assertThat(reads.isRead("y", Map.of("x", new double[] {-1, 2}, "y", outside))).isTrue();
  }
}
