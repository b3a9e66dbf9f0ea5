package org.sparkcurvature.job.command;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.SparkContext;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.derive.HessianColumns;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.language.CompiledModel;
import org.sparkcurvature.job.sink.ResultFiles;
import org.sparkcurvature.job.source.Source;
import org.sparkcurvature.objective.Derivation;
import org.sparkcurvature.objective.Engine;
import org.sparkcurvature.objective.NonFiniteException;
import org.sparkcurvature.objective.Precision;
import org.sparkcurvature.objective.Request;
import org.sparkcurvature.objective.Sums;

/**
 * What is to be computed, once the shapes of the input tensors are known.
 *
 * @param source the samples, with rows invalid where an index is out of range
 * @param derivation the loss and the derivatives asked of it
 * @param penalty the penalty with the same derivatives, summed over one sample
 * @param shapes every parameter's shape
 * @param values every parameter's elements, row-major
 */
record Derivatives(
    Source source,
    Derivation derivation,
    Optional<Derivation> penalty,
    Map<String, Shape> shapes,
    Map<String, double[]> values) {

  /** The largest P of a Hessian in tiles: 4 GB on disk, and 64 passes over the samples. */
  private static final int LARGEST_TILED = 1 << 15;

  /**
   * Gives the loss its shapes.
   *
   * @throws org.sparkcurvature.job.config.ConfigurationException if shapes do not meet
   * @throws org.sparkcurvature.job.errors.JobException if a parameter does not have the shape of
   *     the tensor that labels it
   */
  static Derivatives of(Assignment assignment, Source source) {
    RunConfiguration configuration = assignment.configuration();
    GivenParameters parameters = GivenParameters.of(configuration, source);
    CompiledModel model =
        assignment.withShapes(
            () -> assignment.loss().compile(source.shapes(), parameters.shapes()));
    Request request = configuration.derive().request();
    Derivation derivation =
        new Derivation(
            model.loss(), request, configuration.precision(), configuration.blockMemoryBytes());
    return new Derivatives(
        source.checkedFor(model.loss()),
        derivation,
        model.penalty().map(penalty -> penalty(penalty, request, configuration)),
        parameters.shapes(),
        parameters.values());
  }

  /**
   * Says beforehand that what is asked for does not fit into memory.
   *
   * @throws org.sparkcurvature.job.errors.JobException with exit code 2 if it does not
   */
  void refuseTooLarge(SparkContext spark) {
    Heaps heaps = Heaps.of(spark);
    if (isTiled(spark)) {
      Derivation columns =
          HessianColumns.derivation(
              derivation, Math.min(ResultFiles.TILE_WIDTH, derivation.layout().length()));
      MemoryCheck.refuseTooLarge(columns, Optional.empty(), source.partitions(), heaps);
    } else {
      MemoryCheck.refuseTooLarge(derivation, penalty, source.partitions(), heaps);
    }
  }

  /**
   * Whether the Hessian is too large for a process, and not so large that to compute it can hardly
   * be meant, so that it is computed in groups of columns. The other matrices are always formed
   * whole.
   */
  boolean isTiled(SparkContext spark) {
    Request.Global global = derivation.request().global();
    if (global.hessian() != Request.HessianForm.FULL
        || global.ggn().isPresent()
        || global.opg()
        || derivation.layout().length() > LARGEST_TILED) {
      return false;
    }
    try {
      MemoryCheck.refuseTooLarge(derivation, penalty, source.partitions(), Heaps.of(spark));
      return false;
    } catch (JobException e) {
      return true;
    }
  }

  /** The same without the Hessian. */
  Derivatives withoutHessian() {
    return new Derivatives(
        source,
        withoutHessian(derivation),
        penalty.map(Derivatives::withoutHessian),
        shapes,
        values);
  }

  private static Derivation withoutHessian(Derivation all) {
    Request.Global global = all.request().global();
    Request request =
        new Request(
            all.request().wrt(),
            new Request.Global(
                global.value(),
                global.gradient(),
                Request.HessianForm.NONE,
                global.ggn(),
                global.opg()),
            all.request().perSample());
    return new Derivation(all.model(), request, all.precision(), all.blockBytes());
  }

  /** The penalty is a loss of parameters alone: its sum over one sample of weight 1 is itself. */
  private static Derivation penalty(
      Model penalty, Request request, RunConfiguration configuration) {
    List<String> parameters =
        request.wrt().stream().filter(penalty.parameters()::containsKey).toList();
    Request.Global global = request.global();
    Request asked =
        new Request(
            // With respect to inputs only the value is summed; some parameter has to be named.
            parameters.isEmpty()
                ? penalty.parameters().keySet().stream().limit(1).toList()
                : parameters,
            new Request.Global(
                global.value(), global.gradient(), global.hessian(), Optional.empty(), false),
            Request.PerSample.NONE);
    return new Derivation(penalty, asked, Precision.DOUBLE, configuration.blockMemoryBytes());
  }

  /**
   * Computes the penalty's value, gradient and Hessian.
   *
   * @throws org.sparkcurvature.job.errors.JobException with exit code 4 if they are not finite
   */
  Optional<Sums> penaltySums() {
    return penalty
        .filter(asked -> !asked.request().global().equals(Request.Global.NONE))
        .map(
            asked -> {
              try (Engine engine = asked.open(values)) {
                Sums sums = Sums.zero(asked);
                engine.weights()[0] = 1;
                engine.evaluate(1);
                engine.addTo(sums);
                return sums;
              } catch (NonFiniteException e) {
                throw Errors.notFinite(e.where() + " (curvature.model.penalty)", List.of());
              }
            });
  }
}
