package org.sparkcurvature.plan.steps;

import org.sparkcurvature.ops.Lines;

/**
 * What kernels cost, roughly, in nanoseconds of one core: enough to choose between plans, and
 * measured by {@code deploy/bench kernels}.
 */
public final class Costs {
  /** The size of a block for which costs are compared. */
  public static final int TYPICAL_ROWS = 1024;

  /** A multiply-add of a large matrix product. */
  public static final double IN_MATRIX_PRODUCT = 0.05;

  /** A multiply-add of a small product of each sample. */
  public static final double IN_SMALL_PRODUCT = 0.5;

  /** The same where a sample's matrices are large enough for a call of BLAS. */
  private static final double BY_A_CALL = 0.1;

  /** From this many operations of a sample on they are. */
  private static final double MATRICES = 512;

  /** An element read or written by a pass over memory. */
  public static final double PASS = 0.5;

  /** An element that is moved to another place, or walked along. */
  public static final double MOVE = 1.5;

  /** Beginning a step. */
  private static final double CALL = 100;

  /** An elementwise function. */
  private static final double FUNCTION = 4;

  private Costs() {}

  /** What a step costs for a block of this many samples. */
  public static double nanoseconds(Step step, long rows) {
    double operations = step.operations(rows);
    Buffer out = step.out();
    double written = (double) out.size() * (out.sampled() ? rows : 1);
    return price(step) * operations + passes(step) * written;
  }

  /** What a step costs for every strip of samples, whatever their number. */
  public static double perStrip(Step step) {
    double once = CALL;
    if (step instanceof SharedProduct shared) {
      once += PASS * shared.right().size();
    }
    return once + (step.out().sampled() ? 0 : PASS * step.out().size());
  }

  /** Of an operation. */
  private static double price(Step step) {
    if (step instanceof Product) {
      return step.isOnHost() || step.operations(1) < MATRICES ? IN_SMALL_PRODUCT : BY_A_CALL;
    }
    if (step instanceof Lanes lanes) {
      return lanes.function().isArithmetic() ? PASS : FUNCTION;
    }
    if (step instanceof WeightedGram) {
      return BY_A_CALL;
    }
    if (step instanceof ScatterAdd) {
      return MOVE;
    }
    if (step instanceof FusedDerivatives fused) {
      return FUNCTION / fused.members().size() + PASS;
    }
    if (step instanceof OfMatrices) {
      return IN_SMALL_PRODUCT;
    }
    if (step instanceof OfLines lines) {
      return lines.function().result() == Lines.Part.SQUARE ? PASS : FUNCTION;
    }
    return step instanceof Triangle ? PASS : IN_MATRIX_PRODUCT;
  }

  /** Of an element of the result, apart from computing it. */
  public static double passes(Step step) {
    return step instanceof Rearrange || step instanceof Along ? MOVE : PASS;
  }
}
