package org.sparkcurvature.job.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.job.config.ConfigurationException;
import org.sparkcurvature.job.config.ConfigurationLoader;
import org.sparkcurvature.job.config.LoadedConfiguration;
import org.sparkcurvature.job.config.Problem;

class ExpressionsInConfigurationsTest {
  private static final String GOOD =
      """
      curvature {
        input { path = "d.csv", tensors { x = [a, b], y = c } }
        model {
          parameters { b0 = 0.5, beta { labels = x, fill = 0.0 } }
          define { eta = "b0 + dot(x, beta)" }
          loss = "square(y - eta)"
        }
        derive.wrt = [b0, beta]
        output.path = "out/t"
      }
      """;

  private static LoadedConfiguration load(String... settings) {
    return load(() -> {}, settings);
  }

  private static LoadedConfiguration load(Runnable beforeParsing, String... settings) {
    return new ConfigurationLoader(
            location -> GOOD.getBytes(StandardCharsets.UTF_8),
            Map.of(),
            new ModelExpressions(beforeParsing))
        .load(List.of("base.conf"), List.of(settings));
  }

  private static List<Problem> problems(String... settings) {
    return catchThrowableOfType(ConfigurationException.class, () -> load(settings)).problems();
  }

  @Test
  void goodExpressionsAreNoProblem() {
    LoadedConfiguration loaded = load();
    assertThat(LossModel.parse(loaded.configuration().input(), loaded.configuration().model()))
        .isNotNull();
  }

  @Test
  void faultsOfExpressionsJoinThoseOfTheConfiguration() {
    List<Problem> problems =
        problems("model.loss=\"square(y - etta)\"", "model.zeta=1", "precision=triple");
    assertThat(problems)
        .extracting(Problem::path)
        .containsExactlyInAnyOrder("model.loss", "model.zeta", "precision");
    assertThat(problems.stream().filter(p -> p.path().equals("model.loss")).findFirst())
        .hasToString(
            """
            Optional[model.loss (--set model.loss): column 12: there is no input tensor, parameter or definition named etta; perhaps eta or beta was meant
                square(y - etta)
                           ^^^^]""");
  }

  /** The parser takes a second to load, which nobody waits for who has misspelt a key. */
  @Test
  void theParserWaitsForAConfigurationWithoutFaults() {
    List<String> uses = new ArrayList<>();
    load(() -> uses.add("good"));
    assertThat(uses).containsExactly("good");
    for (String fault :
        List.of("model.zeta=1", "precision=triple", "model.parameters.b0=[[1],2]")) {
      assertThat(
              catchThrowableOfType(
                  ConfigurationException.class, () -> load(() -> uses.add(fault), fault)))
          .isNotNull();
      assertThat(uses).containsExactly("good");
    }
  }

  /** So it does for one with a name that there is not, or a bracket. */
  @ParameterizedTest
  @ValueSource(strings = {"square(y - etta)", "squared(y - eta)", "square(y - eta", "y)"})
  void theParserWaitsForExpressionsWithoutPlainFaults(String loss) {
    assertThat(
            catchThrowableOfType(
                    ConfigurationException.class,
                    () ->
                        load(
                            () -> {
                              throw new IllegalStateException("parsed");
                            },
                            "model.loss=\"" + loss + "\""))
                .problems())
        .extracting(Problem::path)
        .containsExactly("model.loss");
  }

  /** Together with another fault, which is told in any case. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "square(y - etta)",
        "squared(y - eta)",
        "square(y - eta",
        "CASE WHEN y > 0 THEN eta ELSE zero END",
        "square(y - eta) + `e t a`",
        "square(y - eta) FILTER",
        "PI() * E() * y(1)",
        "eta.x + y"
      })
  void anExpressionThatSeemsWrongIsToldToo(String loss) {
    assertThat(problems("model.loss=\"" + loss + "\"", "precision=triple"))
        .extracting(Problem::path)
        .containsExactly("model.loss", "precision");
  }

  @Test
  void anExpressionInTheFileIsLocatedThere() {
    assertThat(problems("model.define.b=\"b\""))
        .extracting(p -> p.path() + " " + p.location().orElse(""))
        .containsExactly("model.define.b --set model.define.b");
    assertThat(problems("model.parameters.b0=null"))
        .extracting(p -> p.path() + " " + p.location().orElse(""))
        .containsExactly("model.define.eta base.conf:5", "derive.wrt base.conf:8");
    assertThat(
            catchThrowableOfType(
                    ConfigurationException.class,
                    () ->
                        new ConfigurationLoader(
                                location ->
                                    GOOD.replace("dot(x", "dott(x")
                                        .getBytes(StandardCharsets.UTF_8),
                                Map.of(),
                                LossModel::problems)
                            .load(List.of("base.conf"), List.of()))
                .getMessage())
        .contains("model.define.eta (base.conf:5): column 6: there is no function dott");
  }

  @Test
  void aMissingLossIsOneProblem() {
    assertThat(problems("model.loss=null")).extracting(Problem::path).containsExactly("model.loss");
  }

  /** What is said of one name must not take time by the length of the whole expression. */
  @Test
  @Timeout(120)
  void anExpressionMayHaveThousandsOfFaults() {
    int names = 20_000;
    String loss =
        IntStream.range(0, names)
            .mapToObj(k -> "none" + k)
            .collect(Collectors.joining(", ", "greatest(", ")"));
    ConfigurationException refused =
        catchThrowableOfType(
            ConfigurationException.class, () -> load("model.loss=\"" + loss + "\""));
    assertThat(refused.problems()).hasSize(names);
    assertThat(refused.getMessage())
        .hasSizeLessThan(8000)
        .contains("column 10: there is no input tensor, parameter or definition named none0;")
        .endsWith("... and 19,988 more");
  }
}
