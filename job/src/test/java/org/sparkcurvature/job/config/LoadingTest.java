package org.sparkcurvature.job.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LoadingTest {

  private static String path(Given given) {
    return given.decode().output().path();
  }

  @Test
  void laterConfigurationsAndThenSettingsWin() {
    assertThat(path(Given.base("output.path = b"))).isEqualTo("b");
    assertThat(path(Given.base("output.path = b").set("output.path=c"))).isEqualTo("c");
    assertThat(path(Given.base("output.path = b").set("output.path=c").set("output.path=d")))
        .isEqualTo("d");
  }

  @Test
  void settingsTakeHocon() {
    RunConfiguration configuration =
        Given.base()
            .set("derive.per-sample={value = true}")
            .set("derive.wrt = [ beta ]")
            .set("model.loss=\"a = b\"")
            .set("input.options={a.b = 1, c = x}")
            .set("input.limit=5")
            .decode();

    assertThat(configuration.derive().request().perSample().value()).isTrue();
    assertThat(configuration.derive().request().wrt()).containsExactly("beta");
    assertThat(configuration.model().loss()).isEqualTo("a = b");
    assertThat(((InputSource.Files) configuration.input().source()).options())
        .containsEntry("a.b", "1")
        .containsEntry("c", "x");
    assertThat(configuration.input().limit()).hasValue(5);
  }

  @Test
  void settingsActBeforeSubstitution() {
    Given given =
        Given.base("output.path = ${curvature.input.path}\"-out\"")
            .set("input.path=e")
            .set("input.format=${FORMAT}");

    assertThat(path(given.env("FORMAT", "orc"))).isEqualTo("e-out");
    assertThat(((InputSource.Files) given.decode().input().source()).format()).isEqualTo("orc");
  }

  @Test
  void substitutionsTakeVariablesAndOtherRoots() {
    assertThat(path(Given.base("output.path = ${OUT}\"/x\"").env("OUT", "o"))).isEqualTo("o/x");
    assertThat(path(Given.base("output.path = a, output.path = ${?OUT}"))).isEqualTo("a");
    assertThat(path(Given.base("output.path = ${here}/x").config("vars.conf", "here = \"/tmp/a\"")))
        .isEqualTo("/tmp/a/x");
  }

  @Test
  void everyMissingVariableIsNamedOnceAndNothingThatFollowsFromIt() {
    Given given =
        Given.base(
            """
            input.path = [${DATA}"/a.csv", ${DATA}"/b.csv"]
            input.limit = ${ROWS}
            model.parameters.b0 = ${START}
            output.path = ${curvature.no.such}
            input.formt = csv
            """);

    assertThat(given.problems())
        .extracting(Problem::toString)
        .containsExactlyInAnyOrder(
            "${DATA} (plus.conf:2): neither an environment variable nor a key of the configuration has this name; set the environment variable DATA",
            "${ROWS} (plus.conf:3): neither an environment variable nor a key of the configuration has this name; set the environment variable ROWS",
            "${START} (plus.conf:4): neither an environment variable nor a key of the configuration has this name; set the environment variable START",
            "${curvature.no.such} (plus.conf:5): neither an environment variable nor a key of the configuration has this name; give that key, or correct the name",
            "input.formt (plus.conf:6): is an unknown key; did you mean format?");
  }

  @Test
  void aCycleOfSubstitutionsIsRefused() {
    Given.base("output.path = ${one}")
        .config("c.conf", "one = ${two}, two = ${one}")
        .isRefused(
            "substitutions (c.conf:1): Could not resolve substitution to a value: ${one} was part of a cycle of substitutions involving ${two}, ${one}, ${two}; break the cycle");
  }

  @Test
  void everythingIsReportedInOneMessage() {
    assertThatThrownBy(
            Given.base(
                    "input.limit = 0\n model.los = y\n derive.wrt = [b1, beta]\n output.path = null")
                ::load)
        .isInstanceOf(ConfigurationException.class)
        .hasMessage(
            """
            4 problems in the configuration
              input.limit (plus.conf:2): must be a whole number of at least 1, but is 0; change the value
              model.los (plus.conf:3): is an unknown key; did you mean loss?
              derive.wrt (plus.conf:4): names b1, which is neither a parameter nor an input tensor; name one of b0, beta, x, y
              output.path (plus.conf:5): is null, but needs a value; name the folder to write, as in path = "out/first\"""");
  }

  /**
   * Nothing is said of what only follows from it: names that are not known, keys that are missing.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '¦',
      value = {
        "tensors {    ¦ tensorz {    ¦ input.tensorz is an unknown key; did you mean tensors?",
        "input {      ¦ inputt {     ¦ inputt is an unknown key; did you mean input?",
        "input { path ¦ input { pth  ¦ input.pth is an unknown key; did you mean path?",
        "model {      ¦ modell {     ¦ modell is an unknown key; did you mean model?",
        "parameters { ¦ parameter {  ¦ model.parameter is an unknown key; did you mean parameters?",
        "define {     ¦ defines {    ¦ model.defines is an unknown key; did you mean define?",
        "loss =       ¦ los =        ¦ model.los is an unknown key; did you mean loss?",
        "output.      ¦ ouput.       ¦ ouput is an unknown key; did you mean output?",
      })
  void aMisspeltKeyIsToldAlone(String key, String written, String told) {
    assertThat(Given.nothing().config("base.conf", Given.BASE.replace(key, written)).problems())
        .extracting(problem -> problem.path() + " " + problem.what() + "; " + problem.remedy())
        .containsExactly(told);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '¦',
      value = {
        "formla = \"y ~ x\", family = poisson ¦ model.formla is an unknown key; did you mean formula?",
        "formla = \"y ~ x\"                   ¦ model.formla is an unknown key; did you mean formula?",
        "formula = \"y ~ x\", famly = poisson ¦ model.famly is an unknown key; did you mean family?",
        "response = y, predictor { mu = x }, family = poisson ¦ model.predictor is an unknown key; did you mean predictors?",
      })
  void soIsOneOfAFormula(String model, String told) {
    assertThat(
            Given.nothing()
                .config(
                    "c.conf",
                    "curvature { input.path = a, model { %s }, output.path = b }".formatted(model))
                .problems())
        .extracting(problem -> problem.path() + " " + problem.what() + "; " + problem.remedy())
        .containsExactly(told);
  }

  @Test
  void malformedHoconNamesFileAndLine() {
    assertThat(Given.base("input {\n path = = 3\n").problems())
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.path()).isEqualTo("--config plus.conf");
              assertThat(problem.location()).contains("plus.conf:3");
              assertThat(problem.what()).startsWith("is malformed HOCON: ");
            });
  }

  @Test
  void everyUnreadableOrMalformedFileIsNamed() {
    assertThat(
            Given.nothing()
                .missing("a.conf")
                .config("b.conf", "x = {")
                .missing("c.conf")
                .set("input.limit")
                .problems())
        .extracting(problem -> problem.path() + " " + problem.what().replaceAll(":.*", ""))
        .containsExactly(
            "--config a.conf does not exist",
            "--config b.conf is malformed HOCON",
            "--config c.conf does not exist",
            "--set input.limit is not path=value");
  }

  @ParameterizedTest
  @ValueSource(strings = {"input.limit", "=3", "input.limit=", " = "})
  void settingsThatAreNone(String setting) {
    Given.base()
        .set(setting)
        .isRefused(
            "--set " + setting + ": is not path=value; write it as --set derive.reduction=sum");
  }

  @Test
  void settingsWithTheRoot() {
    Given.base()
        .set("curvature.input.limit=3")
        .isRefused(
            "--set curvature.input.limit=3: begins with the root curvature, which --set omits; write --set input.limit=3");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "age >= 18 AND b <> 3",
        "a = 'x, y' OR NOT b",
        "s3a://bucket/day#1 & more",
        "y * y",
        "`mean radius` > 1",
        "a ? b : c",
        "+1",
        "a\\b",
        "ä = 'ö'",
      })
  void settingsMayBeTextThatHoconWouldWantQuoted(String text) {
    assertThat(Given.base().set("input.where=" + text).decode().input().where()).contains(text);
    assertThat(Given.base().set("input.where = " + text + " ").decode().input().where())
        .contains(text);
  }

  @Test
  void aSettingOfNullUndoesAKey() {
    RunConfiguration configuration =
        Given.base("derive.reduction = sum, input { where = \"a > 1\", invalid-rows = drop }")
            .set("derive.reduction=null")
            .set("input.where=null")
            .set("input.invalid-rows=null")
            .decode();
    assertThat(configuration.derive().reduction()).isEqualTo(Reduction.MEAN);
    assertThat(configuration.input().where()).isEmpty();
    assertThat(configuration.input().invalidRows()).isEqualTo(InvalidRows.FAIL);
    assertThat(
            Given.base("derive.reduction = mean")
                .set("derive.reduction=null")
                .set("derive.reduction=sum")
                .decode()
                .derive()
                .reduction())
        .isEqualTo(Reduction.SUM);
    Given.base()
        .set("output.path=null")
        .isRefused(
            "output.path (--set output.path): is null, but needs a value; name the folder to write, as in path = \"out/first\"");
  }

  @Test
  void settingsThatAreNoHocon() {
    assertThat(Given.base().set("model.loss=\"y * y").problems())
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.path()).isEqualTo("--set model.loss=\"y * y");
              assertThat(problem.remedy())
                  .isEqualTo(
                      "the value is HOCON: put text in double quotes, as in --set 'model.loss=\"a * b\"'");
            });
  }

  @Test
  void aProblemWithASettingNamesTheOption() {
    Given.base()
        .set("input.limit=ten")
        .isRefused(
            "input.limit (--set input.limit): must be a whole number of at least 1, but is the text \"ten\"; change the value");
  }

  @Test
  void theRootMustBeThere() {
    Given.nothing()
        .config("a.conf", "input.path = x")
        .isRefused(
            "curvature: is missing from the configuration; write everything as curvature { ... }");
    Given.nothing()
        .config("a.conf", "curvatur { input.path = x }")
        .isRefused("curvatur (a.conf:1): is an unknown root; did you mean curvature?");
    assertThat(Given.nothing().config("a.conf", "curvature = 3").problems())
        .extracting(Problem::toString)
        .containsExactly(
            "curvature (a.conf:1): must be a block { ... }, but is 3; write curvature { name = value }");
  }

  @Test
  void anEmptyConfigurationNamesAllThatIsNeeded() {
    assertThat(Given.nothing().config("a.conf", "curvature {}").problems())
        .extracting(problem -> problem.path() + " " + problem.what())
        .containsExactly(
            "input.path is missing",
            "input.tensors names no tensor",
            "model.loss is missing",
            "derive.wrt is missing, and there is no parameter that it could be",
            "output.path is missing");
  }

  @Test
  void locationsOfWhatWasWritten() {
    assertThat(Given.base("model.loss = y").set("input.limit=3").load().locations())
        .containsEntry("model.loss", "plus.conf:2")
        .containsEntry("model.define.eta", "base.conf:5")
        .containsEntry("input.limit", "--set input.limit")
        .doesNotContainKey("derive.reduction");
  }

  @Test
  void parametersKeepTheOrderInWhichTheyWereFirstWritten() {
    Given given =
        Given.base(
                "model.parameters { zeta = 1, \"alpha\" : 2, mid { value = 3 }, gamma.value = 4 }")
            .config("later.conf", "curvature.model.parameters.alpha = 5")
            .set("model.parameters.zeta=9");
    assertThat(given.load().configuration().model().parameters().keySet())
        .containsSubsequence("zeta", "alpha", "mid", "gamma");
  }

  /** HOCON's way to take a block from elsewhere and add to it, in any block. */
  @Test
  void blocksAddToSubstitutions() {
    String shared = "shared { first = 1, second = 2 }\n";
    String model = shared + "curvature.model.parameters = ${shared}\n";
    Given given =
        Given.base().config("later.conf", model + "curvature.model.parameters { third = 3 }");
    assertThat(given.load().configuration().model().parameters().keySet())
        .containsSubsequence("beta", "first", "second", "third");

    String whole = "shared.output.path = o\ncurvature = ${shared}\n";
    assertThat(path(Given.base().config("all.conf", whole + "curvature.fit.l2 = 0.5")))
        .isEqualTo("o");
    String input = "shared.limit = 3\ncurvature.input = ${shared}\n";
    assertThat(
            Given.base()
                .config("rows.conf", input + "curvature.input { on-empty = succeed }")
                .decode()
                .input()
                .limit())
        .hasValue(3);
  }

  @Test
  void aBlockWrittenInTwoPlacesIsAtTheLaterOne() {
    Given.base("model.parameters.beta { fill = null }")
        .isRefused(
            "model.parameters.beta (plus.conf:2): has no value; give fill = 0.0, normal { scale = 0.1, seed = 7 } or value = [...], or parameters-from");
  }

  @Test
  void filesIncludeOthersBesideThem() {
    assertThat(
            path(
                Given.base()
                    .config("s3a://b/run/p.conf", "include \"deep/q.conf\"")
                    .file("s3a://b/run/deep/q.conf", "include file(\"../r.conf\")")
                    .file("s3a://b/run/deep/../r.conf", "curvature.output.path = r")))
        .isEqualTo("r");
    assertThat(path(Given.base("include \"no-such.conf\""))).isEqualTo("out/t");
    assertThat(path(Given.base().config("/a/b.conf", "include \"/c.conf\"").file("/c.conf", "")))
        .isEqualTo("out/t");
  }

  @Test
  void includesThatFail() {
    assertThat(Given.base("include required(\"no-such.conf\")").problems())
        .singleElement()
        .extracting(Problem::what)
        .asString()
        .contains("included by plus.conf: no-such.conf does not exist");
    assertThat(
            Given.base().config("p.conf", "include \"q.conf\"").file("q.conf", "a = ]").problems())
        .singleElement()
        .extracting(Problem::location)
        .hasToString("Optional[q.conf:1]");
    assertThat(
            Given.base()
                .config("p.conf", "include \"q.conf\"")
                .file("q.conf", "include \"p.conf\"")
                .problems())
        .singleElement()
        .extracting(Problem::what)
        .asString()
        .contains("files include each other: p.conf, q.conf, p.conf");
  }

  @Test
  void aByteOrderMarkIsNoPartOfTheText() {
    assertThat(path(Given.nothing().config("a.conf", "\uFEFF" + Given.BASE))).isEqualTo("out/t");
  }

  @Test
  void otherEncodingsAreRefused() {
    UriReader latin = location -> new byte[] {'#', (byte) 0xE9};
    assertThatThrownBy(
            () ->
                new ConfigurationLoader(latin, java.util.Map.of())
                    .load(List.of("l.conf"), List.of()))
        .hasMessageContaining("l.conf is not text in UTF-8");
  }
}
