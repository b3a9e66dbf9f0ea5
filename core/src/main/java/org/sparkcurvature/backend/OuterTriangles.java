package org.sparkcurvature.backend;

import java.util.List;
import java.util.Optional;
import org.sparkcurvature.plan.steps.Accumulate;
import org.sparkcurvature.plan.steps.Buffer;
import org.sparkcurvature.plan.steps.StridedOperand;
import org.sparkcurvature.plan.steps.Triangle;

/** The upper triangle of scale x x' added for each sample, by a call of BLAS each. */
final class OuterTriangles implements Kernel {
  /** Below this order a call costs more than the products do. */
  private static final int WORTH_A_CALL = 8;

  private static final List<Integer> DOWN = List.of(1, 0);
  private static final List<Integer> ALONG = List.of(0, 1);
  private static final List<Integer> NOWHERE = List.of(0, 0);

  private final Triangle step;
  private final Buffer x;
  private final List<Buffer> scales;
  private final Memory memory;
  private final Blas blas;

  private OuterTriangles(Triangle step, Buffer x, List<Buffer> scales, Memory memory) {
    this.step = step;
    this.x = x;
    this.scales = scales;
    this.memory = memory;
    this.blas = Blas.on(memory.of(x), memory.of(x), memory.of(step.out()));
  }

  /** A kernel for such a step, where it is large enough, in memory that BLAS reaches. */
  static Optional<Kernel> of(Triangle step, Memory memory) {
    List<Buffer> down = strided(step, DOWN);
    List<Buffer> along = strided(step, ALONG);
    List<Buffer> scales = strided(step, NOWHERE);
    boolean outer =
        down.size() == 1 && down.equals(along) && scales.size() == step.factors().size() - 2;
    return outer
            && step.into() == Accumulate.ADD
            && step.out().sampled()
            && step.order() >= WORTH_A_CALL
            && memory.isInReach(step.out())
        ? Optional.of(new OuterTriangles(step, down.get(0), scales, memory))
        : Optional.empty();
  }

  private static List<Buffer> strided(Triangle step, List<Integer> strides) {
    return step.factors().stream()
        .filter(operand -> operand.outStrides().equals(strides))
        .map(StridedOperand::buffer)
        .toList();
  }

  @Override
  public void run(int rows) {
    memory.of(x).beforeProduct();
    long base = memory.of(x).base();
    long size = x.sampled() ? x.size() : 0;
    long outBase = memory.of(step.out()).base();
    for (int sample = 0; sample < rows; sample++) {
      double scale = step.coefficient();
      for (int k = 0; k < scales.size(); k++) {
        Buffer buffer = scales.get(k);
        scale *= memory.of(buffer).at(buffer.sampled() ? sample : 0);
      }
      blas.addOuter(
          step.order(), scale, base + sample * size, outBase + (long) sample * step.out().size());
    }
    memory.of(step.out()).afterProduct();
  }
}
