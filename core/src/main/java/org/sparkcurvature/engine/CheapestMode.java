package org.sparkcurvature.engine;

import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import org.sparkcurvature.diff.Differentiator;
import org.sparkcurvature.plan.PlannedSteps;

/** Whether second derivatives of a specification are taken in forward or in reverse mode. */
final class CheapestMode {
  /** Up to this length of wrt Jacobians carried forward are considered. */
  private static final int NARROW = 256;

  /** From this many nodes on both modes are planned at once. */
  private static final int LONG = 2000;

  private CheapestMode() {}

  /** A specification planned in one mode. */
  private record Candidate(SpecNodes nodes, PlannedSteps steps) {
    static Candidate in(Differentiator.Mode mode, DerivativeSpec spec) {
      SpecNodes nodes = new SpecNodes(spec, mode);
      return new Candidate(nodes, nodes.steps());
    }

    CompiledSpec compiled() {
      return new CompiledSpec(nodes, steps);
    }
  }

  /**
   * A specification in the mode that costs least: where wrt is narrow, Jacobians carried forward
   * may cost less than second derivatives pulled back.
   *
   * @throws org.sparkcurvature.graph.ExpressionException if it cannot be computed
   */
  static CompiledSpec of(DerivativeSpec spec) {
    if (!spec.request().second() || spec.layout().length() > NARROW) {
      return in(Differentiator.Mode.REVERSE, spec);
    }
    // Each copies the loss and takes seconds where that is long; they share nothing.
    boolean isLong = spec.model().graph().nodes().size() > LONG;
    Executor executor = isLong ? CheapestMode::onThreadOfItsOwn : Runnable::run;
    FutureTask<Candidate> forward =
        new FutureTask<>(() -> Candidate.in(Differentiator.Mode.FORWARD, spec));
    executor.execute(forward);
    Candidate pulled = Candidate.in(Differentiator.Mode.REVERSE, spec);
    Candidate pushed = result(forward);
    return (pushed.steps().nanoseconds() < pulled.steps().nanoseconds() ? pushed : pulled)
        .compiled();
  }

  /** A specification in this mode, whatever it costs. */
  static CompiledSpec in(Differentiator.Mode mode, DerivativeSpec spec) {
    return Candidate.in(mode, spec).compiled();
  }

  /** Not on a pool: a caller on a thread of the same pool would wait for itself. */
  private static void onThreadOfItsOwn(Runnable task) {
    Thread thread = new Thread(task, "planning");
    thread.setDaemon(true);
    thread.start();
  }

  private static Candidate result(FutureTask<Candidate> task) {
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
