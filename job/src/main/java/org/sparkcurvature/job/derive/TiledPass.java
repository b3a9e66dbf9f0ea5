package org.sparkcurvature.job.derive;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.LongAccumulator;
import org.sparkcurvature.job.config.Device;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.reduce.Wire;
import org.sparkcurvature.job.solve.Tiling;
import org.sparkcurvature.job.source.InternalRows;
import org.sparkcurvature.job.source.KeptSamples;
import org.sparkcurvature.job.source.RowName;
import org.sparkcurvature.job.source.SampleBlock;
import org.sparkcurvature.job.source.SampleReader;
import org.sparkcurvature.job.source.Samples;
import org.sparkcurvature.objective.CompensatedSum;
import org.sparkcurvature.objective.Derivation;
import org.sparkcurvature.objective.Engine;
import org.sparkcurvature.objective.NonFiniteException;
import org.sparkcurvature.objective.Request;
import org.sparkcurvature.objective.Sums;
import scala.Tuple2;

/**
 * A Hessian, Gauss-Newton matrix or sum of outer products that no process can hold, as a table of
 * tiles. A task sums one group of tiles over one run of neighbouring partitions; a shuffle brings
 * the sums of each tile together, in the order of the partitions.
 */
public final class TiledPass {

  /**
   * Samples that a task sums over, where there are more: many enough that what it hands on is
   * little beside what it computes.
   */
  private static final long SAMPLES_PER_TASK = 1 << 16;

  /** Tiles that one task puts together and writes into one file: at most 64 MiB. */
  private static final int TILES_PER_FILE = 32;

  /** In place of the number of a run of partitions: what is added once, as it is. */
  private static final int PENALTY = Integer.MAX_VALUE;

  /**
   * The matrix and how it is cut.
   *
   * @param derivation the loss, with one of the three matrices asked for
   * @param kind which
   * @param penalty the penalty with the same matrix, where it has one
   * @param tiling how it is cut
   * @param scale what sums over samples are multiplied with
   */
  public record Matrix(
      Derivation derivation,
      Request.Curvature kind,
      Optional<Derivation> penalty,
      Tiling tiling,
      double scale) {

    /** What the task of a group computes. */
    Derivation group(int group) {
      return parts(derivation, kind, tiling.groups().get(group));
    }
  }

  private TiledPass() {}

