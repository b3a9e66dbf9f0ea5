package org.sparkcurvature.job.infer;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.broadcast.Broadcast;
import org.sparkcurvature.engine.DerivativeSpec;
import org.sparkcurvature.engine.Engine;
import org.sparkcurvature.job.config.Device;
import org.sparkcurvature.job.config.NullGroups;
import org.sparkcurvature.job.derive.SamplePass;
import org.sparkcurvature.job.errors.Errors;
import org.sparkcurvature.job.errors.Failures;
import org.sparkcurvature.job.reduce.Wire;
import org.sparkcurvature.job.solve.SymmetricMatrix;
import org.sparkcurvature.job.source.RowSamples;
import org.sparkcurvature.job.source.SampleBlock;
import scala.Tuple2;

/**
 * Gradients, or their products with vectors, added up within groups, and the outer products of
 * these sums added up over groups: the meat of a clustered covariance. With several columns, for
 * every non-empty set of them, as the inclusion and exclusion of several ways of clustering takes
 * (Cameron, Gelbach and Miller 2011).
 */
public final class GroupedScores {
  /** Bytes of sums that a task holds before it hands them on. */
  private static final long HELD_BYTES = 64L << 20;

  private static final int MOST_PARTITIONS = 64;
  private static final String VECTORS = "vectors";

  private GroupedScores() {}

  /**
   * What one set of columns gives.
   *
   * @param columns bit k is set where the k-th column is one of them
   * @param groups how many groups there are
   * @param meat sum over groups of s s', s the sum of weighted gradients within the group
   */
  public record Way(int columns, long groups, SymmetricMatrix meat) {}

  /** Sums of a task. */
  private record Meat(long[] groups, double[][] packed) implements Serializable {}

  /**
   * Passes over the samples.
   *
   * @param samples with the columns by which they are grouped
   * @param spec per-sample gradients, or the loss's products with vectors
   * @param vectors what gradients are multiplied with, one vector of length P after the other; none
   *     for the gradients themselves
   * @param parameters every parameter's elements
   * @param device what to compute on
   * @param scale what sums are multiplied by: a power of two that keeps their squares in the range
   *     of double
   * @param columns how many columns samples are grouped by, at least 1
   * @param leverages by which the sums of groups are corrected, of gradients alone
   * @throws org.sparkcurvature.job.errors.JobException with exit code 3 if a group is null where
   *     these are refused; otherwise as a global pass
   */
  public static List<Way> of(
      RowSamples samples,
      DerivativeSpec spec,
      double[] vectors,
      Map<String, double[]> parameters,
      Device device,
      double scale,
      int columns,
      NullGroups nulls,
      Optional<ClusterLeverages> leverages) {
    int p = vectors.length == 0 ? spec.layout().length() : vectors.length / spec.layout().length();
    Broadcast<Map<String, double[]>> sent = samples.source().broadcast(Map.of(VECTORS, vectors));
    int ways = (1 << columns) - 1;
    ClusterLeverages adjusting = leverages.orElse(null); // travels to the tasks
    JavaPairRDD<GroupKey, double[]> scores =
        JavaPairRDD.fromJavaRDD(
            SamplePass.run(
                samples,
                spec,
                parameters,
                device,
                partition -> new Adding(sent, partition, p, scale, columns, nulls, adjusting)));
    GroupKey.ByGroup byGroup =
        new GroupKey.ByGroup(Math.max(1, Math.min(MOST_PARTITIONS, samples.source().partitions())));
    List<Meat> meats =
        Failures.translate(
            () ->
                Wire.collect(
                    scores
                        .repartitionAndSortWithinPartitions(byGroup)
                        .mapPartitions(
                            sums -> List.of(meat(sums, ways, p, adjusting)).iterator())));
    Meat whole = new Meat(new long[ways], new double[ways][packedLength(p)]);
    for (Meat meat : meats) {
      for (int way = 0; way < ways; way++) {
        whole.groups()[way] += meat.groups()[way];
        for (int k = 0; k < whole.packed()[way].length; k++) {
          whole.packed()[way][k] += meat.packed()[way][k];
        }
      }
    }
    List<Way> result = new ArrayList<>();
    for (int way = 0; way < ways; way++) {
      result.add(
          new Way(way + 1, whole.groups()[way], SymmetricMatrix.ofPacked(p, whole.packed()[way])));
    }
    return result;
  }

  private static int packedLength(int p) {
    return Math.toIntExact(SymmetricMatrix.packedLength(p));
  }

