package org.sparkcurvature.job.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.LocalSpark;
import org.sparkcurvature.job.config.ConfigurationLoader;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.estimate.SummedObjective;
import org.sparkcurvature.job.language.LossModel;
import org.sparkcurvature.job.source.Source;

/** The objective in memory is the one that a job sums over one partition, bit by bit. */
class LocalObjectiveTest {
  private static final int ROWS = 300;
  private static final double[] POINT = {0.3, -0.7, 0.4};

  @TempDir Path folder;

  @Test
  void everyNumberIsThatOfTheJob() throws IOException {
    Random random = new Random(5);
    double[] x = random.doubles(2 * ROWS, -2, 2).toArray();
    double[] y = random.doubles(ROWS, 0, 9).toArray();
    double[] w = random.doubles(ROWS, 0.5, 2).toArray();
    StringBuilder csv = new StringBuilder("x1,x2,y,w\n");
    for (int m = 0; m < ROWS; m++) {
      csv.append(x[2 * m] + "," + x[2 * m + 1] + "," + y[m] + "," + w[m] + "\n");
    }
    Files.writeString(folder.resolve("rows.csv"), csv);
    LocalObjective local =
        LocalObjective.loss("exp(eta) - y * eta")
            .define("eta", "b0 + dot(x, beta)")
            .penalty("0.5 * square(norm2(beta))")
            .parameter("b0", 0.25)
            .parameter("beta", Shape.of(2), 0.5, -1)
            .column("x", Shape.of(2), x)
            .column("y", y)
            .weights(w)
            .build();
    RunConfiguration configuration = configuration();
    Source source = Source.open(LocalSpark.session(), configuration.input());
    SummedObjective summed =
        new SummedObjective(source.checkedFor(local.model().loss()), local.model(), configuration);

    Evaluation expected = summed.at(POINT, ObjectiveFunction.Order.HESSIAN);
    Evaluation here = local.at(POINT, ObjectiveFunction.Order.HESSIAN);
    assertThat(here.value()).isEqualTo(expected.value()).isNotZero();
    assertThat(here.weight()).isCloseTo(expected.weight(), within(1e-12));
    assertThat(here.gradient()).hasSize(3).isEqualTo(expected.gradient());
    assertThat(here.hessian().orElseThrow().toSquare())
        .isEqualTo(expected.hessian().orElseThrow().toSquare());
    assertThat(local.hessianDiagonal(POINT)).isEqualTo(summed.hessianDiagonal(POINT));
    double[] vector = {1, -2, 0.5};
    assertThat(local.hessianTimes(POINT, vector)).isEqualTo(summed.hessianTimes(POINT, vector));
    assertThat(local.at(POINT, ObjectiveFunction.Order.GRADIENT).hessian()).isEmpty();
    assertThat(local.model().start()).containsExactly(0.25, 0.5, -1);
  }

  private RunConfiguration configuration() {
    String text =
        """
        curvature {
          input {
            path = "%s/rows.csv", options { header = true }, weight = w
            tensors { x = [x1, x2], y = y }
          }
          model {
            parameters { b0 = 0.25, beta { labels = x, value = [0.5, -1] } }
            loss = "square(y - b0 - dot(x, beta))"
          }
          derive.wrt = [b0, beta]
          output.path = "%s/out"
        }
        """
            .formatted(folder, folder);
    return new ConfigurationLoader(
            location -> text.getBytes(StandardCharsets.UTF_8), Map.of(), LossModel::problems)
        .load(List.of("base.conf"), List.of())
        .configuration();
  }

  @Test
  void aPointWhereTheLossIsNotFiniteIsRefusedWithTheRow() {
    LocalObjective objective =
        LocalObjective.loss("square(y - log(b))").parameter("b", 1).column("y", 1, 2, 3).build();
    assertThatThrownBy(() -> objective.at(new double[] {-1}, ObjectiveFunction.Order.GRADIENT))
        .isInstanceOf(JobException.class)
        .hasMessageContaining("log(b)");
    assertThat(objective.whereFinite(new double[] {-1}, ObjectiveFunction.Order.HESSIAN)).isEmpty();
  }
}