  /** One matrix of a derivation, and only these parts of it. */
  public static Derivation parts(
      Derivation whole, Request.Curvature kind, List<Request.Rectangle> parts) {
    Request.Global asked = whole.request().global();
    Request.Global global =
        new Request.Global(
            false,
            false,
            kind == Request.Curvature.HESSIAN ? Request.HessianForm.FULL : Request.HessianForm.NONE,
            kind == Request.Curvature.GGN ? asked.ggn() : Optional.empty(),
            kind == Request.Curvature.OPG,
            0,
            parts);
    return new Derivation(
        whole.model(),
        new Request(whole.request().wrt(), global, Request.PerSample.NONE),
        whole.precision(),
        whole.blockBytes());
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
      KeptSamples samples,
      long count,
      Matrix matrix,
      Map<String, double[]> parameters,
      Device device) {
    Broadcast<Map<String, double[]>> sent = samples.source().broadcast(parameters);
    LongAccumulator engineTime = EngineTime.of(samples.source().spark());
    int groups = matrix.tiling().groups().size();
    int runs = Math.toIntExact(Math.max(1, count / SAMPLES_PER_TASK));
    Tiling tiling = matrix.tiling();
    List<Derivation> derivations =
        Stream.iterate(0, g -> g + 1).limit(groups).map(matrix::group).toList();
    List<Derivation> penalties =
        matrix.penalty().stream()
            .flatMap(
                penalty ->
                    tiling.groups().stream().map(parts -> parts(penalty, matrix.kind(), parts)))
            .toList();
    Request.Curvature kind = matrix.kind();
    JavaPairRDD<Long, byte[]> sums =
        JavaPairRDD.fromJavaRDD(
            samples.run(
                runs,
                groups,
                (run, group, part) -> {
                  List<Cut> cuts = new ArrayList<>();
                  sum(part, derivations.get(group), sent.value(), device, engineTime)
                      .ifPresent(s -> cuts.addAll(cuts(tiling, group, s, run)));
                  if (run == 0 && !penalties.isEmpty()) {
                    double[] none = {};
                    Sums once = PenaltySums.of(penalties.get(group), sent.value(), none);
                    cuts.addAll(cuts(tiling, group, once, PENALTY));
                  }
                  // One after the other: the records of all take as much as the sums.
                  return cuts.stream().map(cut -> cut.record(kind, tiling)).iterator();
                }));
    double scale = matrix.scale();
    JavaRDD<InternalRow> rows =
        sums.repartitionAndSortWithinPartitions(new ByTile(tiling.tiles()))
            .mapPartitions(records -> new Merged(records, tiling, scale, kind));
    return InternalRows.dataset(samples.source().spark(), rows, schema());
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
      Derivation derivation,
      Map<String, double[]> parameters,
      Device device,
      LongAccumulator engineTime) {
    if (samples.isEmpty()) {
      return Optional.empty();
    }
    ComputeDevice.take(device);
    try (Engine engine = derivation.open(parameters)) {
      SampleBlock block = new SampleBlock(engine::input, engine.weights());
      SampleReader reader = samples.weighted(block);
      Sums sums = Sums.zero(derivation);
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

  /** The tiles of one group, summed over one run of partitions, or the penalty's. */
  private static List<Cut> cuts(Tiling tiling, int group, Sums sums, int run) {
    List<Cut> cuts = new ArrayList<>();
    int start = 0;
    for (Request.Rectangle band : tiling.groups().get(group)) {
      for (Request.Rectangle tile : Tiling.tiles(band)) {
        cuts.add(new Cut(sums, run, tile, start + tile.column() - band.column(), band.columns()));
      }
      start += Math.toIntExact(band.size());
    }
    return cuts;
  }

  /**
   * A tile in a group's sums.
   *
   * @param run the run of partitions that was summed, or {@link #PENALTY}
   * @param from where it begins
   * @param stride from one of its rows to the next
   */
  private record Cut(Sums sums, int run, Request.Rectangle tile, int from, int stride) {

    Tuple2<Long, byte[]> record(Request.Curvature kind, Tiling tiling) {
      CompensatedSum sum = sums.curvature(kind, from, tile.rows(), tile.columns(), stride);
      long number = tiling.number(tile.row(), tile.column());
      return new Tuple2<>(number << Integer.SIZE | run, Wire.bytes(sum));
    }
  }

  private static int tile(long key) {
    return (int) (key >> Integer.SIZE);
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
      return tile((Long) key) / TILES_PER_FILE;
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

  /** Adds up the records of each tile, which follow one another. */
  private static final class Merged implements Iterator<InternalRow> {
    private final Iterator<Tuple2<Long, byte[]>> records;
    private final Tiling tiling;
    private final double scale;
    private final Request.Curvature kind;
    private Tuple2<Long, byte[]> first;

    Merged(
        Iterator<Tuple2<Long, byte[]>> records,
        Tiling tiling,
        double scale,
        Request.Curvature kind) {
      this.records = records;
      this.tiling = tiling;
      this.scale = scale;
      this.kind = kind;
      advance();
    }

    private void advance() {
      first = records.hasNext() ? records.next() : null;
    }

    @Override
    public boolean hasNext() {
      return first != null;
    }

    @Override
    public InternalRow next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      int number = tile(first._1());
      Optional<CompensatedSum> sum = Optional.empty();
      Optional<double[]> penalty = Optional.empty();
      for (; first != null && tile(first._1()) == number; advance()) {
        CompensatedSum part = Wire.value(first._2());
        if (first._1().intValue() == PENALTY) {
          penalty = Optional.of(part.values());
        } else if (sum.isPresent()) {
          sum.get().add(part);
        } else {
          sum = Optional.of(part);
        }
      }
      return row(tiling.tile(number), sum.map(CompensatedSum::values).orElseThrow(), penalty);
    }

    private InternalRow row(Request.Rectangle tile, double[] values, Optional<double[]> penalty) {
      for (int k = 0; k < values.length; k++) {
        values[k] = scale * values[k] + (penalty.isPresent() ? penalty.get()[k] : 0);
        if (!Double.isFinite(values[k])) {
          throw Errors.notFinite("the matrix %s summed over rows".formatted(name(kind)), List.of());
        }
      }
      if (tile.row() == tile.column()) {
        // Of the two elements that are equal but for rounding, the upper one.
        for (int i = 1; i < tile.rows(); i++) {
          for (int j = 0; j < i; j++) {
            values[i * tile.columns() + j] = values[j * tile.columns() + i];
          }
        }
      }
      return new GenericInternalRow(
          new Object[] {
            tile.row(),
            tile.column(),
            tile.rows(),
            tile.columns(),
            UnsafeArrayData.fromPrimitiveArray(values)
          });
    }
  }

  /** The name under which a matrix is written. */
  public static String name(Request.Curvature kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }
}
