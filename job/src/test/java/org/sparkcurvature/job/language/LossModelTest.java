package org.sparkcurvature.job.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;

class LossModelTest {
  private static final Map<String, Shape> TENSORS =
      ordered("x", Shape.of(3), "y", Shape.SCALAR, "A", Shape.of(2, 3));
  private static final Map<String, Shape> PARAMETERS =
      ordered("beta", Shape.of(3), "b0", Shape.SCALAR, "W", Shape.of(4, 3));

  private static Map<String, Shape> ordered(
      String a, Shape sa, String b, Shape sb, String c, Shape sc) {
    Map<String, Shape> map = new LinkedHashMap<>();
    map.put(a, sa);
    map.put(b, sb);
    map.put(c, sc);
    return map;
  }

  private static LossModel parse(Map<String, String> definitions, String loss, String penalty) {
    return LossModel.parse(
        TENSORS.keySet(),
        PARAMETERS.keySet(),
        definitions,
        loss,
        penalty.isEmpty() ? Optional.empty() : Optional.of(penalty));
  }

  private static CompiledModel compile(Map<String, String> definitions, String loss) {
    return parse(definitions, loss, "").compile(TENSORS, PARAMETERS);
  }

  private static List<Fault> parseFaults(
      Map<String, String> definitions, String loss, String penalty) {
    return catchThrowableOfType(LanguageException.class, () -> parse(definitions, loss, penalty))
        .faults();
  }

  private static List<Fault> compileFaults(Map<String, String> definitions, String loss) {
    LossModel model = parse(definitions, loss, "");
    return catchThrowableOfType(LanguageException.class, () -> model.compile(TENSORS, PARAMETERS))
        .faults();
  }

  private static String marked(Fault fault) {
    return fault.formula().at(fault.span());
  }

  private static Map<String, String> definitions(String... namesAndTexts) {
    Map<String, String> map = new LinkedHashMap<>();
    for (int k = 0; k < namesAndTexts.length; k += 2) {
      map.put(namesAndTexts[k], namesAndTexts[k + 1]);
    }
    return map;
  }

  @Test
  void aModelDeclaresEverythingInOrder() {
    Model model =
        compile(definitions("eta", "b0 + dot(x, beta)", "h", "matmul(W, x)"), "exp(eta) - y * eta")
            .loss();
    assertThat(model.inputs().keySet()).containsExactly("x", "y", "A");
    assertThat(model.parameters().keySet()).containsExactly("beta", "b0", "W");
    assertThat(model.definitions().keySet()).containsExactly("eta", "h");
    assertThat(model.named("eta").shape()).isEqualTo(Shape.SCALAR);
    assertThat(model.named("h").shape()).isEqualTo(Shape.of(4));
    assertThat(model.loss().sampled()).isTrue();
    assertThat(model.unusedParameters()).containsExactly("W");
  }

  @Test
  void theOrderOfDefinitionsDoesNotMatter() {
    Model model =
        compile(definitions("c", "b + a", "b", "2 * a", "a", "dot(x, beta)"), "c * c").loss();
    assertThat(model.definitions().keySet()).containsExactly("c", "b", "a");
    Node a = model.named("a");
    assertThat(model.named("c").operands()).contains(a);
  }

  @Test
  void thousandsOfDefinitionsMayNeedOneAnother() {
    Map<String, String> definitions = new LinkedHashMap<>();
    for (int k = 5000; k > 0; k--) {
      definitions.put("h" + k, "tanh(b0 * h" + (k - 1) + ")");
    }
    definitions.put("h0", "dot(x, beta)");
    LossModel model = parse(definitions, "h5000 - y", "");
    assertThat(model.warnings()).anyMatch(warning -> warning.contains("W of model.parameters"));
    assertThat(model.compile(TENSORS, PARAMETERS).loss().graph().nodes())
        .hasSizeBetween(10_000, 10_010);
  }

  @Test
  void commonSubexpressionsAreOneNode() {
    Model model = compile(definitions("eta", "dot(x, beta)"), "square(dot(x, beta)) - eta").loss();
    assertThat(model.graph().nodes().stream().filter(n -> n.toString().equals("dot(x, beta)")))
        .hasSizeLessThanOrEqualTo(1);
    assertThat(model.graph().nodes()).contains(model.named("eta"));
  }

