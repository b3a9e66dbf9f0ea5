package org.sparkcurvature.engine;

import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.FutureTask;
import org.sparkcurvature.diff.Differentiator;

/** Which of the ways to second derivatives a derivation takes. */
final class CheapestWay {
  /** Up to this length of wrt Jacobians carried forward are considered. */
  private static final int NARROW = 256;

  /** From so many nodes on both ways are worked out at once. */
  private static final int LONG = 2000;

  private CheapestWay() {}

  /**
   * The cheapest of the ways to compute a derivation: where wrt is narrow, Jacobians carried
   * forward may cost less than second derivatives pulled back.
   *
   * @throws org.sparkcurvature.graph.ExpressionException if it cannot be computed
   */
  static Derivative of(DerivativeSpec derivation) {
    if (!derivation.request().second() || derivation.layout().length() > NARROW) {
      return Derivative.of(derivation, Differentiator.Way.REVERSE);
    }
    // Each copies the loss and takes seconds where that is long; they share nothing.
    boolean isLong = derivation.model().graph().nodes().size() > LONG;
    Executor executor = isLong ? ForkJoinPool.commonPool() : Runnable::run;
    FutureTask<Derivative> forward =
        new FutureTask<>(() -> new Derivative(derivation, Differentiator.Way.FORWARD));
    executor.execute(forward);
    Derivative pulled = new Derivative(derivation, Differentiator.Way.REVERSE);
    Derivative pushed = result(forward);
    return (pushed.nanoseconds() < pulled.nanoseconds() ? pushed : pulled).planned();
  }

  private static Derivative result(FutureTask<Derivative> task) {
    try {
      return task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("planning was interrupted");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException known) {
        throw known;
      }
      if (e.getCause() instanceof Error known) {
        throw known;
      }
      throw new IllegalStateException(e.getCause());
    }
  }
}
