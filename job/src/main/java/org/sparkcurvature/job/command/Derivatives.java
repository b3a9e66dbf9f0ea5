package org.sparkcurvature.job.command;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Precision;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.engine.Sums;
import org.sparkcurvature.graph.ExpressionException;
import org.sparkcurvature.graph.Model;
import org.sparkcurvature.graph.Shape;
import org.sparkcurvature.job.config.RunConfiguration;
import org.sparkcurvature.job.derive.PenaltySums;
import org.sparkcurvature.job.derive.TiledPass;
import org.sparkcurvature.job.errors.JobException;
import org.sparkcurvature.job.language.CompiledModel;
import org.sparkcurvature.job.sink.ResultFiles;
import org.sparkcurvature.job.solve.Tiling;
import org.sparkcurvature.job.source.Source;

/**
 * What is to be computed, once the shapes of the input tensors are known.
 *
 * @param source the samples, with rows invalid where an index is out of range
 * @param spec the loss and the derivatives asked of it
 * @param penalty the penalty with the same derivatives, summed over one sample
 * @param shapes every parameter's shape
 * @param values every parameter's elements, row-major
 */
record Derivatives(
    Source source,
    DerivativeSpec spec,
    Optional<DerivativeSpec> penalty,
    Map<String, Shape> shapes,
    Map<String, double[]> values) {

  /** The largest P of a matrix in tiles: 69 GB on disk. */
  private static final int LARGEST_TILED = 1 << 17;

  /**
   * Gives the loss its shapes.
   *
   * @throws org.sparkcurvature.job.config.ConfigurationException if shapes do not meet
   * @throws org.sparkcurvature.job.errors.JobException if a parameter does not have the shape of
   *     the tensor that labels it
   */
  static Derivatives of(ParsedJob parsedJob, Source source) {
    RunConfiguration configuration = parsedJob.configuration();
    GivenParameters parameters = GivenParameters.of(configuration, source);
    CompiledModel model =
        parsedJob.withShapes(() -> parsedJob.loss().compile(source.shapes(), parameters.shapes()));
    Request request = configuration.derive().request();
    DerivativeSpec spec =
        new DerivativeSpec(
            model.loss(), request, configuration.precision(), configuration.blockMemoryBytes());
    return new Derivatives(
        samples(source.checkedFor(model.loss(), request.perSample().named()), request),
        spec,
        model.penalty().map(penalty -> penalty(penalty, request, configuration)),
        parameters.shapes(),
        parameters.values());
  }

  /** Sums and results by row are to be of the same rows. */
  private static Source samples(Source source, Request request) {
    return request.perSample().equals(Request.PerSample.NONE) ? source : source.comparingPasses();
  }

  /**
   * Compares what is asked for with the memory there is.
   *
   * @return whether its matrices are to be computed in tiles: they fit into no process, or have no
   *     other form, and there are fewer sums to hand on than whole ones for each partition
   * @throws org.sparkcurvature.job.errors.JobException with exit code 2 if tiles do not help
   */
  boolean needTiles(ClusterMemory memory) {
    boolean noOtherForm = spec.layout().length() > ResultFiles.LARGEST_SQUARE;
    if (noOtherForm && canBeTiled() && doTilesFit(memory)) {
      return true;
    }
    Optional<JobException> tooLarge =
        MemoryCheck.tooLarge(spec, penalty, source.partitions(), memory);
    if (tooLarge.isPresent() && (noOtherForm || !canBeTiled() || !doTilesFit(memory))) {
      throw tooLarge.get();
    }
    return tooLarge.isPresent();
  }

  /**
   * Whether a task can compute a group of tiles. It cannot where a parameter enters in such a way
   * that its whole second derivative is made before tiles are cut from it.
   */
  private boolean doTilesFit(ClusterMemory memory) {
    Tiling tiling = TiledMatrices.tiling(this, memory);
    try {
      return TiledMatrices.kinds(this).stream()
          .map(kind -> TiledPass.parts(spec, kind, tiling.groups().get(0)))
          .allMatch(group -> MemoryCheck.fitsBlock(group, source.partitions(), memory));
    } catch (ExpressionException e) {
      return false; // a shape that no array can have
    }
  }

  /** Bytes of the tiles, diagonal ones whole. */
  long bytesOfTiles() {
    long p = spec.layout().length();
    return (long) TiledMatrices.kinds(this).size() * Double.BYTES * (p * (p + 1) / 2);
  }

  /** Bytes that tasks hand on by way of disks. */
  long handedOn(boolean tiled) {
    return tiled ? TiledMatrices.handedOn(this) : DiskCheck.handedOn(spec, source.partitions());
  }

  /**
   * Whether what is asked for are whole matrices, and not so large that to compute them can hardly
   * be meant.
   */
  private boolean canBeTiled() {
    Request.Global global = spec.request().global();
    boolean whole =
        global.hessian() == Request.HessianForm.FULL
            || global.hessian() == Request.HessianForm.NONE
                && (global.ggn().isPresent() || global.opg());
    return whole && spec.layout().length() <= LARGEST_TILED;
  }

  /** The same with this much of the Hessian, and without other matrices. */
  Derivatives with(Request.HessianForm form) {
    return new Derivatives(
        source, with(spec, form), penalty.map(asked -> with(asked, form)), shapes, values);
  }

  private static DerivativeSpec with(DerivativeSpec all, Request.HessianForm form) {
    Request.Global global = all.request().global();
    return all.with(
        all.request()
            .withSums(
                Request.Global.NONE
                    .withValue(global.value())
                    .withGradient(global.gradient())
                    .withHessian(form)));
  }

  /** The penalty is a loss of parameters alone: its sum over one sample of weight 1 is itself. */
  private static DerivativeSpec penalty(
      Model penalty, Request request, RunConfiguration configuration) {
    List<String> parameters =
        request.wrt().stream().filter(penalty.parameters()::containsKey).toList();
    Request.Global global = request.global();
    Request asked =
        // With respect to inputs only the value is summed; some parameter has to be named.
        Request.by(
                parameters.isEmpty()
                    ? penalty.parameters().keySet().stream().limit(1).toList()
                    : parameters)
            .withSums(
                Request.Global.NONE
                    .withValue(global.value())
                    .withGradient(global.gradient())
                    .withHessian(global.hessian()));
    return new DerivativeSpec(penalty, asked, Precision.DOUBLE, configuration.blockMemoryBytes());
  }

  /**
   * Computes the penalty's value, gradient and Hessian.
   *
   * @throws org.sparkcurvature.job.errors.JobException with exit code 4 if they are not finite
   */
  Optional<Sums> penaltySums() {
    return penalty
        .filter(asked -> !asked.request().global().equals(Request.Global.NONE))
        .map(asked -> PenaltySums.of(asked, values, new double[0]));
  }
}