  @Test
  void cyclesAreShown() {
    List<Fault> faults =
        parseFaults(definitions("a", "b + 1", "b", "2 * c", "c", "exp(a)"), "a + y", "");
    assertThat(faults).hasSize(1);
    assertThat(faults.get(0).what()).endsWith("a -> b -> c -> a");
    assertThat(faults.get(0).path()).isEqualTo("model.define.c");
    assertThat(marked(faults.get(0))).isEqualTo("a");
    assertThat(parseFaults(definitions("a", "a + 1"), "y", "").get(0).what()).endsWith("a -> a");
    assertThat(
            parseFaults(definitions("a", "b", "b", "a", "c", "c * 2", "d", "a + c + d"), "y", ""))
        .extracting(fault -> fault.what().replaceFirst(".*: ", ""))
        .containsExactly("a -> b -> a", "c -> c", "d -> d");
  }

  @Test
  void faultsOfAllExpressionsAreReportedTogether() {
    List<Fault> faults =
        parseFaults(
            definitions("a", "foo(x)", "b", "a +", "c", "c"), "square(y - bta) ^ 2", "dot(x, x)");
    assertThat(faults)
        .extracting(Fault::path)
        .containsExactly(
            "model.define.a",
            "model.define.b",
            "model.loss",
            "model.loss",
            "model.define.c",
            "model.penalty",
            "model.penalty");
    assertThat(new LanguageException(faults).getMessage().lines().filter(l -> l.contains("^")))
        .hasSizeGreaterThanOrEqualTo(faults.size());
  }

  @Test
  void definitionsMayBeCalledLikeFunctions() {
    assertThat(compile(definitions("mean", "mean(x)", "e", "y"), "square(mean - e)").loss().loss())
        .isNotNull();
  }

  @Test
  void theMistakeOfMultiplyingElementByElementIsExplained() {
    List<Fault> faults = compileFaults(Map.of(), "square(y - x * beta)");
    assertThat(faults).hasSize(1);
    assertThat(faults.get(0).toString())
        .isEqualTo(
            """
            model.loss: column 12: the loss must be a scalar, and has the shape [3]: x * beta multiplies element by element; the product that adds up is dot(x, beta)
                square(y - x * beta)
                           ^^^^^^^^""");
    Fault turned = compileFaults(Map.of(), "square(y - beta * (x - 1))").get(0);
    assertThat(turned.remedy()).contains("dot(x - 1, beta)");
    Fault defined = compileFaults(definitions("eta", "b0 + beta * x"), "square(y - eta)").get(0);
    assertThat(defined.path()).isEqualTo("model.define.eta");
    assertThat(defined.remedy()).contains("dot(x, beta)");
    Fault other = compileFaults(Map.of(), "x - 1").get(0);
    assertThat(other.remedy()).isEqualTo("reduce it, as in sum(...) or mean(...)");
  }

  @Test
  void shapesThatDoNotMeetAreRefusedWhereTheyDoNot() {
    Fault sum = compileFaults(Map.of(), "y + sum(x + matmul(A, x))").get(0);
    assertThat(marked(sum)).isEqualTo("x + matmul(A, x)");
    assertThat(sum.what()).contains("[3]").contains("[2]");
    Fault product = compileFaults(Map.of(), "sum(W * x)").get(0);
    assertThat(product.remedy()).contains("matmul(W, x)");
    Fault index = compileFaults(Map.of(), "y + x[3]").get(0);
    assertThat(marked(index)).isEqualTo("x[3]");
    Fault scalar = compileFaults(Map.of(), "x[0] + y[0]").get(0);
    assertThat(marked(scalar)).isEqualTo("y[0]");
    Fault arguments = compileFaults(Map.of(), "exp(y, y)").get(0);
    assertThat(marked(arguments)).isEqualTo("exp(y, y)");
    Fault axis = compileFaults(Map.of(), "sum(x, axis => 1)").get(0);
    assertThat(axis.what()).contains("axis");
  }

