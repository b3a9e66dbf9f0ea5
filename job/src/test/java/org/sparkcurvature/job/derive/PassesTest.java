package org.sparkcurvature.job.derive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.engine.Sums;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.job.Inputs;
import org.sparkcurvature.job.LocalSpark;
import org.sparkcurvature.job.config.Device;
import org.sparkcurvature.job.config.InputConfig;
import org.sparkcurvature.job.config.InvalidRows;
import org.sparkcurvature.job.errors.ExitCode;
import org.sparkcurvature.job.errors.Failures;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.source.Source;

class PassesTest {

  private static final double TOLERANCE = 1e-13;

  @TempDir Path folder;

  private static Source open(InputConfig input) {
    return Source.open(LocalSpark.session(), input);
  }

  private static DerivativeSpec spec() {
    return Problems.spec(Problems.poisson(), Problems.EVERYTHING, 1 << 20);
  }

  private static GlobalResult sum(InputConfig input) {
    return GlobalPass.run(open(input), spec(), Problems.PARAMETERS, Device.AUTO);
  }

  private static List<Row> rows(InputConfig input, DerivativeSpec spec) {
    return Failures.translate(
        () ->
            PerSamplePass.dataset(
                    open(input).checkedFor(spec.model()), spec, Problems.PARAMETERS, Device.AUTO)
                .collectAsList());
  }

  private static void assertClose(double[] actual, double[] expected) {
    double scale = Arrays.stream(expected).map(Math::abs).max().orElse(0);
    assertThat(actual).containsExactly(expected, within(TOLERANCE * scale));
  }

  private static void assertSame(Sums actual, Sums expected) {
    assertThat(actual.rows()).isEqualTo(expected.rows());
    assertClose(
        new double[] {actual.weight(), actual.value()},
        new double[] {expected.weight(), expected.value()});
    assertClose(actual.gradient(), expected.gradient());
    for (Request.Curvature kind : Request.Curvature.values()) {
      assertClose(actual.curvature(kind), expected.curvature(kind));
    }
  }

  // ---------------------------------------------------------------- equal to the plain loop

