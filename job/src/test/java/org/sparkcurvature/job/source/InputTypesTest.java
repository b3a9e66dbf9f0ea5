package org.sparkcurvature.job.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparkcurvature.job.Inputs;
import org.sparkcurvature.job.LocalSpark;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.config.InputSource;
import org.sparkcurvature.job.errors.ExitCode;
import org.sparkcurvature.job.errors.JobException;

/** Every type of Spark SQL: the number that it is read as, or advice that gives one. */
class InputTypesTest {

  private static double[] first(String expression) {
    InputConfig input = Inputs.tensor(Inputs.of(new InputSource.Table("types")), "x", expression);
    return Source.open(LocalSpark.session(), input).first(1).get(0).tensors().get("x");
  }

  /**
   * The type TIME is not on by default; a timestamp without time zone is in that of the session.
   */
  private static final Map<String, String> SETTINGS =
      Map.of("spark.sql.timeType.enabled", "true", "spark.sql.session.timeZone", "UTC");

  @BeforeEach
  void set() {
    SETTINGS.forEach(LocalSpark.session().conf()::set);
  }

  @AfterEach
  void unset() {
    SETTINGS.keySet().forEach(LocalSpark.session().conf()::unset);
  }

  private static void table(String value) {
    LocalSpark.session().sql("SELECT " + value + " AS c").createOrReplaceTempView("types");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "TINYINT('-3') | -3",
        "SMALLINT('300') | 300",
        "70000 | 70000",
        "9007199254740993L | 9007199254740992",
        "FLOAT('0.1') | 0.10000000149011612",
        "0.1D | 0.1",
        "true | 1",
        "' 2.5 ' | 2.5",
        "CAST('2.5' AS CHAR(6)) | 2.5",
        "CAST('2.5' AS VARCHAR(6)) | 2.5",
        "'2.5' COLLATE UTF8_LCASE | 2.5",
        "0.1BD | 0.1",
        "CAST(0.10 AS DECIMAL(3,2)) | 0.1",
        "CAST(18446744073709551615 AS DECIMAL(20,0)) | 18446744073709551615",
        "CAST('123456789012345678901234567890.12345678' AS DECIMAL(38,8)) | 123456789012345678901234567890.12345678",
        "CAST('0.00000000000000000000000000000000000123' AS DECIMAL(38,38)) | 1.23e-36",
        "CAST('9007199254740993.1' AS DECIMAL(38,18)) | 9007199254740993.1",
        "to_number('1,234.50', '9,999.99') | 1234.5",
        "array(1.25BD) | 1.25",
        "array(array(1.25BD)) | 1.25",
        "array('1.25') | 1.25",
        "array(CAST(18446744073709551615 AS DECIMAL(20,0))) | 18446744073709551615",
      })
  void numbersAreNumbers(String value, String number) {
    table(value);
    assertThat(first("c")).containsExactly(Double.parseDouble(number));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "DATE'1970-01-11' | 10",
        "TIMESTAMP'1970-01-01 00:01:00 UTC' | 60",
        "TIMESTAMP_NTZ'1970-01-02 00:01:00' | 86460",
        "TIME'01:02:03' | 3723",
        "INTERVAL '1-2' YEAR TO MONTH | 14",
        "INTERVAL '3' MONTH | 3",
        "INTERVAL '2' YEAR | 24",
        "INTERVAL '1 02:03:04' DAY TO SECOND | 93784",
        "INTERVAL '5' DAY | 432000",
        "INTERVAL '5' HOUR | 18000",
        "INTERVAL '5' MINUTE | 300",
        "INTERVAL '5.5' SECOND | 5.5",
        "make_interval(0, 0, 0, 1, 2, 3, 4) | 93784",
        "named_struct('a b', 7) | 7",
        "named_struct('d', DATE'1970-01-11') | 10",
        "named_struct('d', DATE'1970-01-11', 'n', 5) | 5",
        "named_struct('s', named_struct('u', 7)) | 7",
        "map('key', 7) | 7",
        "map(1, 7.5D) | 7.5",
        "map(1L, DATE'1970-01-11') | 10",
        "map(DATE'1970-01-01', 7) |",
        "CAST('7.5' AS BINARY) | 7.5",
        "parse_json('7.5') | 7.5",
        "array(DATE'1970-01-11') | 10",
        "array(array(TIMESTAMP_NTZ'1970-01-02 00:01:00')) | 86460",
        "array(named_struct('u', 7)) | 7",
        "array(map('key', 7)) | 7",
        "NULL |",
      })
  void orThereIsAdviceThatSparkComputes(String value, Double number) {
    table(value);
    JobException error = catchThrowableOfType(JobException.class, () -> first("c"));
    assertThat(error.exitCode()).isEqualTo(ExitCode.DATA);
    assertThat(error.what()).startsWith("'c' is of type ").contains("not read as a number");
    Matcher advice = Pattern.compile("such as (.*)").matcher(error.remedy());
    assertThat(advice.find()).isTrue();
    if (number == null) {
      // No such key, or nothing at all: computed, and null.
      InputConfig input =
          Inputs.tensor(Inputs.of(new InputSource.Table("types")), "x", advice.group(1));
      assertThat(Source.open(LocalSpark.session(), input).first(1)).isEmpty();
    } else {
      assertThat(first(advice.group(1))).containsExactly(number);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {"1.5BD | decimal(2,1)", "DATE'2024-01-01' | date"})
  void whatIsHandedOnKeepsItsType(String value, String type) {
    table("1 AS x, " + value);
    InputConfig input =
        Inputs.id(Inputs.tensor(Inputs.of(new InputSource.Table("types")), "x", "x"), "`c`", "c");
    assertThat(Source.open(LocalSpark.session(), input).keptFields())
        .extracting(field -> field.dataType().simpleString())
        .containsExactly(type, type);
  }
}
