package org.sparkcurvature.job.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparkcurvature.graph.Shape;

class ModelRulesTest {

  private static ParameterConfig parameter(String plus) {
    return Given.base("input.tensors { f = features }\n model.parameters { p " + plus + " }")
        .decode()
        .model()
        .parameters()
        .get("p");
  }

  private static InitialValues given(double... values) {
    return new InitialValues.Given(values);
  }

  private static ParameterConfig plain(Shape shape, InitialValues initial) {
    return new ParameterConfig(Optional.of(shape), Optional.empty(), List.of(), initial);
  }

  @Test
  void parametersOfEveryForm() {
    assertThat(parameter("= 0.7")).isEqualTo(plain(Shape.SCALAR, given(0.7)));
    assertThat(parameter("= [1, 2, 3]")).isEqualTo(plain(Shape.of(3), given(1, 2, 3)));
    assertThat(parameter("{ shape = [], fill = 2 }"))
        .isEqualTo(plain(Shape.SCALAR, new InitialValues.Fill(2)));
    assertThat(parameter("{ shape = [8, 3], normal { scale = 0.1, seed = 7 } }"))
        .isEqualTo(plain(Shape.of(8, 3), new InitialValues.Normal(0.1, 7)));
    assertThat(parameter("{ value = [[1, 2], [3, 4], [5, 6]] }"))
        .isEqualTo(plain(Shape.of(3, 2), given(1, 2, 3, 4, 5, 6)));
    assertThat(parameter("{ shape = [2, 2], value = [1, 2, 3, 4] }"))
        .isEqualTo(plain(Shape.of(2, 2), given(1, 2, 3, 4)));
    assertThat(parameter("{ shape = [1], value = 5 }")).isEqualTo(plain(Shape.of(1), given(5)));
    assertThat(parameter("{ labels = x, value = [5, 6] }"))
        .isEqualTo(
            new ParameterConfig(
                Optional.of(Shape.of(2)), Optional.of("x"), List.of("a", "ln(b)"), given(5, 6)));
    assertThat(parameter("{ labels = y, fill = 1 }"))
        .as("y may be an array column")
        .isEqualTo(
            new ParameterConfig(
                Optional.empty(), Optional.of("y"), List.of(), new InitialValues.Fill(1)));
    assertThat(parameter("{ labels = f, value = [5, 6] }"))
        .as("the first row decides f's shape, perhaps [1, 2]")
        .isEqualTo(new ParameterConfig(Optional.empty(), Optional.of("f"), List.of(), given(5, 6)));
  }