  @ParameterizedTest
  @CsvSource({"1, 1", "1, 3", "1, 4096", "2, 1", "2, 3", "2, 4096", "7, 1", "7, 3", "7, 4096"})
  void sumsEqualThePlainLoop(int partitions, int blockRows) throws IOException {
    List<Problems.Observation> observations = Problems.observations(101);
    Source source = open(Problems.input(folder, observations, partitions));
    assertThat(source.partitions()).isEqualTo(partitions);
    Model model = Problems.poisson();
    Request global = Request.by(Problems.EVERYTHING.wrt()).withSums(Problems.EVERYTHING.global());
    long bytes = Problems.bytesFor(model, global, blockRows);
    DerivativeSpec spec = Problems.spec(model, Problems.EVERYTHING, bytes);
    GlobalResult result = GlobalPass.run(source, spec, Problems.PARAMETERS, Device.AUTO);
    assertSame(result.sums(), Problems.sums(spec(), observations));
    assertThat(result.counts().read()).isEqualTo(101);
    assertThat(result.counts().zeroWeight()).isEqualTo(10);
    assertThat(result.counts().used()).isEqualTo(91);
    assertThat(result.counts().weight()).isCloseTo(result.sums().weight(), within(TOLERANCE * 101));
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 3", "7, 4096"})
  void perSampleResultsEqualThePlainLoop(int partitions, int blockRows) throws IOException {
    List<Problems.Observation> observations = Problems.observations(50);
    Model model = Problems.poisson();
    Request request =
        Request.by(Problems.EVERYTHING.wrt()).withSamples(Problems.EVERYTHING.perSample());
    InputConfig input = Problems.input(folder, observations, partitions);
    List<Row> rows =
        rows(
            input,
            Problems.spec(
                model, Problems.EVERYTHING, Problems.bytesFor(model, request, blockRows)));
    assertThat(rows).hasSize(50);
    assertThat(rows.get(0).schema().simpleString())
        .isEqualTo(
            "struct<id:string,row:bigint,value:double,gradient:array<double>,hessian:array<double>,"
                + "value_eta:array<double>,value_loss:array<double>,adjoint_eta:array<double>,"
                + "jacobian_eta:array<double>,y:string>");
    assertThat(rows).extracting(row -> row.<Long>getAs("row")).isSorted().doesNotHaveDuplicates();
    Map<String, Row> byId = new HashMap<>();
    rows.forEach(row -> byId.put(row.getAs("id"), row));
    DerivativeSpec plain = Problems.spec(model, request, 1 << 20);
    Problems.loop(
        plain,
        observations,
        (engine, first, count) -> {
          for (int k = 0; k < count; k++) {
            Row row = byId.get("r" + (first + k));
            assertThat(row.<String>getAs("y"))
                .isEqualTo(Double.toString(observations.get(first + k).y()));
            for (DerivativeSpec.Column column : plain.columns()) {
              double[] expected =
                  Arrays.copyOfRange(
                      engine.column(column.name()), k * column.length(), (k + 1) * column.length());
              double[] actual =
                  column.name().equals("value")
                      ? new double[] {row.getAs("value")}
                      : row.<Double>getList(row.fieldIndex(column.name())).stream()
                          .mapToDouble(Double::doubleValue)
                          .toArray();
              assertClose(actual, expected);
            }
          }
        });
  }

  @Test
  void emptyPartitionsContributeNothing() throws IOException {
    List<Problems.Observation> observations = Problems.observations(3);
    GlobalResult result = sum(Problems.input(folder, observations, 40));
    assertSame(result.sums(), Problems.sums(spec(), observations));
    assertThat(rows(Problems.input(folder, observations, 7), spec())).hasSize(3);
  }

  @Test
  void oneRowAndOneParameterAreEnough() throws IOException {
    List<Problems.Observation> observations = Problems.observations(1);
    Request request =
        Request.by("b0")
            .withSums(Request.Global.NONE.withValue().withGradient().withHessian())
            .withSamples(
                Request.PerSample.NONE
                    .withValue()
                    .withGradient()
                    .withHessian(Request.SampleHessianForm.FULL));
    DerivativeSpec spec = Problems.spec(Problems.poisson(), request, 1 << 20);
    InputConfig input = Problems.input(folder, observations, 1);
    GlobalResult result = GlobalPass.run(open(input), spec, Problems.PARAMETERS, Device.AUTO);
    Row row = rows(input, spec).get(0);
    double weight = observations.get(0).weight();
    assertClose(
        new double[] {
          result.sums().value(),
          result.sums().gradient()[0],
          result.sums().curvature(Request.Curvature.HESSIAN)[0]
        },
        new double[] {
          weight * row.<Double>getAs("value"),
          weight * row.<Double>getList(row.fieldIndex("gradient")).get(0),
          weight * row.<Double>getList(row.fieldIndex("hessian")).get(0)
        });
  }

  @Test
  void rowsOfWeightZeroAreLeftOutEvenWhereNothingIsFinite() throws IOException {
    Path path = Files.writeString(folder.resolve("a.csv"), "a,b,c,y,w\n1,2,3,1,1\n0,0,5000,1,0\n");
    InputConfig input = Inputs.weight(columns(Inputs.csv(path)), "w");
    assertThat(sum(input).counts()).isEqualTo(new RowCounts(2, 0, 1, 1.0, Map.of()));
    JobException error = catchThrowableOfType(JobException.class, () -> rows(input, spec()));
    assertThat(error.exitCode()).isEqualTo(ExitCode.NO_ANSWER);
  }

  @Test
  void nothingIsSummedWhereNothingIsAskedFor() throws IOException {
    DerivativeSpec spec =
        Problems.spec(
            Problems.poisson(),
            Request.by("x").withSamples(Problems.EVERYTHING.perSample()),
            1 << 20);
    Source source = open(Problems.input(folder, Problems.observations(20), 2));
    GlobalResult result = GlobalPass.run(source, spec, Problems.PARAMETERS, Device.AUTO);
    assertThat(result.counts().read()).isEqualTo(20);
    assertThat(result.counts().weight()).isGreaterThan(9);
    assertThat(result.sums().rows()).isZero();
  }

  @Test
  void thePerSampleTableIsReadInPart() throws IOException {
    Source source = open(Problems.input(folder, Problems.observations(100), 2));
    assertThat(
            PerSamplePass.dataset(source, spec(), Problems.PARAMETERS, Device.AUTO)
                .select("row", "value")
                .takeAsList(2))
        .hasSize(2);
  }

  @Test
  void aCarriedColumnMayNotHaveTheNameOfAResult() throws IOException {
    Path path = Files.writeString(folder.resolve("a.csv"), "a,b,c,y,Value\n1,2,3,1,1\n");
    InputConfig input = Inputs.id(columns(Inputs.csv(path)), "a", "Value");
    assertThat(catchThrowableOfType(JobException.class, () -> rows(input, spec())))
        .hasMessageContaining("two columns named 'Value'");
  }

  // ---------------------------------------------------------------- bad input

  private static InputConfig columns(InputConfig input) {
    return Inputs.tensor(Inputs.list(input, "x", "a", "b", "c"), "y", "y");
  }

  private static final String BAD = "a,b,c,y,id\n1,2,3,1,p\n1,x,3,1,q\n1,2,3,1,r\n1,2,3,,s\n";

  @Test
  void invalidRowsEndTheRunWithTheirNames() throws IOException {
    Path path = Files.writeString(folder.resolve("a.csv"), BAD);
    InputConfig input = Inputs.id(columns(Inputs.csv(path)), "id");
    JobException error = catchThrowableOfType(JobException.class, () -> sum(input));
    assertThat(error.exitCode()).isEqualTo(ExitCode.DATA);
    assertThat(error)
        .hasMessage(
            """
            invalid rows, of which the first are:
                row 1 (id q): x[1] (b) is 'x', not a number
                row 3 (id s): y is null
              at: curvature.input
              to mend it: correct the data, leave these rows out with curvature.input.where, or set curvature.input.invalid-rows = drop or quarantine (of predict also keep)""");
    assertThat(catchThrowableOfType(JobException.class, () -> rows(input, spec())))
        .hasMessage(error.getMessage());
  }

  @Test
  void onlyTheFirstTenInvalidRowsAreNamed() throws IOException {
    Path path = Files.writeString(folder.resolve("a.csv"), "a,b,c,y\n" + "1,2,,0\n".repeat(500));
    InputConfig input = Inputs.partitionSize(columns(Inputs.csv(path)), 100);
    JobException error = catchThrowableOfType(JobException.class, () -> sum(input));
    assertThat(error.what().lines()).hasSize(11);
  }

  @ParameterizedTest
  @ValueSource(strings = {"DROP", "QUARANTINE"})
  void invalidRowsAreLeftOutAndCounted(InvalidRows invalid) throws IOException {
    Path path = Files.writeString(folder.resolve("a.csv"), BAD);
    InputConfig input = Inputs.invalid(columns(Inputs.csv(path)), invalid);
    assertThat(sum(input).counts())
        .isEqualTo(
            new RowCounts(
                4, 2, 0, 2.0, Map.of("x[1] (b) is text that is no number", 1L, "y is null", 1L)));
    assertThat(rows(input, spec()))
        .extracting(row -> row.<Long>getAs("row"))
        .containsExactly(0L, 2L);
  }

  @Test
  void thereMustBeRowsAndWeights() throws IOException {
    Path path = Files.writeString(folder.resolve("a.csv"), "a,b,c,y,w\n1,2,3,1,0\n,2,3,1,1\n");
    InputConfig input = Inputs.weight(columns(Inputs.csv(path)), "w");
    InputConfig drop = Inputs.invalid(input, InvalidRows.DROP);
    assertThat(catchThrowableOfType(JobException.class, () -> sum(Inputs.where(input, "a > 5"))))
        .hasMessageContaining("has no rows that pass curvature.input.where");
    assertThat(catchThrowableOfType(JobException.class, () -> sum(Inputs.where(drop, "a IS NULL"))))
        .hasMessageContaining("the only row is invalid, as:\n    row 0: x[0] (a) is null");
    assertThat(catchThrowableOfType(JobException.class, () -> sum(drop)))
        .hasMessageContaining("the weights of the 1 valid rows add up to 0");
  }

  @Test
  void whatIsNotFiniteNamesRowsAndExpression() throws IOException {
    StringBuilder text = new StringBuilder("a,b,c,y,id\n");
    for (int k = 0; k < 100; k++) {
      text.append("1,1,%d,1,r%d%n".formatted(k % 7 == 5 ? -1 : 1, k));
    }
    Path path = Files.writeString(folder.resolve("a.csv"), text);
    InputConfig input = Inputs.id(columns(Inputs.csv(path)), "id");
    Model model = Problems.model(Map.of(), "ln(x[2]) * y + b0 + beta[0] * beta[1]");
    DerivativeSpec spec = Problems.spec(model, Problems.EVERYTHING_PLAIN, 1 << 20);
    JobException error =
        catchThrowableOfType(
            JobException.class,
            () -> GlobalPass.run(open(input), spec, Problems.PARAMETERS, Device.AUTO));
    assertThat(error.exitCode()).isEqualTo(ExitCode.NO_ANSWER);
    assertThat(error.what()).isEqualTo("NaN or infinity in log(x[2])");
    assertThat(error.where()).startsWith("row 5 (id r5), row 12 (id r12), ").doesNotContain("r75");
    assertThat(catchThrowableOfType(JobException.class, () -> rows(input, spec)))
        .hasMessage(error.getMessage());
  }

  @Test
  void anIndexOutOfRangeIsAnInvalidRow() throws IOException {
    Path path = Files.writeString(folder.resolve("a.csv"), "a,b,c,y\n1,2,3,0\n1,2,3,3\n1,2,3,2\n");
    InputConfig input = columns(Inputs.csv(path));
    Model model = Problems.model(Map.of(), "square(x[y] - beta[y] - b0)");
    DerivativeSpec spec = Problems.spec(model, Problems.EVERYTHING_PLAIN, 1 << 20);
    assertThat(
            catchThrowableOfType(
                JobException.class,
                () ->
                    GlobalPass.run(
                        open(input).checkedFor(model), spec, Problems.PARAMETERS, Device.AUTO)))
        .hasMessageContaining("row 1: y is 3, and an index here is an integer from 0 to 2");
    assertThat(rows(Inputs.invalid(input, InvalidRows.DROP), spec)).hasSize(2);
    assertThat(open(Inputs.invalid(input, InvalidRows.DROP)).checkedFor(model).rejected().count())
        .isEqualTo(1);
  }

  @Test
  void anIndexCountsOnlyWhereItIsTaken() throws IOException {
    Path path = Files.writeString(folder.resolve("a.csv"), "a,b,c,y\n1,2,3,0\n1,2,3,3\n1,2,3,4\n");
    InputConfig input = Inputs.invalid(columns(Inputs.csv(path)), InvalidRows.DROP);
    Model model =
        Problems.model(
            Map.of(), "CASE WHEN y = 3 THEN square(b0) ELSE square(x[y] - beta[y] - b0) END");
    DerivativeSpec spec = Problems.spec(model, Problems.EVERYTHING_PLAIN, 1 << 20);
    assertThat(rows(input, spec)).hasSize(2);
    assertThat(open(input).checkedFor(model).rejected().count()).isEqualTo(1);
  }

  @Test
  void anIndexThatIsComputedIsCheckedToo() throws IOException {
    Path path = Files.writeString(folder.resolve("a.csv"), "a,b,c,y\n1,2,3,1\n1,2,3,0\n");
    Model model = Problems.model(Map.of(), "square(x[y - 1] - beta[y - 1] - b0)");
    DerivativeSpec spec = Problems.spec(model, Problems.EVERYTHING_PLAIN, 1 << 20);
    assertThat(
            catchThrowableOfType(
                JobException.class,
                () ->
                    GlobalPass.run(
                        open(columns(Inputs.csv(path))).checkedFor(model),
                        spec,
                        Problems.PARAMETERS,
                        Device.AUTO)))
        .hasMessageContaining("row 1");
  }
}
