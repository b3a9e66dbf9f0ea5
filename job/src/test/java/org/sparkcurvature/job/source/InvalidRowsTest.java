package org.sparkcurvature.job.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.Inputs;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.config.InvalidRows;

/** Which rows are invalid, and what is said of them. */
class InvalidRowsTest extends SourceFixture {
  @Test
  void everyInvalidValueHasItsReason() throws IOException {
    Path path =
        csv(
            "a.csv",
            "a,w",
            "1,1",
            "n/a,1",
            ",1",
            "NaN,1",
            "-Infinity,1",
            "1e999,1",
            "12d,1",
            "0x1p3,1",
            "1,-2",
            "1,",
            "1,x",
            "2,1");
    InputConfig input = Inputs.weight(Inputs.list(Inputs.csv(path), "x", "a"), "w");
    assertThat(reasons(input))
        .containsExactly(
            "x[0] (a) is 'n/a', not a number",
            "x[0] (a) is null",
            "x[0] (a) is 'NaN', not a finite number",
            "x[0] (a) is '-Infinity', not a finite number",
            "x[0] (a) is '1e999', which no double holds",
            "x[0] (a) is '12d', not a number",
            "x[0] (a) is '0x1p3', not a number",
            "the weight (w) is -2.0, and a weight must not be negative",
            "the weight (w) is null",
            "the weight (w) is 'x', not a number");
    assertThat(column(open(input), "x")).containsExactly(1, 2);
  }

  @Test
  void numbersThatAreNotFiniteAreInvalid() {
    query("SELECT explode(array(1D, double('NaN'), double('Infinity'), NULL)) AS a");
    assertThat(reasons(Inputs.tensor(table(), "x", "a")))
        .containsExactly("x (a) is NaN", "x (a) is Infinity", "x (a) is null");
  }

  @Test
  void raggedArraysAreInvalid() {
    query(
        "SELECT explode(array(array(1, 2), array(3), array(4, NULL), NULL, array(), array(5, 6, 7))) AS f");
    assertThat(reasons(Inputs.tensor(table(), "x", "f")))
        .containsExactly(
            "x (f) has 1 element, not 2",
            "x (f) at element 1 is null",
            "x (f) is null",
            "x (f) has 0 elements, not 2",
            "x (f) has 3 elements, not 2");
    query(
        "SELECT explode(array(array(array(1, 2), array(3, 4)), array(array(1, 2), array(3)))) AS f");
    assertThat(reasons(Inputs.tensor(table(), "x", "f")))
        .containsExactly("x (f) is ragged: 1 elements along axis 1, not 2");
  }

  @Test
  void theFirstValidRowDecidesTheShape() {
    query("SELECT explode(array(NULL, array(), array(1, NULL), array(1, 2, 3), array(1, 2))) AS f");
    assertThat(open(Inputs.tensor(table(), "x", "f")).shapes()).containsEntry("x", Shape.of(3));
  }

  @Test
  void anIndexIsAnIntegerInRange() throws IOException {
    Path path = csv("a.csv", "y", "0", "9", "10", "-1", "2.5");
    Source source =
        open(Inputs.invalid(Inputs.tensor(Inputs.csv(path), "y", "y"), InvalidRows.DROP))
            .withIndexBounds(Map.of("y", 10));
    assertThat(column(source, "y")).containsExactly(0, 9);
    assertThat(
            source
                .rejected()
                .select("reason")
                .as(org.apache.spark.sql.Encoders.STRING())
                .collectAsList())
        .containsExactly(
            "y is 10, and an index here is an integer from 0 to 9",
            "y is -1, and an index here is an integer from 0 to 9",
            "y is 2.5, and an index here is an integer from 0 to 9");
  }

  @Test
  void aCsvLineThatDoesNotFitTheHeaderIsInvalid() throws IOException {
    Path path = csv("a.csv", "a,b", "1,2", "1,5,2", "3", "4,5");
    InputConfig input = Inputs.tensor(Inputs.csv(path), "x", "a");
    assertThat(reasons(input))
        .containsExactly(
            "the line does not fit its file: '1,5,2'", "the line does not fit its file: '3'");
    assertThat(column(open(input), "x")).containsExactly(1, 4);
  }

  @Test
  void aJsonLineThatCannotBeReadIsInvalid() throws IOException {
    Path path =
        csv(
            "a.json",
            "{\"a\": 1, \"f\": [1, 2]}",
            "{\"a\": 2, \"f\"",
            "{\"f\": [3]}",
            "{\"a\": 4, \"f\": [5, 6]}");
    InputConfig input =
        Inputs.tensor(Inputs.tensor(Inputs.files("json", Map.of(), path), "x", "a"), "f", "f");
    assertThat(reasons(input))
        .containsExactly("the line does not fit its file: '{\"a\": 2, \"f\"'", "x (a) is null");
    assertThat(column(open(input), "x")).containsExactly(1, 4);
  }

  @Test
  void rejectedRowsAreWhole() throws IOException {
    Path path = csv("a.csv", "a,other,reason", "1,p,r", "x,q,s");
    Dataset<Row> rejected = open(Inputs.tensor(Inputs.csv(path), "x", "a")).rejected();
    assertThat(rejected.columns()).containsExactly("a", "other", "reason", "rejection_reason");
    assertThat(rejected.collectAsList())
        .containsExactly(RowFactory.create("x", "q", "s", "x (a) is 'x', not a number"));
  }
}
