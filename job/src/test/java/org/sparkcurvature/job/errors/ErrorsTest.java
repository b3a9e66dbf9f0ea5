package org.sparkcurvature.job.errors;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorsTest {

  @Test
  void aMissingColumnNamesTheNearestOnes() {
    JobException error =
        Errors.missingColumn(
            "lnconis", "curvature.input.tensors.x", List.of("mdvis", "lncoins", "idp"));
    assertThat(error.exitCode().code()).isEqualTo(3);
    assertThat(error)
        .hasMessage(
            """
            there is no column 'lnconis'
              at: curvature.input.tensors.x
              to mend it: perhaps lncoins was meant. The columns are mdvis, lncoins, idp""");
  }

  @Test
  void nothingIsSuggestedWhereNothingIsNear() {
    assertThat(Names.nearest("temperature", List.of("y", "x0", "mdvis"))).isEmpty();
    assertThat(Names.nearest("Income", List.of("income", "outcome")))
        .containsExactly("income", "outcome");
    assertThat(Names.nearest("bta", List.of("a", "beta", "x", "pi"))).containsExactly("beta");
    assertThat(Names.nearest("X", List.of("x", "y"))).containsExactly("x");
  }

  @Test
  void faultsOfAConfigurationAreOneMessage() {
    assertThat(Errors.configuration(List.of("a", "b\nc")))
        .hasMessage("2 faults in the configuration:\n  - a\n  - b\n    c");
    assertThat(Errors.configuration(List.of("a")).exitCode()).isEqualTo(ExitCode.CONFIGURATION);
  }

  @Test
  void bytesAreReadable() {
    assertThat(Errors.bytes(1023)).isEqualTo("1023 bytes");
    assertThat(Errors.bytes(3L << 30)).isEqualTo("3.0 GiB");
  }

  @Test
  void rowsThatAllShareAQuantityAreNotListed() {
    assertThat(Errors.notFinite("ln(s)", List.of()).where()).isEqualTo("every row");
    assertThat(Errors.notFinite("ln(x)", List.of("id 4", "id 9")).getMessage())
        .contains("at: id 4, id 9");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "log((1 - sigmoid(z))) | log_sigmoid, log_softmax, normal_log_cdf",
        "exp((x * b)) | it overflows above 709",
        "((log(x) * y) / x) | a divisor of 0",
        "((x * b) * 1.0E308) | too large to multiply",
        "d loss / d ((x * x) * b) | a derivative can be infinite where the value is not",
        "d2 loss / d b d b | a derivative can be infinite where the value is not",
        "lgamma(a) | poles at 0",
        "acos(dot(a, b)) | within -1 and 1",
      })
  void adviceIsForTheExpressionThatWasNotFinite(String expression, String advice) {
    assertThat(Errors.notFinite(expression, List.of("row 1")).getMessage())
        .contains("NaN or infinity in " + expression)
        .contains("check these rows and the parameters: ")
        .contains(advice);
  }

  @Test
  void aNumberInANameIsNoMisspelling() {
    assertThat(Names.misspelt("atan2", List.of("atan", "tanh"))).isEmpty();
    assertThat(Names.misspelt("expp", List.of("exp", "abs"))).containsExactly("exp");
    assertThat(Names.misspelt("einsum", List.of("cumsum", "sum"))).isEmpty();
  }
}
