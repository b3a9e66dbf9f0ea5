package org.sparkcurvature.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;

/** Which elements of its tensors a sample reads, by the branches that it takes. */
class InputReadsTest {

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
    return !indices(model, Map.of("y", new double[] {y})).isEmpty();
  }

  private static BitSet indices(Model model, Map<String, double[]> sample) {
    return new InputReads(model, List.of()).of(sample).indices("y");
  }

  private static BitSet elements(Model model, String input, Map<String, double[]> sample) {
    return new InputReads(model, List.of()).of(sample).elements(input);
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
    Model model = e.model(e.call("sum", taken));
    double[] outside = {7};
    assertThat(indices(model, Map.of("x", new double[] {-1, -2}, "y", outside)).isEmpty()).isTrue();
    assertThat(indices(model, Map.of("x", new double[] {-1, 2}, "y", outside)).isEmpty()).isFalse();
  }

  private static BitSet of(int... elements) {
    BitSet set = new BitSet();
    for (int element : elements) {
      set.set(element);
    }
    return set;
  }

  /** The sum of CASE WHEN s THEN square(y - b) ELSE b END over elements. */
  @Test
  void elementsOfWhichTheConditionHolds() {
    Expressions e = new Expressions();
    Node b = e.parameter("b");
    Node observed = e.call("square", e.call("subtract", e.input("y", 3), b));
    Model model = e.model(e.call("sum", e.call("where", e.input("s", 3), observed, b)));
    Map<String, double[]> sample =
        Map.of("s", new double[] {1, 0, 1}, "y", new double[] {1, Double.NaN, Double.NaN});
    assertThat(elements(model, "y", sample)).isEqualTo(of(0, 2));
    assertThat(elements(model, "s", sample)).isEqualTo(of(0, 1, 2));
  }

  /** Element 1 of [u, v], and the row of a product that a slice takes. */
  @Test
  void elementsThatSlicesConcatenationsAndProductsTake() {
    Expressions e = new Expressions();
    Node s = e.input("s");
    Node joined = e.call("concat", e.input("u", 2), e.input("v", 2));
    Node third = e.call("sum", e.call("slice", joined, e.constant(2), e.constant(1)));
    Node product = e.call("matmul", e.input("X", 2, 3), e.parameter("b", 3));
    Node second = e.call("index", product, e.constant(1));
    Model model = e.model(e.call("where", s, third, second));
    double[] two = {1, 2};
    double[] six = {1, 2, 3, 4, 5, 6};
    Map<String, double[]> taken = Map.of("s", new double[] {1}, "u", two, "v", two, "X", six);
    Map<String, double[]> other = Map.of("s", new double[] {0}, "u", two, "v", two, "X", six);
    assertThat(elements(model, "u", taken)).isEqualTo(of());
    assertThat(elements(model, "v", taken)).isEqualTo(of(0));
    assertThat(elements(model, "X", taken)).isEqualTo(of());
    assertThat(elements(model, "v", other)).isEqualTo(of());
    assertThat(elements(model, "X", other)).isEqualTo(of(3, 4, 5));
  }

  @Test
  void definitionsThatAreAskedForAreReadByEverySample() {
    Expressions e = new Expressions();
    Node y = e.call("square", e.input("y"));
    Node loss = e.call("where", e.input("s"), y, e.parameter("b"));
    Model plain = e.model(loss);
    Model model =
        new Model(plain.graph(), plain.inputs(), plain.parameters(), Map.of("z", y), plain.loss());
    Map<String, double[]> sample = Map.of("s", new double[] {0}, "y", new double[] {Double.NaN});
    assertThat(new InputReads(model, List.of()).of(sample).elements("y")).isEqualTo(of());
    assertThat(new InputReads(model, List.of("z")).of(sample).elements("y")).isEqualTo(of(0));
  }
}
