package org.sparkcurvature.job.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparkcurvature.job.LocalSpark;

/** Texts are equal where Spark's values are. */
class KeyTextsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "double('0'), double('-0'), double('NaN'), double('-NaN'), null, 0.1D | 0.0 0.0 NaN NaN null 0.1",
        "float('0'), float('-0'), float('0.1') | 0.0 0.0 0.1",
        // Both are half past two where clocks are put back in Berlin.
        "timestamp_seconds(1603585800), timestamp_seconds(1603589400), timestamp_micros(-1), null"
            + " | 2020-10-25~02:30:00 2020-10-25~02:30:00.000000+01:00 1970-01-01~00:59:59.999999 null",
        "X'FF', X'FE', binary('a'), X'FF', null | FF FE 61 FF null",
        "'null', null, '', ' a' | 'null' null  ~a",
        "date'2020-02-29', null | 2020-02-29 null",
        "1.50BD, -0.00BD | 1.50 0.00",
        "true, false, null | true false null",
        "array('a, b'), array('a', 'b'), array('null'), array(null), null"
            + " | [\"a,~b\"] [\"a\",\"b\"] [\"null\"] [null] null",
        "named_struct('a', 1, 'b', 'null'), named_struct('a', 1, 'b', null), null"
            + " | {\"a\":1,\"b\":\"null\"} {\"a\":1,\"b\":null} null",
      })
  void textsAreEqualWhereValuesAre(String values, String texts) {
    SparkSession spark = LocalSpark.session().newSession();
    spark.conf().set("spark.sql.session.timeZone", "Europe/Berlin");
    Dataset<Row> rows =
        spark.sql(
            "SELECT v.* FROM (SELECT posexplode(array(" + values + ")) AS (place, value)) AS v");
    List<String> found = new ArrayList<>();
    rows.orderBy("place")
        .select(
            KeyTexts.of(functions.col("value"), rows.schema().apply("value").dataType())
                .cast("string"))
        .collectAsList()
        .forEach(
            row -> {
              String text = row.getString(0);
              found.add("null".equals(text) ? "'null'" : String.valueOf(text).replace(' ', '~'));
            });
    assertThat(found).containsExactly(texts.split(" ", -1));
  }
}
