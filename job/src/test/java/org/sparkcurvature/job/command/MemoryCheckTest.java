package org.sparkcurvature.job.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.sparkcurvature.graph.Graph;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Node;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.errors.ExitCode;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.objective.Derivation;
import org.sparkcurvature.objective.Precision;
import org.sparkcurvature.objective.Request;
import org.sparkcurvature.objective.Request.HessianForm;
import org.sparkcurvature.rules.Vocabulary;

class MemoryCheckTest {

  @Test
  void whatFitsIsNotSpokenOf() {
    assertThatCode(() -> MemoryCheck.refuseTooLarge(derivation(1000, HessianForm.FULL), 1L << 30))
        .doesNotThrowAnyException();
    assertThatCode(
            () -> MemoryCheck.refuseTooLarge(derivation(100_000, HessianForm.DIAGONAL), 1L << 30))
        .doesNotThrowAnyException();
  }

  @Test
  void sumsAreHeldTwiceWhileTheyAreMerged() {
    // 10,001 * 10,002 / 2 elements of two doubles: 763 MiB, twice.
    assertThatThrownBy(
            () -> MemoryCheck.refuseTooLarge(derivation(10_000, HessianForm.FULL), 1L << 30))
        .isInstanceOfSatisfying(
            JobException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.CONFIGURATION))
        .hasMessageContaining("adding up hessian for P = 10,001")
        .hasMessageContaining("takes 1.5 GiB; there are 1.0 GiB")
        .hasMessageContaining("global.hessian = diagonal (312.5 KiB), name less")
        .hasMessageContaining("a heap of 1.9 GiB");
  }

  @Test
  void blocksAreProposedWhereTheyFit() {
    assertThatThrownBy(
            () ->
                MemoryCheck.refuseTooLarge(
                    derivation(HessianForm.FULL, 4000, 4000, 4000), 800L << 20))
        .hasMessageContaining("diagonal (375.0 KiB) or blocks (732.6 MiB), name less");
  }

  @Test
  void longerThanAnyArrayIsRefusedWhateverTheHeap() {
    assertThatThrownBy(
            () -> MemoryCheck.refuseTooLarge(derivation(70_000, HessianForm.FULL), Long.MAX_VALUE))
        .hasMessageContaining("no heap would do");
  }

  /** Least squares on vectors of these lengths, and an intercept. */
  private static Derivation derivation(HessianForm form, int... lengths) {
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
    return new Derivation(
        model,
        new Request(
            List.copyOf(parameters.keySet()),
            new Request.Global(true, true, form, Optional.empty(), false),
            Request.PerSample.NONE),
        Precision.DOUBLE,
        64L << 20);
  }

  private static Derivation derivation(int length, HessianForm form) {
    return derivation(form, length);
  }

  private static Node call(Graph graph, String function, Node... arguments) {
    return Vocabulary.call(graph, function, List.of(arguments), OptionalInt.empty());
  }
}
