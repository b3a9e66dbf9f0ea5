package org.sparkcurvature.job.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Precision;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.engine.Request.HessianForm;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.LocalSpark;
import org.sparkcurvature.job.errors.ExitCode;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.source.RowGroup;
import org.sparkcurvature.ops.FunctionRegistry;

class MemoryCheckTest {

  private static final long GIB = 1L << 30;

  @Test
  void whatFitsIsNotSpokenOf() {
    assertThatCode(() -> check(spec(1000, HessianForm.FULL), 100, local(2, GIB)))
        .doesNotThrowAnyException();
    assertThatCode(() -> check(spec(100_000, HessianForm.DIAGONAL), 100, local(2, GIB)))
        .doesNotThrowAnyException();
  }

  @Test
  void sumsAreHeldTwiceWhileTheyAreSent() {
    // 10,001 * 10,002 / 2 elements of two doubles: 763 MiB, twice.
    assertThatThrownBy(() -> check(spec(10_000, HessianForm.FULL), 1, local(1, GIB)))
        .isInstanceOfSatisfying(
            JobException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.CONFIGURATION))
        .hasMessageContaining("adding up hessian for P = 10,001 in one task")
        .hasMessageContaining("takes 1.5 GiB; there are 896.0 MiB")
        .hasMessageContaining("global.hessian = diagonal (312.5 KiB), name less")
        .hasMessageContaining("a heap of 1.7 GiB (-- --driver-memory 2g)");
    assertThatCode(() -> check(spec(10_000, HessianForm.FULL), 1, local(1, 2 * GIB)))
        .doesNotThrowAnyException();
  }

  /** A fit that decomposes the Hessian died of its heap, with the advice to run it again. */
  @Test
  void theDriverHasRoomForWhatItDecomposes() {
    MemoryCheck.Asked asked = new MemoryCheck.Asked("curvature.fit.method", "take newton-cg", 3);
    DerivativeSpec spec = spec(10_000, HessianForm.FULL);
    assertThatThrownBy(
            () -> MemoryCheck.refuseTooLarge(spec, Optional.empty(), 1, local(1, 3 * GIB), asked))
        .hasMessageContaining("the driver's result of hessian for P = 10,001")
        .hasMessageContaining("take newton-cg");
    assertThatCode(
            () -> MemoryCheck.refuseTooLarge(spec, Optional.empty(), 1, local(1, 8 * GIB), asked))
        .doesNotThrowAnyException();
  }

  @Test
  void everyTaskOfAProcessHoldsThem() {
    DerivativeSpec spec = spec(10_000, HessianForm.FULL);
    assertThatThrownBy(() -> check(spec, 8, local(4, 4 * GIB)))
        .hasMessageContaining("in 4 tasks at once")
        .hasMessageContaining("takes 6.0 GiB; there are 3.5 GiB")
        .hasMessageContaining("-- --driver-memory")
        .hasMessageContaining("run fewer tasks at once (-- --master local[1])");
    // No more tasks than partitions.
    assertThatCode(() -> check(spec, 1, local(4, 4 * GIB))).doesNotThrowAnyException();
  }

  @Test
  void theHeapThatIsAdvisedIsEnough() {
    DerivativeSpec spec = spec(3000, HessianForm.FULL);
    for (int tasks : new int[] {1, 4, 64}) {
      for (int partitions : new int[] {1, 2, 16, 17, 5000}) {
        JobException error =
            catchThrowableOfType(
                JobException.class, () -> check(spec, partitions, local(tasks, GIB / 16)));
        Matcher advised = Pattern.compile("--driver-memory (\\d+)g").matcher(error.getMessage());
        assertThat(advised.find()).isTrue();
        // What lies outside the heap may still be too large.
        long heap = Long.parseLong(advised.group(1)) * GIB;
        assertThatCode(
                () -> {
                  try {
                    check(spec, partitions, local(tasks, heap));
                  } catch (JobException e) {
                    assertThat(e.what()).doesNotContain("adding up");
                  }
                })
            .doesNotThrowAnyException();
      }
    }
  }

  @Test
  void sumsThatWaitToBeMergedTakeSparksShareOfTheHeap() {
    // One task at a time merges 16: two are in its hands, the others in Spark's, up to its share.
    DerivativeSpec spec = spec(7000, HessianForm.FULL);
    assertThatCode(() -> check(spec, 1, local(1, GIB))).doesNotThrowAnyException();
    assertThatThrownBy(() -> check(spec, 16, local(1, GIB)))
        .hasMessageContaining("takes 1.2 GiB; there are 896.0 MiB");
  }

  @Test
  void aClusterIsMeasuredByItsExecutorsAndItsDriver() {
    DerivativeSpec spec = spec(10_000, HessianForm.FULL);
    assertThatThrownBy(
            () ->
                check(spec, 8, new ClusterMemory(8 * GIB, 4 * GIB, 4, false, 0.6, Long.MAX_VALUE)))
        .hasMessageContaining("in 4 tasks at once")
        .hasMessageContaining("-- --executor-memory")
        .hasMessageContaining("-- --executor-cores 1");
    assertThatThrownBy(
            () -> check(spec, 8, new ClusterMemory(GIB, 64 * GIB, 4, false, 0.6, Long.MAX_VALUE)))
        .hasMessageContaining("the driver's result of hessian for P = 10,001 takes 1.5 GiB")
        .hasMessageContaining("-- --driver-memory 2g");
    assertThatCode(
            () ->
                check(spec, 8, new ClusterMemory(2 * GIB, 64 * GIB, 4, false, 0.6, Long.MAX_VALUE)))
        .doesNotThrowAnyException();
  }

  @Test
  void whatSparkWasGivenIsRead() {
    ClusterMemory memory = ClusterMemory.of(LocalSpark.session().sparkContext());
    assertThat(memory.local()).isTrue();
    assertThat(memory.tasks()).isEqualTo(2);
    assertThat(memory.executor()).isEqualTo(memory.driver()).isPositive();
  }

  @Test
  void blocksAreProposedWhereTheyFit() {
    assertThatThrownBy(() -> check(spec(HessianForm.FULL, 4000, 4000, 4000), 1, local(1, GIB)))
        .hasMessageContaining("diagonal (375.0 KiB) or blocks (732.6 MiB), name less");
  }

  @Test
  void longerThanAnyArrayIsRefusedWhateverTheHeap() {
    assertThatThrownBy(() -> check(spec(70_000, HessianForm.FULL), 1, local(1, Long.MAX_VALUE)))
        .hasMessageContaining("no heap would do");
  }

  @Test
  void rowsThatCannotBeWrittenAreRefused() {
    DerivativeSpec spec = rows(spec(2999, HessianForm.NONE));
    // 3,000 x 3,000 doubles, twelve times.
    assertThatThrownBy(() -> RowMemory.refuseTooLarge(spec, 1, local(2, 900L << 20)))
        .isInstanceOfSatisfying(
            JobException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.CONFIGURATION))
        .hasMessageContaining("per-sample results of 68.7 MiB a row (P = 3,000) in one task takes")
        .hasMessageContaining("takes 824.0 MiB; there are 787.5 MiB")
        .hasMessageContaining("curvature.derive.per-sample")
        .hasMessageContaining("-- --driver-memory 1g");
    assertThatThrownBy(() -> RowMemory.refuseTooLarge(spec, 2, local(2, GIB)))
        .hasMessageContaining("in 2 tasks at once takes 1.6 GiB")
        .hasMessageContaining("-- --master local[1]");
    assertThatCode(() -> RowMemory.refuseTooLarge(spec, 1, local(2, GIB)))
        .doesNotThrowAnyException();
    assertThatCode(() -> RowMemory.refuseTooLarge(spec(2999, HessianForm.NONE), 9, local(9, 1)))
        .doesNotThrowAnyException();
  }

  private static DerivativeSpec rows(DerivativeSpec spec) {
    return new DerivativeSpec(
        spec.model(),
        Request.by(spec.request().wrt())
            .withSamples(Request.PerSample.NONE.withHessian(Request.SampleHessianForm.FULL)),
        spec.precision(),
        spec.blockBytes());
  }

  @Test
  void rowGroupsThatAreReadAtOnceAreAddedUp() {
    List<RowGroup> groups =
        List.of(
            new RowGroup(RowGroup.Kind.PARQUET, "a", 500 << 20),
            new RowGroup(RowGroup.Kind.PARQUET, "b", 400 << 20),
            new RowGroup(RowGroup.Kind.PARQUET, "c", 1));
    assertThatCode(() -> InputMemory.refuseTooLarge(groups, "input", local(1, GIB)))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> InputMemory.refuseTooLarge(groups, "input", local(2, GIB)))
        .hasMessageContaining(
            "the 2 row groups that are read at once (in the columns that are read), the largest of a, takes 900.0 MiB")
        .hasMessageContaining("takes 900.0 MiB; there are 896.0 MiB")
        .hasMessageContaining("at: input")
        .hasMessageContaining("give a heap of 1.0 GiB (-- --driver-memory 2g)")
        .hasMessageContaining("-- --master local[1]");
    assertThatCode(() -> InputMemory.refuseTooLarge(List.of(), "input", local(2, 1)))
        .doesNotThrowAnyException();
  }

  @Test
  void aBlockMustFitItsContainerBesideTheHeap() {
    DerivativeSpec spec = spec(10_000, HessianForm.FULL);
    // 300 MiB of Spark's and 763 MiB of sums leave little of 1.25 GiB to a matrix of 10,001 rows.
    assertThatThrownBy(
            () -> check(spec, 1, new ClusterMemory(4 * GIB, 4 * GIB, 1, true, 0.6, 5 * GIB / 4)))
        .isInstanceOfSatisfying(
            JobException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.CONFIGURATION))
        .hasMessageContaining("one task's block of ")
        .hasMessageContaining("or give the container more memory: it has 1.3 GiB, heap and all");
    assertThatCode(() -> check(spec, 1, new ClusterMemory(4 * GIB, 4 * GIB, 1, true, 0.6, 4 * GIB)))
        .doesNotThrowAnyException();
  }

  @Test
  void aHeapThatIsLargerThanItsContainerIsSpokenOf() {
    assertThat(new ClusterMemory(2 * GIB, 2 * GIB, 1, true, 0.6, GIB).warning())
        .hasValueSatisfying(
            text ->
                assertThat(text)
                    .startsWith("a heap of 2.0 GiB is more than the 1.0 GiB that this container")
                    .contains("-- --driver-memory 512m"));
    assertThat(new ClusterMemory(GIB, GIB, 1, true, 0.6, GIB).warning()).isEmpty();
    assertThat(ClusterMemory.here()).isPositive();
  }

  @Test
  void containersOfExecutorsHaveTheHeapAndTheOverhead() {
    SparkConf plain = new SparkConf(false);
    assertThat(ClusterMemory.container(plain, "yarn", GIB)).isEqualTo(GIB + (384L << 20));
    SparkConf half = new SparkConf(false).set("spark.executor.memoryOverheadFactor", "0.5");
    assertThat(ClusterMemory.container(half, "k8s://https://host", 8 * GIB)).isEqualTo(12 * GIB);
    SparkConf own = new SparkConf(false).set("spark.executor.memoryOverhead", "2g");
    assertThat(ClusterMemory.container(own, "YARN", 8 * GIB)).isEqualTo(10 * GIB);
    assertThat(ClusterMemory.container(plain, "spark://host:7077", GIB)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void stripesAreCalledStripes() {
    List<RowGroup> stripes = List.of(new RowGroup(RowGroup.Kind.ORC, "a", 2000L << 20));
    assertThatThrownBy(() -> InputMemory.refuseTooLarge(stripes, "input", local(2, GIB)))
        .hasMessageContaining("the largest stripe (in the columns that are read), of a takes")
        .hasMessageContaining("or write the file with smaller ones (orc.stripe.size)");
  }

  private static void check(DerivativeSpec spec, int partitions, ClusterMemory memory) {
    MemoryCheck.refuseTooLarge(spec, Optional.empty(), partitions, memory);
  }

  private static ClusterMemory local(int tasks, long heap) {
    return new ClusterMemory(heap, heap, tasks, true, 0.6, Long.MAX_VALUE);
  }

  /** Least squares on vectors of these lengths, and an intercept. */
  private static DerivativeSpec spec(HessianForm form, int... lengths) {
    Graph graph = new Graph();
    Map<String, Node> inputs = new LinkedHashMap<>();
    Map<String, Node> parameters = new LinkedHashMap<>();
    parameters.put("b0", graph.parameter("b0", Shape.SCALAR));
    Node z = parameters.get("b0");
    for (int k = 0; k < lengths.length; k++) {
      inputs.put("x" + k, graph.input("x" + k, Shape.of(lengths[k])));
      parameters.put("b" + (k + 1), graph.parameter("b" + (k + 1), Shape.of(lengths[k])));
      Node product = call(graph, "dot", inputs.get("x" + k), parameters.get("b" + (k + 1)));
      z = call(graph, "add", z, product);
    }
    Model model = new Model(graph, inputs, parameters, Map.of(), call(graph, "square", z));
    return new DerivativeSpec(
        model,
        Request.by(List.copyOf(parameters.keySet()))
            .withSums(Request.Global.NONE.withValue().withGradient().withHessian(form)),
        Precision.DOUBLE,
        64L << 20);
  }

  private static DerivativeSpec spec(int length, HessianForm form) {
    return spec(form, length);
  }

  private static Node call(Graph graph, String function, Node... arguments) {
    return FunctionRegistry.call(graph, function, List.of(arguments), OptionalInt.empty());
  }
}