  @Test
  void shapeFaultsOfAllExpressionsAreReportedTogetherAndOnce() {
    LossModel model =
        parse(
            definitions("p", "dot(beta, W)", "q", "p + 1", "unused", "x + W"),
            "q + dot(x, A)",
            "p + sum(beta) + dot(beta, b0)");
    List<Fault> faults =
        catchThrowableOfType(LanguageException.class, () -> model.compile(TENSORS, PARAMETERS))
            .faults();
    assertThat(faults)
        .extracting(LossModelTest::marked)
        .containsExactly("dot(beta, W)", "x + W", "dot(x, A)", "dot(beta, b0)");
  }

  @Test
  void thePenaltyIsAModelOfParametersAlone() {
    LossModel model =
        parse(definitions("s", "dot(beta, beta)", "eta", "dot(x, beta)"), "eta", "0.5 * s");
    Model penalty = model.compile(TENSORS, PARAMETERS).penalty().orElseThrow();
    assertThat(penalty.inputs()).isEmpty();
    assertThat(penalty.parameters().keySet()).containsExactly("beta", "b0", "W");
    assertThat(penalty.loss().sampled()).isFalse();
    assertThat(parse(Map.of(), "y", "").compile(TENSORS, PARAMETERS).penalty()).isEmpty();
  }

  @Test
  void aPenaltyOfSamplesIsRefused() {
    Map<String, String> definitions = definitions("eta", "dot(x, beta)", "z", "2 * eta");
    List<Fault> faults = parseFaults(definitions, "eta", "b0 * y + z");
    assertThat(faults).extracting(LossModelTest::marked).containsExactly("y", "z");
    assertThat(faults.get(0).what()).startsWith("y is an input tensor");
    assertThat(faults.get(1).what()).startsWith("z depends on the input tensor x");
    LossModel vector = parse(Map.of(), "y", "beta * 2");
    Fault fault =
        catchThrowableOfType(LanguageException.class, () -> vector.compile(TENSORS, PARAMETERS))
            .faults()
            .get(0);
    assertThat(fault.what()).isEqualTo("the penalty must be a scalar, and has the shape [3]");
  }

  @Test
  void whatIsNeverUsedIsWarnedOf() {
    assertThat(parse(Map.of(), "y * sum(A) + dot(x, beta) + b0 + sum(W)", "").warnings()).isEmpty();
    assertThat(parse(Map.of(), "y + dot(x, beta)", "square(b0)").warnings())
        .containsExactly(
            "Neither the loss nor the penalty uses W of model.parameters: derivatives with respect to it are 0.",
            "No expression uses A of input.tensors; it is read and checked.");
    assertThat(
            parse(definitions("d", "sum(x) + y + sum(A)"), "sum(W) + b0 + sum(beta)", "")
                .warnings())
        .containsExactly("The loss uses no input tensor: it is the same for every sample.");
  }

  @Test
  void shapesMustBeGivenForExactlyTheNames() {
    LossModel model = parse(Map.of(), "y", "");
    assertThat(
            catchThrowableOfType(
                IllegalArgumentException.class, () -> model.compile(Map.of(), PARAMETERS)))
        .hasMessageContaining("[A, x, y]");
    assertThat(
            LossModel.parse(Set.of(), Set.of("t"), Map.of(), "t * t", Optional.empty())
                .compile(Map.of(), Map.of("t", Shape.SCALAR))
                .loss()
                .loss()
                .shape())
        .isEqualTo(Shape.SCALAR);
  }

  @Test
  void everyConstructReachesCore() {
    Model model =
        compile(
                Map.of(),
                "CASE WHEN y BETWEEN 0 AND 1 THEN softplus(b0) WHEN y IN (2, 3) THEN IF(NOT y = 2, 1, -b0)"
                    + " ELSE matmul(W, x)[y] - logsumexp(W, axis => 1)[0] / pi() END")
            .loss();
    assertThat(model.loss().shape()).isEqualTo(Shape.SCALAR);
    assertThat(model.loss().sampled()).isTrue();
  }
}
