package org.sparkcurvature.job.derive;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.LongAccumulator;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Engine;
import org.sparkcurvature.engine.NonFiniteException;
import org.sparkcurvature.engine.Request;
import org.sparkcurvature.engine.Sums;
import org.sparkcurvature.job.config.Device;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.solve.Tiling;
import org.sparkcurvature.job.source.CachedSamples;
import org.sparkcurvature.job.source.InternalRows;
import org.sparkcurvature.job.source.RowName;
import org.sparkcurvature.job.source.SampleBlock;
import org.sparkcurvature.job.source.SampleReader;
import org.sparkcurvature.job.source.Samples;
import scala.Tuple2;

/**
 * A Hessian, Gauss-Newton matrix or sum of outer products that no process can hold, as a table of
 * tiles. A task sums one group of tiles over one run of neighbouring partitions; where there are
 * several runs, a shuffle brings the sums of each tile together, in the order of the runs.
 */
public final class TiledPass {

  /**
   * Samples that a task sums over, where there are more: many enough that what it hands on is
   * little beside what it computes.
   */
  private static final long SAMPLES_PER_TASK = 1 << 16;

  /** Tiles that one task puts together and writes into one file: at most 64 MiB. */
  private static final int TILES_PER_FILE = 32;

  /**
   * The matrix and how it is cut.
   *
   * @param spec the loss, with one of the three matrices asked for
   * @param kind which
   * @param penalty the penalty with the same matrix, where it has one
   * @param tiling how it is cut
   * @param scale what sums over samples are multiplied with
   */
  public record Matrix(
      DerivativeSpec spec,
      Request.Curvature kind,
      Optional<DerivativeSpec> penalty,
      Tiling tiling,
      double scale) {}

  private TiledPass() {}

  /** One matrix of a specification, and only these parts of it. */
  public static DerivativeSpec parts(
      DerivativeSpec whole, Request.Curvature kind, List<Request.Rectangle> parts) {
    Request.Global asked = whole.request().global();
    Request.Global global =
        Request.Global.NONE
            .withHessian(
                kind == Request.Curvature.HESSIAN
                    ? Request.HessianForm.FULL
                    : Request.HessianForm.NONE)
            .withGgn(kind == Request.Curvature.GGN ? asked.ggn() : Optional.empty())
            .withOpg(kind == Request.Curvature.OPG)
            .withParts(parts);
    return whole.with(Request.by(whole.request().wrt()).withSums(global));
  }

  /**
   * The tiles: {@code row, col} (the first), {@code rows, cols} (how many) and {@code values},
   * row-major; those on the diagonal whole. Nothing runs before the table is read or written.
   *
   * <p>Reading it ends with a {@link org.sparkcurvature.job.errors.JobException} inside Spark's own
   * exception, which {@link org.sparkcurvature.job.errors.Failures#translate} takes out: with exit
   * code 4 if an element is not finite.
   *
   * @param samples a pass has been made over them, so that they are known to be valid
   * @param count how many they are
   * @param parameters every parameter's elements, row-major
   * @param device what to compute on
   */
  public static Dataset<Row> dataset(
      CachedSamples samples,
      long count,
      Matrix matrix,
      Map<String, double[]> parameters,
      Device device) {
    Broadcast<Map<String, double[]>> sent = samples.source().broadcast(parameters);
    LongAccumulator engineTime = EngineTime.of(samples.source().spark());
    Tiling tiling = matrix.tiling();
    Request.Curvature kind = matrix.kind();
    double scale = matrix.scale();
    List<DerivativeSpec> groups = groups(matrix.spec(), matrix);
    List<DerivativeSpec> penalties =
        matrix.penalty().map(penalty -> groups(penalty, matrix)).orElse(List.of());
    CachedSamples.GroupTask<GroupSums> task =
        (run, group, part) ->
            List.of(
                    new GroupSums(
                        kind,
                        tiling,
                        group,
                        sum(part, groups.get(group), sent.value(), device, engineTime),
                        run > 0 || penalties.isEmpty()
                            ? Optional.empty()
                            : Optional.of(
                                PenaltySums.of(penalties.get(group), sent.value(), new double[0]))))
                .iterator();
    int runs = Math.toIntExact(runs(count));
    JavaRDD<InternalRow> rows;
    if (runs == 1) {
      rows =
          samples.run(
              1,
              groups.size(),
              (run, group, part) -> task.run(run, group, part).next().rows(scale));
    } else {
      JavaRDD<Tuple2<Long, byte[]>> records =
          samples.run(
              runs,
              groups.size(),
              (run, group, part) -> task.run(run, group, part).next().records(run));
      rows =
          JavaPairRDD.fromJavaRDD(records)
              .repartitionAndSortWithinPartitions(new ByTile(tiling.tiles()))
              .mapPartitions(handedOn -> GroupSums.merged(handedOn, kind, tiling, scale));
    }
    return InternalRows.dataset(samples.source().spark(), rows, schema());
  }