  @Test
  void restOfTheBlock() {
    ModelConfig model =
        Given.base("model { define { k = 2, zz = eta }, penalty = \"0.1 * b0\", likelihood = on }")
            .decode()
            .model();

    assertThat(model.definitions())
        .isEqualTo(Map.of("eta", "b0 + dot(x, beta)", "k", "2", "zz", "eta"));
    assertThat(model.loss()).isEqualTo("square(y - eta)");
    assertThat(model.penalty()).contains("0.1 * b0");
    assertThat(model.likelihood()).isTrue();
    assertThat(Given.base().decode().model().penalty()).isEmpty();
    assertThat(Given.base().decode().model().likelihood()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '¦',
      textBlock =
          """
          model.parameters.p = text              ¦ model.parameters.p (plus.conf:2): must be a finite number, but is the text "text"; change the value
          model.parameters.p = true              ¦ model.parameters.p (plus.conf:2): must be a finite number, but is true; change the value
          model.parameters.p = 1e400             ¦ model.parameters.p (plus.conf:2): must be a finite number, but is 1e400; change the value
          model.parameters.p = nan               ¦ model.parameters.p (plus.conf:2): must be a finite number, but is the text "nan"; change the value
          model.parameters.p = []                ¦ model.parameters.p (plus.conf:2): must be a number or a list of numbers, but is a list; change the value
          model.parameters.p = [[1, 2], [3]]     ¦ model.parameters.p (plus.conf:2): is ragged: its elements differ in length; make all rows equally long
          model.parameters.p = [1, x]            ¦ model.parameters.p[1] (plus.conf:2): must be a finite number, but is the text "x"; change the value
          model.parameters.p {}                  ¦ model.parameters.p (plus.conf:2): has no shape; give shape = [3], or labels = a tensor of the same shape
          model.parameters.p { fill = 0 }        ¦ model.parameters.p (plus.conf:2): has no shape; give shape = [3], or labels = a tensor of the same shape
          model.parameters.p { shape = [2] }     ¦ model.parameters.p (plus.conf:2): has no value; give fill = 0.0, normal { scale = 0.1, seed = 7 } or value = [...], or parameters-from
          model.parameters.p { labels = x }      ¦ model.parameters.p (plus.conf:2): has no value; give fill = 0.0, normal { scale = 0.1, seed = 7 } or value = [...], or parameters-from
          model.parameters.p { shape = [2], labels = x, fill = 0 } ¦ model.parameters.p.labels (plus.conf:2): shape and labels are both there, but a parameter's shape comes from one of them; keep one
          model.parameters.p { shape = [2], fill = 0, value = [1, 2] } ¦ model.parameters.p.value (plus.conf:2): fill and value are both there, but a parameter's value comes from one of them; keep one
          model.parameters.p { labels = xx, fill = 0 } ¦ model.parameters.p.labels (plus.conf:2): names no tensor: xx; name one of x, y
          model.parameters.p { labels = b0, fill = 0 } ¦ model.parameters.p.labels (plus.conf:2): names no tensor: b0; name one of x, y
          model.parameters.p { shape = [3], value = [1, 2] } ¦ model.parameters.p.value (plus.conf:2): has 2 values for the shape [3] of 3 elements; give one value an element, row-major
          model.parameters.p { labels = x, value = [1] }     ¦ model.parameters.p.value (plus.conf:2): has 1 values for the shape [2] of 2 elements; give one value an element, row-major
          model.parameters.p { shape = [4, 1], value = [[1, 2], [3, 4]] } ¦ model.parameters.p.value (plus.conf:2): is written as [2, 2] for the shape [4, 1]; give one value an element, row-major
          model.parameters.p { shape = [2], normal { seed = 1 } } ¦ model.parameters.p.normal.scale: is missing; give the standard deviation: scale = 0.1
          model.parameters.p { shape = [2], normal { scale = 1 } } ¦ model.parameters.p.normal.seed: is missing; give the generator's seed, so that runs can be repeated: seed = 7
          model.parameters.p { shape = [2], normal { scale = -1, seed = 1 } } ¦ model.parameters.p.normal.scale (plus.conf:2): must be a number of at least 0, but is -1; change the value
          model.parameters.p { shape = [2], normal { scale = 1, seed = 0.5 } } ¦ model.parameters.p.normal.seed (plus.conf:2): must be a whole number, but is 0.5; change the value
          model.parameters.p { shape = [2], normal { scale = 1, seed = 1, sead = 2 } } ¦ model.parameters.p.normal.sead (plus.conf:2): is an unknown key; did you mean seed?
          model.parameters.p { shape = [2], fil = 0 } ¦ model.parameters.p.fil (plus.conf:2): is an unknown key; did you mean fill?
          model.parameters.eta = 1               ¦ model.define.eta (base.conf:5): the name eta is used twice: as parameter at model.parameters.eta (plus.conf:2), and as definition here; rename one of them
          model.parameters."a-b" = 1             ¦ model.parameters.a-b (plus.conf:2): the name "a-b" is no identifier; use letters, digits and _, and no digit first
          model.define.x = y                     ¦ model.define.x (plus.conf:2): the name x is used twice: as tensor at input.tensors.x (base.conf:2), and as definition here; rename one of them
          model.define.loss = y                  ¦ model.define.loss (plus.conf:2): the name loss is taken by model.loss; rename it
          model.define.z = [y]                   ¦ model.define.z (plus.conf:2): must be text, but is a list; change the value
          model.define.z = ""                    ¦ model.define.z (plus.conf:2): is empty; write a value or leave the key out
          model.loss = null                      ¦ model.loss (plus.conf:2): is null, but needs a value; give one sample's loss, as in loss = "square(y - dot(x, beta))"
          model.loss = [y]                       ¦ model.loss (plus.conf:2): must be text, but is a list; change the value
          model.los = y                          ¦ model.los (plus.conf:2): is an unknown key; did you mean loss?
          model.penalty = {}                     ¦ model.penalty (plus.conf:2): must be text, but is a block; change the value
          model.likelihood = perhaps             ¦ model.likelihood (plus.conf:2): must be true or false, but is the text "perhaps"; change the value
          """)
  void refusals(String plus, String line) {
    Given.base(plus).isRefused(line);
  }

  private static final String FROM = "model.parameters-from = \"p.json\"";

  private static Given from(String json) {
    return Given.base(FROM).file("p.json", json);
  }

  @Test
  void aFileWinsOverValuesAndNeedsNoDeclaration() {
    Map<String, ParameterConfig> parameters =
        from("""
                {"beta": {"shape": [2], "values": [7, -1.5e0], "std_error": [1, 1]},
                 "W": {"shape": [1, 2], "values": [0.125, 3.0], "labels": ["u", "v"]}}
                """)
            .decode()
            .model()
            .parameters();

    assertThat(parameters)
        .containsOnlyKeys("b0", "beta", "W")
        .containsEntry("b0", plain(Shape.SCALAR, given(0.5)))
        .containsEntry(
            "beta",
            new ParameterConfig(
                Optional.of(Shape.of(2)), Optional.of("x"), List.of("a", "ln(b)"), given(7, -1.5)))
        .containsEntry(
            "W",
            new ParameterConfig(
                Optional.of(Shape.of(1, 2)), Optional.empty(), List.of("u", "v"), given(0.125, 3)));
  }

  @Test
  void aFileGivesShapeAndValueToAnEmptyDeclaration() {
    assertThat(
            Given.base(FROM + "\n model.parameters.p {}")
                .file("p.json", "{\"p\": {\"shape\": [], \"values\": [3]}}")
                .decode()
                .model()
                .parameters())
        .containsEntry("p", plain(Shape.SCALAR, given(3)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '¦',
      quoteCharacter = '`',
      textBlock =
          """
          {"a": 1                                     ¦ p.json:1 is not JSON (Unexpected end-of-input: expected close marker for Object (start marker at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 1])); give a parameters.json as `fit` writes it
          [1]                                         ¦ p.json: holds no JSON object; give a file such as {"beta": {"shape": [2], "values": [0.1, 0.2]}}
          {"beta": [1, 2]}                            ¦ p.json: beta has no lists "shape" and "values"; give a file such as {"beta": {"shape": [2], "values": [0.1, 0.2]}}
          {"beta": {"shape": [2.5], "values": [1]}}   ¦ p.json: beta.shape holds 2.5, no whole number of at least 1; give a file such as {"beta": {"shape": [2], "values": [0.1, 0.2]}}
          {"beta": {"shape": [0], "values": []}}      ¦ p.json: beta.shape holds 0, no whole number of at least 1; give a file such as {"beta": {"shape": [2], "values": [0.1, 0.2]}}
          {"beta": {"shape": [2], "values": [1]}}     ¦ p.json: beta has 1 values for the shape [2] of 2 elements; give a file such as {"beta": {"shape": [2], "values": [0.1, 0.2]}}
          {"beta": {"shape": [1], "values": ["1"]}}   ¦ p.json: beta.values[0] is "1", no finite number; give a file such as {"beta": {"shape": [2], "values": [0.1, 0.2]}}
          {"beta": {"shape": [1], "values": [null]}}  ¦ p.json: beta.values[0] is null, no finite number; give a file such as {"beta": {"shape": [2], "values": [0.1, 0.2]}}
          {"beta": {"shape": [2], "values": [1, 2], "labels": ["a"]}} ¦ p.json: beta has 1 labels for 2 elements; give a file such as {"beta": {"shape": [2], "values": [0.1, 0.2]}}
          """)
  void filesThatAreRefused(String json, String message) {
    List<Problem> problems = from(json).problems();

    assertThat(problems).hasSize(1);
    assertThat(problems.get(0).path()).isEqualTo("model.parameters-from");
    assertThat(problems.get(0).location()).contains("plus.conf:2");
    if (json.equals("{\"a\": 1")) {
      assertThat(problems.get(0).what())
          .startsWith("p.json:1 is not JSON (Unexpected end-of-input");
    } else {
      assertThat(problems.get(0).what() + "; " + problems.get(0).remedy()).isEqualTo(message);
    }
  }

  @Test
  void aFileTwiceOfOneNameIsRefused() {
    String entry = "\"p\": {\"shape\": [], \"values\": [1]}";
    assertThat(from("{" + entry + ",\n" + entry + "}").problems())
        .singleElement()
        .extracting(Problem::what)
        .asString()
        .startsWith("p.json:2 is not JSON (Duplicate field 'p'");
  }

  @Test
  void aFileOfOtherShapeIsRefused() {
    from("{\"beta\": {\"shape\": [3], \"values\": [1, 2, 3]}}")
        .isRefused(
            "model.parameters.beta (base.conf:4): has shape [2], but shape [3] in p.json; make them agree");
  }

  @Test
  void aFileOfOtherLabelsIsRefused() {
    from("{\"beta\": {\"shape\": [2], \"values\": [1, 2], \"labels\": [\"ln(b)\", \"a\"]}}")
        .isRefused(
            "model.parameters.beta (base.conf:4): has the labels [a, ln(b)], but [ln(b), a] in p.json; make them agree: values belong to labels");
  }

  @Test
  void namesFromAFileFollowTheSameRules() {
    from("{\"x\": {\"shape\": [], \"values\": [1]}}")
        .isRefused(
            "model.parameters-from (p.json): the name x is used twice: as tensor at input.tensors.x (base.conf:2), and as parameter here; rename one of them");
  }

  @Test
  void aFileThatDoesNotExistIsTheOnlyProblem() {
    Given.base(FROM + "\n model.parameters { b0 = null, beta = null }")
        .isRefused(
            "model.parameters-from (plus.conf:2): p.json does not exist; give the path or URI of a parameters.json");
  }

  @Test
  void normalValuesAreTheSameOnEveryMachine() {
    double[] values = new InitialValues.Normal(0.5, 7).rowMajor(3);

    assertThat(values).containsExactly(NORMAL);
    assertThat(new InitialValues.Normal(0.5, 7).rowMajor(2)).containsExactly(values[0], values[1]);
  }

  /** Half the first numbers of the polar method on the linear congruential generator, seed 7. */
  private static final double[] NORMAL = {
    0.42260303285249234, 0.45643808937672026, -0.14353931823749766
  };

  @Test
  void fillAndGivenValues() {
    assertThat(new InitialValues.Fill(2).rowMajor(2)).containsExactly(2, 2);
    assertThat(new InitialValues.Given(new double[] {1, 2}).rowMajor(2)).containsExactly(1, 2);
    assertThat(given(1, 2)).isEqualTo(given(1, 2)).hasSameHashCodeAs(given(1, 2));
    assertThat(given(1, 2)).isNotEqualTo(given(1, 3)).hasToString("Given[1.0, 2.0]");
  }
}