  /** Outer products of the groups of one partition, whose parts come one after the other. */
  private static Meat meat(
      Iterator<Tuple2<GroupKey, double[]>> sums, int ways, int p, ClusterLeverages adjusting) {
    Meat meat = new Meat(new long[ways], new double[ways][packedLength(p)]);
    GroupKey key = null;
    int width = adjusting == null ? p : adjusting.width();
    double[] sum = new double[width];
    while (sums.hasNext()) {
      Tuple2<GroupKey, double[]> next = sums.next();
      if (key == null || !key.isSameGroup(next._1())) {
        add(meat, key, sum, adjusting);
        key = next._1();
        sum = new double[width];
      }
      for (int k = 0; k < width; k++) {
        sum[k] += next._2()[k];
      }
    }
    add(meat, key, sum, adjusting);
    return meat;
  }

  private static void add(Meat meat, GroupKey key, double[] summed, ClusterLeverages adjusting) {
    if (key == null) {
      return;
    }
    double[] sum = adjusting == null ? summed : adjusting.score(summed);
    meat.groups()[key.way()]++;
    SymmetricMatrix.addOuter(meat.packed()[key.way()], 0, sum, 0, sum.length, 1, 1);
  }

  /** Adds up the gradients of one partition by group. */
  private static final class Adding implements SamplePass.Task<Tuple2<GroupKey, double[]>> {
    private final Broadcast<Map<String, double[]>> sent;
    private final int partition;
    private final int p;
    private final double scale;
    private final int columns;
    private final NullGroups nulls;
    private final ClusterLeverages adjusting;
    private final int width;
    private final Map<Integer, Map<String, double[]>> sums = new LinkedHashMap<>();
    private int parts;

    Adding(
        Broadcast<Map<String, double[]>> sent,
        int partition,
        int p,
        double scale,
        int columns,
        NullGroups nulls,
        ClusterLeverages adjusting) {
      this.adjusting = adjusting;
      this.width = adjusting == null ? p : adjusting.width();
      this.scale = scale;
      this.sent = sent;
      this.partition = partition;
      this.p = p;
      this.columns = columns;
      this.nulls = nulls;
    }

    @Override
    public void begin(Engine engine) {
      double[] vectors = sent.value().get(VECTORS);
      if (vectors.length > 0) {
        engine.setVectors(vectors);
      }
    }

    @Override
    public Iterator<Tuple2<GroupKey, double[]>> block(Engine results, SampleBlock block, int rows) {
      boolean multiplied = sent.value().get(VECTORS).length > 0;
      double[] gradients = results.column(multiplied ? ScoreProducts.COLUMN : "gradient");
      for (int row = 0; row < rows; row++) {
        double weight = block.weights()[row];
        if (weight == 0) {
          continue;
        }
        String[] values = values(block, row);
        for (int way = 0; way < (1 << columns) - 1; way++) {
          double[] sum =
              sums.computeIfAbsent(way, w -> new LinkedHashMap<>())
                  .computeIfAbsent(group(values, way + 1), g -> new double[width]);
          for (int k = 0; k < p; k++) {
            sum[k] += scale * weight * gradients[row * p + k];
          }
          if (adjusting != null) {
            adjusting.add(results, block, row, weight, sum);
          }
        }
      }
      long held = sums.values().stream().mapToLong(Map::size).sum() * width * Double.BYTES;
      return held > HELD_BYTES ? end() : Collections.emptyIterator();
    }

    private String[] values(SampleBlock block, int row) {
      Object[] kept = block.kept(row);
      String[] values = new String[columns];
      for (int c = 0; c < columns; c++) {
        Object value = kept[kept.length - columns + c];
        if (value == null && nulls == NullGroups.FAIL) {
          throw Errors.nullGroup(block.number(row));
        }
        values[c] = value == null ? "" : "=" + value;
      }
      return values;
    }

    /** The values of a set of columns; with their lengths, so that no two sets look alike. */
    private static String group(String[] values, int set) {
      StringBuilder group = new StringBuilder();
      for (int c = 0; c < values.length; c++) {
        if ((set & 1 << c) != 0) {
          group.append(values[c].length()).append(values[c]);
        }
      }
      return group.toString();
    }

    @Override
    public Iterator<Tuple2<GroupKey, double[]>> end() {
      List<Tuple2<GroupKey, double[]>> all = new ArrayList<>();
      int part = parts++;
      sums.forEach(
          (way, groups) ->
              groups.forEach(
                  (group, sum) ->
                      all.add(new Tuple2<>(new GroupKey(way, group, partition, part), sum))));
      sums.clear();
      return all.iterator();
    }
  }
}