  /** Runs of partitions, of which each has tasks of its own. */
  private static long runs(long count) {
    return Math.max(1, count / SAMPLES_PER_TASK);
  }

  /**
   * Bytes that tasks hand on by way of disks: two doubles for each element, of each run.
   *
   * @param order P
   * @param count how many samples there are
   * @param partitions how many they lie in: there are no more runs
   */
  public static long handedOn(int order, long count, int partitions) {
    long runs = Math.min(runs(count), partitions);
    return runs == 1 ? 0 : 2 * Double.BYTES * Tiling.elements(order) * runs;
  }

  /** What the task of each group computes. */
  private static List<DerivativeSpec> groups(DerivativeSpec whole, Matrix matrix) {
    return matrix.tiling().groups().stream()
        .map(parts -> parts(whole, matrix.kind(), parts))
        .toList();
  }

  private static StructType schema() {
    StructType schema = new StructType();
    for (String name : List.of("row", "col", "rows", "cols")) {
      schema = schema.add(name, DataTypes.IntegerType, false);
    }
    return schema.add("values", DataTypes.createArrayType(DataTypes.DoubleType, false), false);
  }

  /** The sums of one group over one run of partitions; none where those are empty. */
  private static Optional<Sums> sum(
      Samples.Partition samples,
      DerivativeSpec spec,
      Map<String, double[]> parameters,
      Device device,
      LongAccumulator engineTime) {
    if (samples.isEmpty()) {
      return Optional.empty();
    }
    ComputeDevice.take(device);
    try (Engine engine = spec.open(parameters)) {
      SampleBlock block = new SampleBlock(engine::input, engine.weights(), engine::supply);
      SampleReader reader = samples.weighted(block);
      Sums sums = Sums.zero(spec);
      for (int n = reader.fill(0, block.capacity()); n > 0; n = reader.fill(0, block.capacity())) {
        long begin = System.nanoTime();
        evaluate(engine, n, block);
        engine.addTo(sums);
        engineTime.add(System.nanoTime() - begin);
      }
      return Optional.of(sums);
    }
  }

  private static void evaluate(Engine engine, int samples, SampleBlock block) {
    try {
      engine.evaluate(samples);
    } catch (NonFiniteException e) {
      throw Errors.notFinite(
          e.where(),
          block.numbers(e.rows()).stream().map(row -> new RowName(row, "").toString()).toList());
    }
  }

  /** Neighbouring tiles go to one partition. */
  private static final class ByTile extends Partitioner {
    private static final long serialVersionUID = 1L;

    private final int tiles;

    ByTile(int tiles) {
      this.tiles = tiles;
    }

    @Override
    public int numPartitions() {
      return (tiles + TILES_PER_FILE - 1) / TILES_PER_FILE;
    }

    @Override
    public int getPartition(Object key) {
      return GroupSums.tile((Long) key) / TILES_PER_FILE;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof ByTile byTile && byTile.tiles == tiles;
    }

    @Override
    public int hashCode() {
      return tiles;
    }
  }

  /** The name under which a matrix is written. */
  public static String name(Request.Curvature kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }
}
