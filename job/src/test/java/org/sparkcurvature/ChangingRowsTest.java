package org.sparkcurvature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.job.LocalSpark;

/**
 * Rows that another pass finds changed, though nothing in the plan tells: a function that is called
 * deterministic and is none stands for a source that someone writes to meanwhile.
 */
class ChangingRowsTest {
  private static final AtomicInteger CHANGES = new AtomicInteger();

  /** Counted by tasks, which may outlive the test in which a job fails: no other test reads it. */
  private static final AtomicInteger READS = new AtomicInteger();

  @TempDir static Path temporary;

  private static SparkSession spark;

  @BeforeAll
  static void startSpark() {
    spark = LocalSpark.session();
  }

  @BeforeEach
  void nothingChanges() {
    CHANGES.set(0);
  }

  /** One row changes with the counter, by its last bit. */
  private static Dataset<Row> rows() {
    UDF1<Long, Double> value =
        id -> Math.sin((double) (id * id)) + (id == 77 ? CHANGES.get() * 0x1p-52 : 0);
    return spark
        .range(0, 200, 1, 4)
        .withColumn("x", functions.udf(value, DataTypes.DoubleType).apply(functions.col("id")))
        .withColumn("y", functions.expr("cos(id)"));
  }

  private static Curvature squares(Dataset<Row> rows) {
    return Curvature.on(rows)
        .tensor("x", "x")
        .tensor("y", "y")
        .parameter("b", 0.5)
        .loss("square(y - b * x)")
        .set("derive.per-sample", Map.of("gradient", true));
  }

  @Test
  void resultsByRowAreOfTheRowsThatWereSummed() {
    Derivatives derivatives = squares(rows()).derive();
    assertThat(derivatives.perSample("gradient").count()).isEqualTo(200);
    CHANGES.incrementAndGet();
    assertThat(
            catchThrowableOfType(
                Exception.class, () -> derivatives.perSample("gradient").collectAsList()))
        .hasStackTraceContaining("the rows of partition 1 are others than in the pass before")
        .hasStackTraceContaining("cache the data frame");
    CHANGES.set(0);
    assertThat(derivatives.perSample("gradient").collectAsList()).hasSize(200);
  }

  @Test
  void whatIsWrittenIsOfOneState() {
    Dataset<Row> each =
        rows()
            .withColumn(
                "x",
                functions
                    .udf(
                        (UDF1<Double, Double>) x -> x + READS.incrementAndGet() * 1e-9,
                        DataTypes.DoubleType)
                    .apply(functions.col("x")));
    Derivatives derivatives = squares(each).derive();
    CurvatureException changed =
        catchThrowableOfType(
            CurvatureException.class,
            () -> derivatives.write(temporary.resolve("changed").toString()));
    assertThat(changed.code()).isEqualTo(3);
    assertThat(changed.what()).contains("are others than in the pass before");
    assertThat(changed.remedy()).contains("cache");
    assertThat(temporary.resolve("changed/_SUCCESS")).doesNotExist();
  }

  @Test
  void influencesAreOfTheRowsThatWereFitted() {
    Curvature model = squares(rows());
    Dataset<Row> table = model.at(model.fit().parameters()).influence().table();
    assertThat(table.count()).isEqualTo(200);
    CHANGES.incrementAndGet();
    assertThat(
            catchThrowableOfType(Exception.class, () -> table.select("influence").collectAsList()))
        .hasStackTraceContaining("are others than in the pass before");
  }

  /** A shuffle does not keep the order of rows, and needs no longer. */
  @Test
  void theOrderOfRowsDoesNotMatter() {
    Dataset<Row> shuffled = rows().repartition(3, functions.col("y"));
    Derivatives derivatives = squares(shuffled).derive();
    for (int k = 0; k < 3; k++) {
      assertThat(derivatives.perSample("gradient").collectAsList()).hasSize(200);
    }
    // Rows of weight 0, and invalid ones, are in one pass and not in the other.
    Derivatives weighted =
        squares(
                rows()
                    .withColumn("y", functions.expr("if(id % 9 = 0, null, y)"))
                    .withColumn("w", functions.expr("id % 2"))
                    .union(rows().withColumn("w", functions.lit(1)).filter("id < 0")))
            .weight("w")
            .set("input.invalid-rows", "drop")
            .derive();
    assertThat(weighted.perSample("gradient").collectAsList()).hasSize(177);
  }
}
